import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { type AddressEndpoint, formatEndpoint } from "./endpoint.ts";
import { TlsError, UsageError } from "./errors.ts";
import { readBytes } from "./socket-file.ts";
import { findUnusable, type Pem } from "./socket-pem.ts";
import { tlsError } from "./tls-failure.ts";
import type { TlsOptions } from "./transport.ts";

/** Opens a TLS connection with keys that were read before. */
export type OpenTls = () => TLSSocket;

/**
 * Reads keys and certificates, and checks that they are some.
 *
 * @throws TlsError for files that cannot be used, UsageError for options that contradict each other, the signal's reason
 */
export async function prepareTls(
  endpoint: AddressEndpoint,
  tls: TlsOptions,
  signal: AbortSignal,
): Promise<OpenTls> {
  const { ca, cert, key } = await readPem(tls, signal);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("TLS needs both a certificate and its key, or neither");
  }
  try {
    // Node.js passes over what is no certificate here, and would then trust nobody, or for an empty one the whole world.
    for (const given of [ca, cert]) if (given !== undefined) new X509Certificate(given);
    const secureContext = createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
    const options: ConnectionOptions = {
      secureContext,
      host: endpoint.host,
      port: endpoint.port,
      // Said explicitly, since NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the check of the chain off.
      rejectUnauthorized: true,
      ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
      // See TlsOptions.verifyHostname for the reason.
      checkServerIdentity: tls.verifyHostname === true ? checkHost : () => undefined,
    };
    return () => connectTls(options);
  } catch (cause) {
    // A key or certificate that is no PEM, or a key that is not the certificate's.
    const error = tlsError({ endpoint, certified: cert !== undefined }, cause as Error);
    const what = whatIsWrong(error, { ca, cert, key }, tls);
    if (what === undefined) throw error;
    throw new TlsError(error.reason, `TLS with ${formatEndpoint(endpoint)} failed: ${what}`, { cause });
  }
}

/** Why the certificate is not this host's. Node.js 22.23 finds no IPv6 address in any certificate; OpenSSL does. */
function checkHost(host: string, certificate: PeerCertificate): Error | undefined {
  const isItsAddress = isIP(host) !== 0 && new X509Certificate(certificate.raw).checkIP(host) !== undefined;
  return isItsAddress ? undefined : checkServerIdentity(host, certificate);
}

/** Names what was given and cannot be used, where that is known. */
function whatIsWrong({ reason }: TlsError, pem: Pem, tls: TlsOptions): string | undefined {
  if (reason === "key-mismatch") return `${nameOf("key", tls)} is not the key of ${nameOf("cert", tls)}`;
  const unusable = reason === "bad-pem" ? findUnusable(pem) : undefined;
  return unusable && `${nameOf(unusable.option, tls)}: ${unusable.why}`;
}

/** The option that was given, with its file. */
function nameOf(option: keyof Pem, tls: TlsOptions): string {
  const file = tls[`${option}File`];
  return file === undefined ? option : `${option}File ${file}`;
}

/** Reads all at once. Where one cannot be read, what is left of the others is not waited for: one may have no end. */
async function readPem(
  tls: TlsOptions,
  signal: AbortSignal,
): Promise<Readonly<Record<keyof Pem, Buffer | undefined>>> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  try {
    const [ca, cert, key] = await Promise.all([
      pem("ca", tls.ca, tls.caFile, either),
      pem("cert", tls.cert, tls.certFile, either),
      pem("key", tls.key, tls.keyFile, either),
    ]);
    return { ca, cert, key };
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

async function pem(
  name: keyof Pem,
  contents: string | Uint8Array | undefined,
  file: string | undefined,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  // Bytes also of text: Node.js takes an empty text for an option that was not given.
  if (file === undefined) return contents === undefined ? undefined : Buffer.from(contents);
  if (contents !== undefined) throw new UsageError(`tls: give ${name} or ${name}File, not both`);
  try {
    return await readBytes(file, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new TlsError("unreadable-file", `cannot read ${name}File: ${(cause as Error).message}`, { cause });
  }
}
