import { type Json, type OpenCall, type Peer, RpcError, TimeoutError } from "../jsonrpc/index.ts";
import type { WrittenOperations } from "../ovsdb/index.ts";
import type { Alarm, Alarms } from "./alarms.ts";
import { OutcomeUnknownError } from "./errors.ts";
import type { Tenure } from "./locks.ts";
import { onAbort } from "./on-abort.ts";

/**
 * How long to wait for the reply after a `cancel`, before the outcome of a write is called unknown; of a short timeout at
 * most a quarter, so that the call ends within it.
 */
const CANCEL_GRACE = 1_000;

/** How one transaction is sent. */
export interface SendOptions {
  /** Gives the transaction up: the server is asked to cancel it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the same. */
  readonly timeout: number;
  /** Milliseconds that the error speaks of, where `timeout` is what is left of a longer call. @default `timeout` */
  readonly wholeTimeout?: number;
  /** Do it only while this tenure of a lock lasts: an `assert` goes ahead of the operations, and has no result. */
  readonly tenure?: Tenure | undefined;
  /** Told at the moment of sending to whom it goes. */
  readonly onServer?: (server: TransactServer) => void;
}

/** The server that a transaction is sent to. */
export interface TransactServer {
  /** As in `tcp:127.0.0.1:6641`. */
  readonly remote: string;
  /**
   * Whether it is no member of a cluster and no relay. To one alone, "canceled" means that nothing was done. Others also
   * say it of what they have handed on and what may be committed later, and carry a transaction out again by themselves
   * when they cannot tell whether it was committed (ovsdb/trigger.c, ovsdb_trigger_cancel and ovsdb_trigger_try).
   */
  readonly isAlone: boolean;
  /** A number for the time in which it leads its cluster without a break, 0 while it does not lead. */
  readonly reign: number;
}

/** Those of one connection, and what they share. */
export interface TransactLine {
  readonly peer: Peer;
  readonly server: TransactServer;
  readonly alarms: Alarms;
}

/**
 * Sends one `transact` and resolves with its raw result array.
 *
 * On timeout or abort the server is asked to cancel; the reply that then comes tells what became of it. Rejects with
 * `TimeoutError` or the signal's reason when it is certain that nothing was done, `OutcomeUnknownError` when it is not.
 */
export function sendTransact(
  line: TransactLine,
  database: string,
  operations: WrittenOperations,
  options: SendOptions,
): Promise<Json> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    new Exchange(line, operations, options, resolve, reject).begin(database);
  });
}

/** One transaction that was sent. An object and no closures: there are many, and what most of them do is wait. */
class Exchange implements OpenCall, Alarm {
  readonly method = "transact";
  readonly onReply = undefined;
  readonly cut = undefined;
  readonly #line: TransactLine;
  readonly #operations: WrittenOperations;
  readonly #options: SendOptions;
  readonly #resolve: (result: Json) => void;
  readonly #reject: (reason: unknown) => void;
  /** Milliseconds for the reply to a `cancel`. */
  readonly #grace: number;
  #at: number;
  place = -1;
  #id = -1;
  /** Why it was given up. */
  #given: { readonly reason: unknown } | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    line: TransactLine,
    operations: WrittenOperations,
    options: SendOptions,
    resolve: (result: Json) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#line = line;
    this.#operations = operations;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const { timeout } = options;
    this.#grace = Math.min(CANCEL_GRACE, timeout / 4);
    this.#at = performance.now() + timeout - this.#grace;
  }

  /** Throws when nothing can be sent. */
  begin(database: string): void {
    const { peer, server, alarms } = this.#line;
    const { text } = this.#operations;
    const { signal } = this.#options;
    // First, since sending may end the connection, and this with it.
    alarms.set(this);
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.#give(signal.reason));
    try {
      this.#id = peer.sendText(`["${database}"${text === "" ? "" : ","}${text}]`, this);
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#options.onServer?.(server);
  }

  get at(): number {
    return this.#at;
  }

  ring(): void {
    if (this.#given === undefined) {
      const { timeout, wholeTimeout = timeout } = this.#options;
      this.#give(new TimeoutError("the reply to the transaction", wholeTimeout));
    } else {
      this.#line.peer.forget(this.#id, this.#given.reason);
    }
  }

  #give(reason: unknown): void {
    if (this.#given !== undefined) return;
    this.#given = { reason };
    const { peer, alarms } = this.#line;
    alarms.unset(this);
    if (!peer.closed) peer.notify("cancel", [this.#id]);
    this.#at = performance.now() + this.#grace;
    alarms.set(this);
  }

  resolve(result: Json): void {
    this.#end();
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#end();
    this.#reject(outcome(error, this.#given, this.#operations, this.#line.server));
  }

  #end(): void {
    this.#line.alarms.unset(this);
    this.#stopListening?.();
  }
}

/** What to throw when a `transact` got no result: did it happen or not? */
function outcome(
  error: unknown,
  given: { readonly reason: unknown } | undefined,
  operations: WrittenOperations,
  { remote, isAlone }: TransactServer,
): unknown {
  if (error instanceof RpcError) {
    if (error.error !== "canceled") return error;
    // The answer to our own cancel; or the server's own doing, as when the database gets another schema.
    if (isAlone) return given === undefined ? error : given.reason;
  }
  const why = given === undefined ? error : given.reason;
  return new OutcomeUnknownError(
    `the transaction was sent and its reply never came (${why instanceof Error ? why.message : String(why)}): it may have been committed`,
    { operations: operations.list, remote, lost: given === undefined, cause: why },
  );
}
