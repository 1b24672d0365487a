import { connect as connectPlain, type OnReadOpts, type Socket } from "node:net";
import { type AddressEndpoint, type Endpoint, formatEndpoint } from "./endpoint.ts";
import { EndpointError, type OvsdbError, TlsError } from "./errors.ts";
import { type SocketPath, socketPath } from "./socket-path.ts";
import type { Pem, UnusablePem } from "./socket-pem.ts";
import { refusalOf, speaksPlainText, speaksTls } from "./socket-probe.ts";
import type { OpenTls } from "./socket-tls.ts";
import { codeOf, isTlsFailure, type TlsAttempt, tlsError } from "./tls-failure.ts";
import type { Dial, TlsOptions, Transport, TransportHandlers } from "./transport.ts";

/**
 * Dials with the sockets of Node.js.
 *
 * An `ssl:` server that wants a client certificate and got none, or one that it does not trust, may say so only after the
 * dial is done (TLS 1.3): the transport then closes with a TlsError.
 */
export const dialSocket: Dial = async (endpoint, { signal, tls = {} }) => {
  signal.throwIfAborted();
  const openTls = endpoint.kind === "ssl" ? await prepare(endpoint, tls, signal) : undefined;
  const attempt: Attempt = { endpoint, certified: (tls.cert ?? tls.certFile) !== undefined, openTls };
  const inlet: Inlet = { onData: undefined };
  const way = endpoint.kind === "unix" ? wayTo(attempt, endpoint.path) : undefined;
  const socket = openTls === undefined ? openPlain(endpoint, inlet, way?.path) : openTls();
  let reached = false;
  socket.once("connect", () => {
    reached = true;
  });
  return new Promise<Transport>((resolve, reject) => {
    const settle = (): void => {
      way?.release();
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
      if (endpoint.kind === "ssl" && reached && HUNG_UP.has(codeOf(error))) {
        void handshakeRefused(endpoint, error, signal).then((why) =>
          reject(signal.aborted ? signal.reason : why),
        );
      } else reject(dialError(attempt, error));
    };
    signal.addEventListener("abort", onAbort);
    socket.on("error", onError);
    socket.once(endpoint.kind === "ssl" ? "secureConnect" : "connect", () => {
      settle();
      resolve(new SocketTransport(socket, attempt, inlet));
    });
    // The signal may have been aborted while key files were read.
    if (signal.aborted) onAbort();
  });
};

/** Node.js takes several milliseconds to load TLS and what it needs, which is nothing to those who do without. */
async function prepare(endpoint: AddressEndpoint, tls: TlsOptions, signal: AbortSignal): Promise<OpenTls> {
  const { prepareTls } = await import("./socket-tls.ts");
  return prepareTls(endpoint, tls, signal);
}

/** Which key or certificate cannot be used, tried each alone. */
export async function unusablePem(pem: Pem): Promise<UnusablePem | undefined> {
  const { findUnusable } = await import("./socket-pem.ts");
  return findUnusable(pem);
}

/** How a connection was made. */
interface Attempt extends TlsAttempt {
  /** Dials with the same keys once more. */
  readonly openTls: OpenTls | undefined;
}

/** Where what a plain socket receives goes, as soon as that is known. */
interface Inlet {
  onData: ((bytes: Uint8Array) => void) | undefined;
}

/** Bytes that are read at once, as many as Node.js reads by itself. */
const READ = 65_536;

/** Characters that are worth a write of their own. */
const MUCH = 32_768;

/** A connected socket of Node.js as a transport. */
class SocketTransport implements Transport {
  readonly #socket: Socket;
  readonly #attempt: Attempt;
  readonly #inlet: Inlet;
  /** Ends a second look at the port, which nobody waits for any more. */
  readonly #closed = new AbortController();
  /** What was sent in this turn of the event loop. Joined here, as many small writes cost several times as much as one. */
  #unsent = "";
  #said = false;
  #heard = false;
  #closing = false;
  #failure: Error | undefined;

  constructor(socket: Socket, attempt: Attempt, inlet: Inlet) {
    this.#socket = socket;
    this.#attempt = attempt;
    this.#inlet = inlet;
    // Requests are small and waited for, so holding them back for company (Nagle) only adds delay.
    if (attempt.endpoint.kind !== "unix") socket.setNoDelay(true);
    // Listening starts here and not in start(): an error in between would otherwise end the process.
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
  }

  get writableLength(): number {
    return this.#socket.writableLength + this.#unsent.length;
  }

