import {
  ClosedError,
  ConnectionLostError,
  OvsdbError,
  ProtocolError,
  RpcError,
  shownJson,
} from "./errors.ts";
import { FrameText } from "./frame-text.ts";
import { Framer, type FramerLimits, LARGE } from "./framer.ts";
import type { Json } from "./json.ts";
import { LargeReply } from "./large-reply.ts";
import type { Cut, CutOut } from "./member-cutter.ts";
import {
  decodeMessage,
  encodeErrorReply,
  encodeNotification,
  encodeReply,
  encodeRequest,
  type Incoming,
  joinRequest,
} from "./message.ts";
import { OpenCalls } from "./open-calls.ts";
import { ReadingPause } from "./reading-pause.ts";
import { closeTransport, type Transport } from "./transport.ts";

/** ovsdb-server begins a notification with `{"id":null`, and nothing else with these. */
const ID = '{"id":'.length;
const LETTER_N = 0x6e;

/** Where a peer delivers what it was not asked for. */
export interface PeerHandlers {
  /** A notification, in its place in the order of all messages. What it throws ends the connection. */
  onNotification(method: string, params: readonly Json[]): void;
  /**
   * Told every message in ASCII that may be a notification before it is parsed. Says whether it has dealt with it; else it is told to
   * those above and below. What it throws ends the connection.
   */
  onText?(message: FrameText): boolean;
  /** Called exactly once, when the connection has ended: without an error if `close` was called on our side. */
  onClose(error: OvsdbError | undefined): void;
}

/** How one call is made. */
export interface CallOptions {
  /**
   * Told the result in its place in the order of all messages, before the promise resolves and before any later message.
   * What it throws rejects the call and ends the connection.
   */
  readonly onReply?: (result: Json, cut: CutOut | undefined) => void;
  /**
   * Takes the bulk of a large reply as text while it comes in; the result is without it, and `onReply` is told what it lacks. For
   * one call at a time: no other may be answered with such members meanwhile.
   */
  readonly cut?: Cut;
}

/** What went over connections, counted up in place. */
export interface Traffic {
  messagesReceived: number;
  messagesSent: number;
  bytesReceived: number;
  /** In characters, which are bytes as long as they are ASCII. */
  bytesSent: number;
}

/** A request under way. `resolve` or `reject` is called once, in the place of the reply in the order of all messages. */
export interface OpenCall {
  readonly method: string;
  readonly onReply: CallOptions["onReply"];
  readonly cut: CallOptions["cut"];
  resolve(result: Json): void;
  reject(reason: unknown): void;
}

/** The reply to a request of the peer's: there is nothing that we do for it but to show that we live. */
function answerTo({ id, method, params }: Extract<Incoming, { kind: "request" }>): string {
  try {
    return method === "echo" ? encodeReply(id, params) : encodeErrorReply(id, "unknown method");
  } catch (cause) {
    // What the peer said is to be said again, and may not be sent: 1e999 or U+0000, say. No caller of ours did this.
    throw new ProtocolError(`the peer sent a request that cannot be answered: ${String(cause)}`, { cause });
  }
}

/** Bytes of a message that has not ended which count as a sign of life. A server that drips less has nothing to say. */
const PROGRESS = 4096;

/**
 * One JSON-RPC connection: gives requests their ids, finds the call that a reply is for, answers the server's probes.
 *
 * Messages are dealt with strictly in the order of arrival and synchronously, so what a reply says is known before what
 * came after it. No timer in here watches the other side: `lastReceivedAt` is what a probe needs to know.
 */
export class Peer {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers;
  readonly #framer: Framer<LargeReply>;
  readonly #limits: FramerLimits | undefined;
  readonly #traffic: Traffic;
  readonly #pause: ReadingPause;
  readonly #calls: OpenCalls<OpenCall> = new OpenCalls();
  /** Ids of calls whose caller has gone; their replies are still to come and no breach of protocol. */
  readonly #forgotten: Set<number> = new Set();
  #lastReceivedAt: number = performance.now();
  /** Bytes that came after that. */
  #dripped = 0;
  #closed = false;

