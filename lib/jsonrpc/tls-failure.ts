import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { TlsError, type TlsFailure } from "./errors.ts";

/** What is known of a connection whose TLS failed. */
export interface TlsAttempt {
  readonly endpoint: Endpoint;
  /** Whether we had a certificate to show. */
  readonly certified: boolean;
}

/** Says in our words what OpenSSL or Node.js said in theirs. */
export function tlsError({ endpoint, certified }: TlsAttempt, cause: Error): TlsError {
  const code = codeOf(cause);
  const reason = failureOf(code, certified);
  // OpenSSL's own words begin with a thread's number and a place in its source; the name of the error says as much.
  const said = cause.message.includes(":error:") || cause.message.startsWith("error:") ? code : cause.message;
  return new TlsError(reason, `TLS with ${formatEndpoint(endpoint)} failed: ${WORDS[reason]} (${said})`, {
    cause,
  });
}

/** Tells what TLS said from what the network did: the latter's codes are names of errno, such as ECONNREFUSED. */
export function isTlsFailure(error: Error): boolean {
  const code = codeOf(error);
  return code === "EPROTO" || !/^E(?!RR_)[A-Z0-9_]+$/.test(code);
}

/** The system's, Node's or OpenSSL's name of an error; empty if it has none. */
export function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

/** Whether an error of this code is about a key or certificate of ours that cannot be read. */
export function isNoPem(code: string): boolean {
  return UNUSABLE.test(code);
}

const WORDS: Readonly<Record<TlsFailure, string>> = {
  "unreadable-file": "a file cannot be read",
  "bad-pem": "the authorities, the certificate or the key are no PEM that can be used",
  "key-mismatch": "the key is not that of the certificate",
  "server-untrusted": "the server's certificate does not come from an authority that we trust",
  "server-expired": "the server's certificate, or one of its chain, has expired",
  "server-not-yet-valid": "the server's certificate, or one of its chain, is not valid yet",
  "hostname-mismatch": "the server's certificate is for another host",
  "client-missing": "the server wants a certificate from us and was given none",
  "client-untrusted": "the server does not accept our certificate",
  "client-expired": "the server says that our certificate has expired",
  "plain-text": "the server speaks without TLS there; is it a tcp: remote?",
  "tls-port": "the server speaks TLS there: it is an ssl: remote",
  "hung-up": "the server hung up without a reason",
  handshake: "the handshake did not succeed",
};

/** Codes that mean one thing: of X509_verify_cert(3), of Node.js, and of OpenSSL. */
const FAILURES: Readonly<Record<string, TlsFailure>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "key-mismatch",
  ERR_OSSL_X509_KEY_TYPE_MISMATCH: "key-mismatch",
  CERT_HAS_EXPIRED: "server-expired",
  CERT_NOT_YET_VALID: "server-not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "hostname-mismatch",
  ERR_SSL_WRONG_VERSION_NUMBER: "plain-text",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "plain-text",
  ERR_SSL_HTTP_REQUEST: "plain-text",
};

/** What the server says of our certificate, by the name of its alert (RFC 8446, section 6.2). */
const ALERTS: Readonly<Record<string, TlsFailure>> = {
  CERTIFICATE_REQUIRED: "client-missing",
  UNKNOWN_CA: "client-untrusted",
  DECRYPT_ERROR: "client-untrusted",
  ACCESS_DENIED: "client-untrusted",
  BAD_CERTIFICATE: "client-untrusted",
  CERTIFICATE_UNKNOWN: "client-untrusted",
  CERTIFICATE_REVOKED: "client-untrusted",
  UNSUPPORTED_CERTIFICATE: "client-untrusted",
  CERTIFICATE_EXPIRED: "client-expired",
};

/**
 * An alert's name is behind that of the protocol which had it first. How OpenSSL calls that one has changed: what is
 * `ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE` in 3.0 (Node.js 20) is `ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE` in 3.5 (Node.js 24).
 */
const ALERT = /^ERR_SSL_[A-Z0-9/]+_ALERT_([A-Z_]+)$/;

/** Names of X509_verify_cert(3) for a chain that leads nowhere we know, or is not what its authority signed. */
const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;
const UNUSABLE = /^ERR_(?:OSSL|CRYPTO)_/;

function failureOf(code: string, certified: boolean): TlsFailure {
  const alert = ALERT.exec(code)?.[1];
  const known = alert === undefined ? entry(FAILURES, code) : entry(ALERTS, alert);
  if (known !== undefined) return known;
  // What TLS 1.2 says instead of "certificate required".
  if (alert === "HANDSHAKE_FAILURE" && !certified) return "client-missing";
  if (UNTRUSTED.test(code)) return "server-untrusted";
  return isNoPem(code) ? "bad-pem" : "handshake";
}

function entry(of: Readonly<Record<string, TlsFailure>>, key: string): TlsFailure | undefined {
  return Object.hasOwn(of, key) ? of[key] : undefined;
}