  onDrained(call: () => void): void {
    this.#flush();
    if (!this.#socket.writable) return;
    // An empty write takes its place behind the others; "drain" would be silent when the queue is short.
    this.#socket.write("", (error) => {
      if (error === undefined || error === null) call();
    });
  }

  start(handlers: TransportHandlers): void {
    const onClose = (): void => {
      const reason = this.#silent() ? this.#secondLook() : this.#reason();
      if (reason instanceof Promise) void reason.then((found) => handlers.onClose(found));
      else handlers.onClose(reason);
    };
    if (this.#socket.closed) {
      // Its close event has passed. Later, so that nothing is called back before start() has returned.
      queueMicrotask(onClose);
      return;
    }
    this.#socket.once("close", onClose);
    const onData = (chunk: Uint8Array): void => {
      this.#heard = true;
      handlers.onData(chunk);
    };
    if (this.#attempt.openTls !== undefined) {
      this.#socket.on("data", onData);
      return;
    }
    this.#inlet.onData = onData;
    this.#socket.resume();
  }

  send(text: string): void {
    if (!this.#socket.writable) return;
    const isFirst = this.#unsent === "";
    this.#said = true;
    this.#unsent += text;
    // The server has work then, and need not wait until all else is described that is sent in this turn.
    if (this.#unsent.length >= MUCH) this.#flush();
    // An immediate and not a tick: promise callbacks of this turn that send as well shall still get into the same write.
    else if (isFirst) setImmediate(() => this.#flush());
  }

  pause(): void {
    // The stream of a TLS connection goes on to read for itself until it is full: nothing is won there.
    if (this.#attempt.openTls === undefined) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    // Flushing hands what was sent to the operating system as far as that takes it; a peer that does not read is not waited for.
    this.#closing = true;
    this.#closed.abort();
    this.#flush();
    this.#socket.destroy();
  }

  #flush(): void {
    const text = this.#unsent;
    if (text === "" || !this.#socket.writable) return;
    this.#unsent = "";
    this.#socket.write(text);
  }

  #reason(): Error | undefined {
    const tls = this.#attempt.openTls !== undefined && !this.#closing;
    return tls && this.#failure !== undefined && isTlsFailure(this.#failure)
      ? tlsError(this.#attempt, this.#failure)
      : this.#failure;
  }

  /** The server hung up before it said anything: it may not have liked the way in which it was spoken to. */
  #silent(): boolean {
    if (this.#closing || this.#heard) return false;
    return this.#failure === undefined || HUNG_UP.has(codeOf(this.#failure));
  }

  #secondLook(): Promise<Error | undefined> | Error | undefined {
    const { endpoint, openTls } = this.#attempt;
    if (openTls !== undefined) return this.#refusal(openTls);
    return endpoint.kind === "tcp" && this.#said ? this.#tlsPort(endpoint) : this.#reason();
  }

  /**
   * A server of TLS 1.3 refuses a certificate after the handshake. Where a request of ours is under way by then, the system
   * may tell us of the broken connection, and throw away the server's reason. Who says nothing gets to hear it.
   */
  async #refusal(openTls: OpenTls): Promise<Error> {
    const refusal = await refusalOf(openTls(), this.#closed.signal);
    if (refusal !== undefined) return tlsError(this.#attempt, refusal);
    const remote = formatEndpoint(this.#attempt.endpoint);
    return new TlsError("hung-up", `${remote} hung up after the TLS handshake, before it said anything`, {
      cause: this.#failure,
    });
  }

  /** A TLS server that gets JSON hangs up without a word. */
  async #tlsPort(endpoint: AddressEndpoint): Promise<Error | undefined> {
    if (!(await speaksTls(endpoint, this.#closed.signal))) return this.#failure;
    return new TlsError(
      "tls-port",
      `${formatEndpoint(endpoint)} hung up, since it speaks TLS: the remote begins with ssl:, not with tcp:`,
      { cause: this.#failure },
    );
  }
}

/** How the system says that the other side ended the connection, in order or not; Node.js takes the second for the first. */
const HUNG_UP: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

/** The server ended the connection in place of a handshake: does it speak without TLS? */
async function handshakeRefused(
  endpoint: AddressEndpoint,
  cause: Error,
  signal: AbortSignal,
): Promise<TlsError> {
  const remote = formatEndpoint(endpoint);
  return (await speaksPlainText(endpoint, signal))
    ? new TlsError(
        "plain-text",
        `${remote} hung up, since it speaks without TLS: the remote begins with tcp:, not with ssl:`,
        {
          cause,
        },
      )
    : new TlsError("hung-up", `${remote} hung up in the middle of the TLS handshake (${cause.message})`, {
        cause,
      });
}

/**
 * A socket that reads into one piece of memory, and what it has read is copied: updates are small, and a new piece of 64 KiB
 * for each, on its way through a stream, costs more than the update itself. It reads nothing before `resume` is called.
 */
function openPlain(endpoint: Exclude<Endpoint, { kind: "ssl" }>, inlet: Inlet, path?: string): Socket {
  const onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ),
    callback: (length, memory) => {
      inlet.onData?.(Buffer.from(memory.subarray(0, length)));
      return true;
    },
  };
  const socket =
    endpoint.kind === "unix"
      ? connectPlain({ path: path ?? endpoint.path, onread })
      : connectPlain({ host: endpoint.host, port: endpoint.port, onread });
  return socket.pause();
}

function wayTo(attempt: TlsAttempt, path: string): SocketPath {
  try {
    return socketPath(path);
  } catch (error) {
    throw error instanceof Error && !(error instanceof EndpointError) ? dialError(attempt, error) : error;
  }
}

function dialError(attempt: TlsAttempt, cause: Error): OvsdbError {
  const { endpoint } = attempt;
  if (endpoint.kind === "ssl" && isTlsFailure(cause)) return tlsError(attempt, cause);
  const name = formatEndpoint(endpoint);
  const reasons = endpoint.kind === "unix" ? SOCKET_REASONS : REASONS;
  const reason = reasons[codeOf(cause)] ?? describe(cause);
  // What Node.js' permission model refuses (`--permission`) it refuses as long as the process lives.
  const retryable = codeOf(cause) !== "ERR_ACCESS_DENIED";
  return new EndpointError(name, `cannot connect to ${name}: ${reason}`, { cause, retryable });
}

/** What the operating system says, without the address, which the message has. */
const REASONS: Readonly<Record<string, string>> = { ECONNREFUSED: "nobody listens there" };
const SOCKET_REASONS: Readonly<Record<string, string>> = {
  ...REASONS,
  ENOENT: "no such socket",
  EACCES: "permission denied",
};

/** A host name with several addresses fails with an AggregateError that has no message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map((each) => (each as Error).message).join("; ");
  }
  return error.message;
}