  constructor(
    transport: Transport,
    handlers: PeerHandlers,
    limits?: FramerLimits,
    traffic: Traffic = { messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0 },
  ) {
    this.#transport = transport;
    this.#handlers = handlers;
    this.#limits = limits;
    this.#framer = new Framer(limits, () => this.#largeReply());
    this.#traffic = traffic;
    this.#pause = new ReadingPause(transport);
    transport.start({
      onData: (chunk) => this.#receive(chunk),
      onClose: (error) => this.#lose(error),
    });
  }

  /**
   * When the last message ended, or another 4 KiB of a long one had come in (or the peer was made), in milliseconds of the
   * monotonic clock `performance.now()`.
   */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /** Calls that wait for their reply. */
  get pending(): number {
    return this.#calls.size;
  }

  /** What was sent and is not yet with the operating system, in bytes or characters: it grows when the server reads slowly. */
  get unsent(): number {
    return this.#transport.writableLength;
  }

  /**
   * Calls back once, when all that was sent so far is with the operating system; never after the end. Says `false` and
   * does nothing when the transport cannot tell.
   */
  onDrained(call: () => void): boolean {
    if (this.#transport.onDrained === undefined) return false;
    this.#transport.onDrained(() => {
      if (!this.#closed) call();
    });
    return true;
  }

  /** Whether the connection has ended, from either side. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a request and waits for its reply; replies may overtake each other.
   *
   * Rejects with RpcError for an error reply, UsageError for params that cannot be sent, ClosedError if `close` is called first
   * or the peer is closed already (then nothing was sent), or what ended the connection: ConnectionLostError, ProtocolError or
   * TlsError.
   */
  call(method: string, params: readonly Json[], { onReply, cut }: CallOptions = {}): Promise<Json> {
    return new Promise((resolve, reject) => {
      this.#checkOpen(method);
      const text = encodeRequest(this.#calls.nextId, method, params);
      this.#begin(text, { method, onReply, cut, resolve, reject });
    });
  }

  /**
   * Sends a request whose params are text already, as `writeJson` makes it, and gives its id. What becomes of it is told
   * `call`, without a promise in between.
   *
   * @throws ClosedError if the peer is closed: then nothing was sent
   */
  sendText(params: string, call: OpenCall): number {
    this.#checkOpen(call.method);
    const id = this.#calls.nextId;
    this.#begin(joinRequest(id, call.method, params), call);
    return id;
  }

  #begin(text: string, call: OpenCall): void {
    this.#calls.add(call);
    this.#transmit(text);
    this.#pause.sent(this.#calls.size);
  }

  /** Lets go of a call, whose promise rejects with the reason; its reply will be dropped. */
  forget(id: number, reason: unknown): void {
    const call = this.#calls.take(id);
    if (call === undefined) return;
    this.#forgotten.add(id);
    call.reject(reason);
  }

  /**
   * Sends a notification.
   *
   * @throws ClosedError if the connection has ended, UsageError for params that cannot be sent
   */
  notify(method: string, params: readonly Json[]): void {
    this.#checkOpen(method);
    this.#transmit(encodeNotification(method, params));
  }

