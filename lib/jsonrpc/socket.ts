import { readFile } from "node:fs/promises";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { EndpointError, type OvsdbError, TlsError, UsageError } from "./errors.ts";
import type { Dial, TlsOptions, Transport, TransportHandlers } from "./transport.ts";

type AddressEndpoint = Exclude<Endpoint, { kind: "unix" }>;

/**
 * Dials with the sockets of Node.js.
 *
 * An `ssl:` server that wants a client certificate and got none, or one that it does not trust, may say so only after the
 * dial is done (TLS 1.3): the transport then closes with a TlsError.
 */
export const dialSocket: Dial = async (endpoint, { signal, tls = {} }) => {
  signal.throwIfAborted();
  const socket = endpoint.kind === "ssl" ? await openTls(endpoint, tls, signal) : openPlain(endpoint);
  return new Promise<Transport>((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
    };
    const onAbort = (): void => {
      settle();
      // Tearing down a half-made TLS connection may emit one more error, which nobody waits for now.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(signal.reason);
    };
    const onError = (error: Error): void => {
      settle();
      reject(dialError(endpoint, error));
    };
    signal.addEventListener("abort", onAbort);
    socket.on("error", onError);
    socket.once(endpoint.kind === "ssl" ? "secureConnect" : "connect", () => {
      settle();
      resolve(new SocketTransport(socket, endpoint));
    });
    // The signal may have been aborted while key files were read.
    if (signal.aborted) onAbort();
  });
};

/** A connected socket of Node.js as a transport. */
class SocketTransport implements Transport {
  readonly #socket: Socket;
  readonly #endpoint: Endpoint;
  #corked = false;
  #heard = false;
  #closing = false;
  #failure: Error | undefined;

  constructor(socket: Socket, endpoint: Endpoint) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    // Requests are small and waited for, so holding them back for company (Nagle) only adds delay.
    if (endpoint.kind !== "unix") socket.setNoDelay(true);
    // Listening starts here and not in start(): an error in between would otherwise end the process.
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  start(handlers: TransportHandlers): void {
    const onClose = (): void => handlers.onClose(this.#reason());
    if (this.#socket.closed) {
      // Its close event has passed. Later, so that nothing is called back before start() has returned.
      queueMicrotask(onClose);
      return;
    }
    this.#socket.once("close", onClose);
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#heard = true;
      handlers.onData(chunk);
    });
  }

  send(text: string): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      // An immediate and not a tick: promise callbacks of this turn that send as well shall still get into the same write.
      setImmediate(() => this.#flush());
    }
    this.#socket.write(text);
  }

  close(): void {
    // Flushing hands what was sent to the operating system as far as that takes it; a peer that does not read is not waited for.
    this.#closing = true;
    this.#flush();
    this.#socket.destroy();
  }

  #flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  #reason(): Error | undefined {
    if (this.#endpoint.kind !== "ssl" || this.#closing) return this.#failure;
    if (this.#failure !== undefined && isTlsFailure(this.#failure))
      return tlsError(this.#endpoint, this.#failure);
    if (this.#heard) return this.#failure;
    // A write that fails since the server is gone ends the socket before the alert it left behind is read. So a certificate
    // that was refused can look like this, and is by far the likeliest reason.
    return new TlsError(
      `${formatEndpoint(this.#endpoint)} hung up before it said anything; it may not accept our certificate, or want one`,
      { cause: this.#failure, retryable: true },
    );
  }
}

function openPlain(endpoint: Exclude<Endpoint, { kind: "ssl" }>): Socket {
  return endpoint.kind === "unix"
    ? connectPlain({ path: endpoint.path })
    : connectPlain({ host: endpoint.host, port: endpoint.port });
}

async function openTls(endpoint: AddressEndpoint, tls: TlsOptions, signal: AbortSignal): Promise<Socket> {
  const [ca, cert, key] = await Promise.all([
    pem("ca", tls.ca, tls.caFile, signal),
    pem("cert", tls.cert, tls.certFile, signal),
    pem("key", tls.key, tls.keyFile, signal),
  ]);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("TLS needs both a certificate and its key, or neither");
  }
  try {
    return connectTls({
      host: endpoint.host,
      port: endpoint.port,
      // Said explicitly, since NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the check of the chain off.
      rejectUnauthorized: true,
      ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      // See TlsOptions.verifyHostname for the reason.
      ...(tls.verifyHostname === true ? {} : { checkServerIdentity: () => undefined }),
    });
  } catch (cause) {
    // A key or certificate that is no PEM, or a key that is not the certificate's.
    throw tlsError(endpoint, cause as Error);
  }
}

async function pem(
  name: "ca" | "cert" | "key",
  contents: string | Uint8Array | undefined,
  file: string | undefined,
  signal: AbortSignal,
): Promise<string | Buffer | undefined> {
  if (file === undefined) return contents instanceof Uint8Array ? Buffer.from(contents) : contents;
  if (contents !== undefined) throw new UsageError(`tls: give ${name} or ${name}File, not both`);
  try {
    return await readFile(file, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new TlsError(`cannot read ${name}File: ${(cause as Error).message}`, { cause });
  }
}

function dialError(endpoint: Endpoint, cause: Error): OvsdbError {
  if (endpoint.kind === "ssl" && isTlsFailure(cause)) return tlsError(endpoint, cause);
  const name = formatEndpoint(endpoint);
  const reason = (endpoint.kind === "unix" && SOCKET_REASONS[codeOf(cause)]) || describe(cause);
  return new EndpointError(name, `cannot connect to ${name}: ${reason}`, { cause, retryable: true });
}

/** What the operating system says about a path, without the path, which the message has. */
const SOCKET_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such socket",
  EACCES: "permission denied",
  ECONNREFUSED: "nobody listens there",
};

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}

function tlsError(endpoint: Endpoint, cause: Error): TlsError {
  return new TlsError(`TLS with ${formatEndpoint(endpoint)} failed: ${describe(cause)}`, { cause });
}

/** Tells what TLS said from what the network did: the latter's codes are names of errno, such as ECONNREFUSED. */
function isTlsFailure(error: Error): boolean {
  const code = codeOf(error);
  return code === "EPROTO" || !/^E(?!RR_)[A-Z0-9_]+$/.test(code);
}

/** A host name with several addresses fails with an AggregateError that has no message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map((each) => (each as Error).message).join("; ");
  }
  return error.message;
}
