import type { Json } from "./json.ts";

/**
 * Base of every error this library throws on purpose.
 *
 * `code` is stable across releases and is what programs should test; `retryable` says whether the same call may
 * succeed later without any change by the caller.
 */
export abstract class OvsdbError extends Error {
  /** What errors of the class have as `name`. Each class says it, as a minifier gives classes other names. */
  static override readonly name: string = "OvsdbError";
  /** Which error it is, such as `ERR_TIMEOUT`: the same in all versions (docs/errors.md). */
  abstract readonly code: string;
  /** Whether the same call may succeed later without any change by the caller. */
  readonly retryable: boolean = false;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * A server's address is not understood, or nothing could be reached there.
 *
 * `retryable` is false for bad text and true for a dial that failed: the server may be back later.
 */
export class EndpointError extends OvsdbError {
  static override readonly name: string = "EndpointError";
  readonly code: string = "ERR_ENDPOINT";
  /** The address as the user wrote it, or as `formatEndpoint` prints it. */
  readonly endpoint: string;
  override readonly retryable: boolean;

  constructor(
    endpoint: string,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, options);
    this.endpoint = endpoint;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * What a TlsError is about.
 *
 * - `unreadable-file`: `caFile`, `certFile` or `keyFile` cannot be read.
 * - `bad-pem`: the authorities, our certificate or our key are no PEM that can be used; also an empty file.
 * - `key-mismatch`: our key is not that of our certificate, as between the two steps of a rotation.
 * - `server-untrusted`: the chain of the server's certificate does not end at an authority that we were given.
 * - `server-expired`: the server's certificate, or one of its chain, is not valid any more.
 * - `server-not-yet-valid`: the same, but not valid yet; as a rule one of the two clocks is wrong.
 * - `hostname-mismatch`: with `verifyHostname`, the server's certificate is not for the host that was dialled.
 * - `client-missing`: the server wants a certificate and was given none.
 * - `client-untrusted`: the server does not accept our certificate; as a rule its authority is not one of the server's.
 * - `client-expired`: the server says that our certificate is not valid any more.
 * - `plain-text`: an `ssl:` remote where a server speaks without TLS.
 * - `tls-port`: a `tcp:` remote where a server speaks TLS.
 * - `hung-up`: the server ended the connection in or right after the handshake and gave no reason.
 * - `handshake`: anything else that TLS refused, such as a version or a cipher; the message has its words.
 */
export type TlsFailure =
  | "unreadable-file"
  | "bad-pem"
  | "key-mismatch"
  | "server-untrusted"
  | "server-expired"
  | "server-not-yet-valid"
  | "hostname-mismatch"
  | "client-missing"
  | "client-untrusted"
  | "client-expired"
  | "plain-text"
  | "tls-port"
  | "hung-up"
  | "handshake";

/**
 * TLS could not be set up: a file cannot be read, a certificate is not trusted, or the server refused ours.
 *
 * `reason` says which. `retryable` is true only where the server hung up without giving one.
 */
export class TlsError extends OvsdbError {
  static override readonly name: string = "TlsError";
  readonly code: string = "ERR_TLS";
  /** Which of the things that can go wrong did. */
  readonly reason: TlsFailure;
  override readonly retryable: boolean;

  constructor(reason: TlsFailure, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.reason = reason;
    this.retryable = reason === "hung-up";
  }
}

/** The peer broke JSON-RPC 1.0 (RFC 7047 section 4): garbage, a message too large or too deep, a reply nobody asked for. */
export class ProtocolError extends OvsdbError {
  static override readonly name: string = "ProtocolError";
  readonly code: string = "ERR_PROTOCOL";
}

/** The server answered a request with an error (RFC 7047 section 4.1); failed operations of a transaction are not this. */
export class RpcError extends OvsdbError {
  static override readonly name: string = "RpcError";
  readonly code: string = "ERR_RPC";
  /** The method that was called. */
  readonly method: string;
  /** The reply's `error` member as it came: a bare string, or an object with `error` and perhaps `details`. */
  readonly error: Json;

  constructor(method: string, error: Json) {
    super(`${method}: the server answered: ${describeRpcError(error)}`);
    this.method = method;
    this.error = error;
  }
}

/** The connection ended without our asking. A request that was under way may or may not have been carried out. */
export class ConnectionLostError extends OvsdbError {
  static override readonly name: string = "ConnectionLostError";
  readonly code: string = "ERR_CONNECTION_LOST";
  override readonly retryable: boolean = true;
}

/** The caller closed the handle that this call was made on. */
export class ClosedError extends OvsdbError {
  static override readonly name: string = "ClosedError";
  readonly code: string = "ERR_CLOSED";
}

/** Something did not happen in the time it was given. Retryable: the server, or the way to it, may be better later. */
export class TimeoutError extends OvsdbError {
  static override readonly name: string = "TimeoutError";
  readonly code: string = "ERR_TIMEOUT";
  override readonly retryable: boolean = true;
  /** What was waited for, as a noun phrase: "a reply to transact". */
  readonly what: string;
  /** How long it was waited for. */
  readonly milliseconds: number;

  /** @param options.why what is in its way, for the message. Default: not known. */
  constructor(
    what: string,
    milliseconds: number,
    options: { readonly cause?: unknown; readonly why?: string | undefined } = {},
  ) {
    const reason = options.why === undefined ? "" : `: ${options.why}`;
    super(`${what} did not come within ${Math.round(milliseconds)} ms${reason}`, options);
    this.what = what;
    this.milliseconds = milliseconds;
  }
}

/** A call that cannot be right, whatever the server holds: a mistake in the calling program. */
export class UsageError extends OvsdbError {
  static override readonly name: string = "UsageError";
  readonly code: string = "ERR_USAGE";
}

function describeRpcError(error: Json): string {
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && !Array.isArray(error)) {
    const { error: name, details } = error as { readonly [key: string]: Json };
    if (typeof name === "string") return typeof details === "string" ? `${name} (${details})` : name;
  }
  return shownJson(error);
}

/** JSON for a message: whatever is in it, it can be shown. */
export function shownJson(json: Json): string {
  return JSON.stringify(json, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