  /** Ends the connection; calls under way reject with ClosedError. Does nothing the second time. */
  close(): void {
    this.#end(
      undefined,
      (method) => new ClosedError(`the connection was closed before ${method} was answered`),
    );
  }

  #checkOpen(method: string): void {
    if (this.#closed) throw new ClosedError(`the connection is closed, ${method} was not sent`);
  }

  #transmit(text: string): void {
    this.#traffic.messagesSent += 1;
    this.#traffic.bytesSent += text.length;
    try {
      this.#transport.send(text);
    } catch (cause) {
      // Transports of others may. How much of it has left cannot be known, so nothing can follow; and no call may be left
      // behind whose promise nobody has.
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#fail(new ConnectionLostError(`the transport could not send a message: ${why}`, { cause }));
    }
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#traffic.bytesReceived += chunk.length;
    const awaited = this.#calls.size > 0;
    try {
      const frames = this.#framer.push(chunk);
      this.#dripped += chunk.length;
      if (frames.length > 0 || this.#dripped >= PROGRESS) {
        this.#lastReceivedAt = performance.now();
        this.#dripped = 0;
      }
      for (const frame of frames) {
        this.#traffic.messagesReceived += 1;
        if (!this.#readAsText(frame)) this.#dispatch(this.#decode(frame));
        // A handler may have closed us; what the chunk holds beyond that is not delivered.
        if (this.#closed) return;
      }
      if (this.#framer.failure !== undefined) throw this.#framer.failure;
      if (frames.length > 0) {
        this.#pause.read(chunk.length, frames.length, awaited, this.#calls.size, this.#lastReceivedAt);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #readAsText(frame: Uint8Array | LargeReply): boolean {
    if (this.#handlers.onText === undefined || frame instanceof LargeReply) return false;
    if (frame[ID] !== LETTER_N) return false;
    const message = FrameText.of(frame);
    return message !== undefined && this.#handlers.onText(message);
  }

  /** What reads large messages while a call is under way that wants it so. Whether it is that reply shows at the end. */
  #largeReply(): LargeReply | undefined {
    for (const [id, { cut }] of this.#calls) {
      if (cut !== undefined) return new LargeReply(id, cut, this.#limits);
    }
    return undefined;
  }

  #decode(frame: Uint8Array | LargeReply): Incoming {
    if (frame instanceof LargeReply) return frame.decode();
    const large = frame.length < LARGE ? undefined : this.#largeReply();
    if (large === undefined) return decodeMessage(frame);
    large.push(frame);
    return large.decode();
  }

  #dispatch(message: Incoming): void {
    switch (message.kind) {
      case "notification":
        this.#handlers.onNotification(message.method, message.params);
        return;
      case "request":
        this.#transmit(answerTo(message));
        return;
      case "result":
      case "error":
        this.#settle(message);
        return;
    }
  }

  #settle(reply: Extract<Incoming, { kind: "result" | "error" }>): void {
    const { id } = reply;
    const call = typeof id === "number" ? this.#calls.take(id) : undefined;
    if (call === undefined) {
      if (this.#forgotten.delete(id as number)) return;
      throw new ProtocolError(`the peer answered a request that is not under way (id ${shownJson(id)})`);
    }
    if (reply.kind === "error") {
      call.reject(new RpcError(call.method, reply.error));
      return;
    }
    try {
      call.onReply?.(reply.result, reply.cut);
    } catch (error) {
      call.reject(error);
      throw error;
    }
    call.resolve(reply.result);
  }

  /** The transport has ended by itself. */
  #lose(cause: Error | undefined): void {
    if (cause instanceof OvsdbError) {
      this.#fail(cause);
      return;
    }
    const half = this.#framer.pendingBytes;
    const what = half > 0 ? ` in the middle of a message: half a message was received (${half} bytes)` : "";
    const why = cause === undefined ? "" : ` (${cause.message})`;
    this.#fail(new ConnectionLostError(`the connection was lost${what}${why}`, { cause }));
  }

  #fail(error: unknown): void {
    // A handler that throws has not applied the message, so what it holds no longer follows the server.
    const reason =
      error instanceof OvsdbError
        ? error
        : new ProtocolError(`a message could not be dealt with: ${String(error)}`, { cause: error });
    this.#end(reason, () => reason);
  }

  #end(error: OvsdbError | undefined, reasonFor: (method: string) => OvsdbError): void {
    if (this.#closed) return;
    this.#closed = true;
    const calls = [...this.#calls].map(([, call]) => call);
    this.#calls.clear();
    this.#forgotten.clear();
    this.#pause.end();
    closeTransport(this.#transport);
    for (const call of calls) call.reject(reasonFor(call.method));
    this.#handlers.onClose(error);
  }
}
