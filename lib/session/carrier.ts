import type { Json, OvsdbError, Peer } from "../jsonrpc/index.ts";
import { assertOp, WrittenOperations } from "../ovsdb/index.ts";
import { Alarms } from "./alarms.ts";
import { LockLostError, NotSyncedError } from "./errors.ts";
import type { Events } from "./events.ts";
import { Gate } from "./gate.ts";
import { Locks, type Tenure } from "./locks.ts";
import { type SendOptions, sendTransact, type TransactLine, type TransactServer } from "./transact.ts";

/** A connection that is live. */
interface Line extends TransactLine {
  readonly gate: Gate;
}

/**
 * What users have on whichever connection is live: transactions, and the locks that they hold.
 *
 * Driven by the session: `connected` when a connection is live, `disconnected` when it is not any more, `ended` at last.
 */
export class Carrier {
  readonly locks: Locks;
  readonly #database: string;
  readonly #maxUnsent: number;
  #line: Line | undefined;
  #end: OvsdbError | undefined;
  /** Of the transactions that were sent, over all connections. */
  readonly #alarms = new Alarms();

  constructor(database: string, events: Events, maxUnsent: number) {
    this.#database = database;
    this.#maxUnsent = maxUnsent;
    this.locks = new Locks(events);
  }

  /** Transactions without an outcome, those that wait for room too. */
  get pending(): number {
    return this.#alarms.size + (this.#line?.gate.waiting ?? 0);
  }

  /** What was given to the socket and has not left it, in bytes. */
  get unsent(): number {
    return this.#line?.peer.unsent ?? 0;
  }

  connected(peer: Peer, server: TransactServer): void {
    // A resync on the same connection changes nothing here.
    if (peer === this.#line?.peer) return;
    this.#line = { peer, server, alarms: this.#alarms, gate: new Gate(peer, this.#maxUnsent) };
    this.locks.connected(peer, server.remote);
  }

  disconnected(reason: OvsdbError): void {
    this.#leave(
      new NotSyncedError("the connection was lost before the transaction was sent", { cause: reason }),
    );
    this.locks.disconnected(reason);
  }

  ended(reason: OvsdbError): void {
    this.#end = reason;
    this.#leave(reason);
    this.#alarms.close();
    this.locks.ended(reason);
  }

  /** Says whether a notification was for one of these, and heeds it. */
  notified(method: string, params: readonly Json[]): boolean {
    return this.locks.notified(method, params);
  }

  /**
   * Sends one `transact` and resolves with its raw result array.
   *
   * On timeout or abort the server is asked to cancel. Rejects with `TimeoutError` or the signal's reason when it is certain
   * that nothing was done, `OutcomeUnknownError` when it is not; before anything was sent, with what ended the session,
   * `NotSyncedError`, or `LockLostError`.
   */
  transact(operations: WrittenOperations, options: SendOptions): Promise<Json> {
    try {
      return this.#pass(operations, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #pass(operations: WrittenOperations, options: SendOptions): Promise<Json> {
    const line = this.#line;
    // It may have ended just now, and the session not know it yet.
    if (line === undefined || line.peer.closed) {
      throw this.#end ?? new NotSyncedError("the connection is not live");
    }
    const { tenure } = options;
    if (tenure !== undefined) this.locks.check(tenure);
    if (line.gate.open) return this.#send(line, operations, options);
    return line.gate.pass(options, (timeout) => this.#send(line, operations, { ...options, timeout }));
  }

  #send(line: Line, operations: WrittenOperations, options: SendOptions): Promise<Json> {
    const { tenure } = options;
    return tenure === undefined
      ? sendTransact(line, this.#database, operations, options)
      : this.#sendWithin(tenure, line, operations, options);
  }

  async #sendWithin(
    tenure: Tenure,
    line: Line,
    operations: WrittenOperations,
    options: SendOptions,
  ): Promise<Json> {
    // It may have ended while others were let through.
    this.locks.check(tenure);
    const guarded = WrittenOperations.of([assertOp(tenure.lock.name)]).followedBy(operations);
    return withoutAssert(await sendTransact(line, this.#database, guarded, options), tenure);
  }

  #leave(reason: OvsdbError): void {
    const line = this.#line;
    this.#line = undefined;
    line?.gate.close(reason);
  }
}

/** The results of the operations after the `assert`. Throws when that failed: then none of them was done. */
function withoutAssert(reply: Json, { lock }: Tenure): Json {
  if (!Array.isArray(reply)) return reply;
  const [asserted, ...results] = reply as readonly Json[];
  if (asserted !== null && typeof asserted === "object" && "error" in asserted) {
    throw new LockLostError(lock.name, `the server says that the lock ${lock.name} is not held`, {
      cause: asserted,
      retryable: true,
    });
  }
  return results;
}
