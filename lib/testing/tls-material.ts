import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkDirectory } from "./check-options.ts";
import { runProgram } from "./run-program.ts";

/**
 * The files of one side of a TLS connection, as PEM. They go as they are into the `tls` option of a client, and into
 * the one of a sandbox or a cluster.
 */
export interface TlsFiles {
  /** Certificate of the authority that this side trusts. */
  readonly caFile: string;
  /** This side's certificate. */
  readonly certFile: string;
  /** The private key of `certFile`. */
  readonly keyFile: string;
}

/** Certificates for tests of what must work and what must not, from {@link makeTlsMaterial}. */
export interface TlsMaterial {
  /** For a server on this machine: it names localhost, 127.0.0.1 and ::1. */
  readonly server: TlsFiles;
  /** For a client, or a server as ovs-pki(8) would equip it: it names no host. */
  readonly client: TlsFiles;
  /** As `server`, but not valid any more since the year 2021. */
  readonly expired: TlsFiles;
  /** As `server`, but not valid before the year 2090. */
  readonly notYetValid: TlsFiles;
  /** As `server`, but all of another authority: it neither trusts the ones above nor is trusted by them. */
  readonly stranger: TlsFiles;
}

const ellipticCurve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] as const;
const localNames = "DNS:localhost,IP:127.0.0.1,IP:::1";

const now: readonly string[] = ["-days", "2"];
const past: readonly string[] = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
const future: readonly string[] = ["-startdate", "20900101000000Z", "-enddate", "20910101000000Z"];

/**
 * Makes two authorities and the certificates of {@link TlsMaterial}, in the folder "tls" of a directory. With elliptic
 * curves, since RSA keys take their time; valid for two days.
 *
 * @throws MissingProgramsError without openssl, SandboxError without the directory, UsageError for what is no path.
 */
export async function makeTlsMaterial(directory: string): Promise<TlsMaterial> {
  checkDirectory("directory", directory);
  const folder = join(directory, "tls");
  mkdirSync(folder, { mode: 0o700 });
  const ours = join(folder, "ca");
  const other = join(folder, "other-ca");
  await Promise.all([makeAuthority(ours), makeAuthority(other)]);
  const [server, client, expired, notYetValid, stranger] = await Promise.all([
    makeCertificate(ours, join(folder, "server"), { names: localNames }),
    makeCertificate(ours, join(folder, "client"), {}),
    makeCertificate(ours, join(folder, "expired"), { names: localNames, valid: past }),
    makeCertificate(ours, join(folder, "not-yet-valid"), { names: localNames, valid: future }),
    makeCertificate(other, join(folder, "stranger"), { names: localNames }),
  ]);
  return { server, client, expired, notYetValid, stranger };
}

/**
 * Makes one authority and one certificate of it that names no host, in the folder "tls" of a directory: for a cluster
 * whose members and clients all use the same.
 *
 * @throws MissingProgramsError without openssl.
 */
export async function makeSharedTlsFiles(directory: string): Promise<TlsFiles> {
  const folder = join(directory, "tls");
  mkdirSync(folder, { mode: 0o700 });
  const authority = join(folder, "ca");
  await makeAuthority(authority);
  return await makeCertificate(authority, join(folder, "shared"), {});
}

/** The options by which ovsdb-server and the tools of OVN and Open vSwitch take the files; none without files. */
export function tlsOptions(files: TlsFiles | undefined): string[] {
  return files === undefined
    ? []
    : [`--private-key=${files.keyFile}`, `--certificate=${files.certFile}`, `--ca-cert=${files.caFile}`];
}

async function makeAuthority(base: string): Promise<void> {
  await runProgram("openssl", [
    ...["req", "-x509", ...ellipticCurve, "-keyout", `${base}-key.pem`, "-out", `${base}.pem`],
    ...["-days", "2", "-subj", "/CN=ovn-sandbox authority"],
  ]);
}

async function makeCertificate(
  authority: string,
  base: string,
  { names, valid = now }: { readonly names?: string; readonly valid?: readonly string[] },
): Promise<TlsFiles> {
  const [certFile, keyFile, request] = [`${base}.pem`, `${base}-key.pem`, `${base}.csr`];
  // `openssl ca` is the one command that takes a date in the past in every release; it wants its books kept.
  writeFileSync(`${base}.index`, "");
  writeFileSync(`${base}.serial`, "01\n");
  writeFileSync(`${base}.cnf`, authorityConfiguration(base, names));
  await runProgram("openssl", [
    ...["req", ...ellipticCurve, "-keyout", keyFile, "-out", request, "-subj", "/CN=ovn-sandbox"],
  ]);
  await runProgram("openssl", [
    ...["ca", "-batch", "-notext", "-config", `${base}.cnf`, "-in", request, "-out", certFile],
    ...["-cert", `${authority}.pem`, "-keyfile", `${authority}-key.pem`],
    ...valid,
  ]);
  return { caFile: `${authority}.pem`, certFile, keyFile };
}

function authorityConfiguration(base: string, names: string | undefined): string {
  const extensions = names === undefined ? "" : `subjectAltName=${names}\n`;
  return `[ca]
default_ca=sandbox
[sandbox]
database=${base}.index
serial=${base}.serial
new_certs_dir=${join(base, "..")}
default_md=sha256
policy=any
x509_extensions=extensions
[any]
commonName=supplied
[extensions]
basicConstraints=CA:FALSE
${extensions}`;
}
