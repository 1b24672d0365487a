import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../run-program.ts";

/** Files with the keys of a cluster. */
export interface ClusterKeys {
  /** Certificate of the authority that signed `certFile`. */
  readonly caFile: string;
  /** Certificate that all nodes use, and clients may; it names no host. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes an authority and one key pair, valid for a day; elliptic curves, since RSA keys take their time. */
export async function makeKeys(directory: string): Promise<ClusterKeys> {
  const folder = join(directory, "pki");
  mkdirSync(folder, { mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const extensions = file("extensions");
  writeFileSync(extensions, "subjectAltName=DNS:ovn-multinode\n");
  await runProgram("openssl", [
    ...["req", "-x509", ...key, "-keyout", file("ca-key.pem"), "-out", file("ca.pem")],
    ...["-days", "1", "-subj", "/CN=ovn-multinode authority"],
  ]);
  await runProgram("openssl", [
    ...["req", ...key, "-keyout", file("key.pem"), "-out", file("request.pem"), "-subj", "/CN=ovn-multinode"],
  ]);
  await runProgram("openssl", [
    ...["x509", "-req", "-in", file("request.pem"), "-out", file("cert.pem"), "-days", "1"],
    ...["-CA", file("ca.pem"), "-CAkey", file("ca-key.pem"), "-CAcreateserial", "-extfile", extensions],
  ]);
  return { caFile: file("ca.pem"), certFile: file("cert.pem"), keyFile: file("key.pem") };
}

/** The options by which OVN's and Open vSwitch's programs take the keys; none without keys. */
export function keyOptions(keys: ClusterKeys | undefined): string[] {
  return keys === undefined
    ? []
    : [`--private-key=${keys.keyFile}`, `--certificate=${keys.certFile}`, `--ca-cert=${keys.caFile}`];
}
