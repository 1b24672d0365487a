import type { Json, OvsdbError, Peer } from "../jsonrpc/index.ts";
import { assertOp } from "../ovsdb/index.ts";
import { LockLostError, NotSyncedError } from "./errors.ts";
import type { Events } from "./events.ts";
import { Gate } from "./gate.ts";
import { Locks, type Tenure } from "./locks.ts";
import { type SendOptions, sendTransact, type TransactServer } from "./transact.ts";

/** A connection that is live. */
interface Line {
  readonly peer: Peer;
  readonly server: TransactServer;
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
  #pending = 0;

  constructor(database: string, events: Events, maxUnsent: number) {
    this.#database = database;
    this.#maxUnsent = maxUnsent;
    this.locks = new Locks(events);
  }

  /** Transactions without an outcome, those that wait for room too. */
  get pending(): number {
    return this.#pending;
  }

  /** What was given to the socket and has not left it, in bytes. */
  get unsent(): number {
    return this.#line?.peer.unsent ?? 0;
  }

  connected(peer: Peer, server: TransactServer): void {
    // A resync on the same connection changes nothing here.
    if (peer === this.#line?.peer) return;
    this.#line = { peer, server, gate: new Gate(peer, this.#maxUnsent) };
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
    this.locks.ended(reason);
  }

  /** Says whether a notification was for one of these, and heeds it. */
  notified(method: string, params: readonly Json[]): boolean {
    return this.locks.notified(method, params);
  }

  /**
   * Sends one `transact` and returns its raw result array.
   *
   * On timeout or abort the server is asked to cancel. Throws `TimeoutError` or the signal's reason when it is certain
   * that nothing was done, `OutcomeUnknownError` when it is not; before anything was sent, what ended the session,
   * `NotSyncedError`, or `LockLostError`.
   */
  async transact(operations: readonly Json[], options: SendOptions): Promise<Json> {
    const line = this.#line;
    // It may have ended just now, and the session not know it yet.
    if (line === undefined || line.peer.closed) {
      throw this.#end ?? new NotSyncedError("the connection is not live");
    }
    const { peer, server, gate } = line;
    const { tenure } = options;
    if (tenure !== undefined) this.locks.check(tenure);
    this.#pending += 1;
    try {
      return await gate.pass(options, async (timeout) => {
        const bounds = { ...options, timeout };
        if (tenure === undefined) return sendTransact(peer, this.#database, operations, bounds, server);
        // It may have ended while others were let through.
        this.locks.check(tenure);
        const guarded = [assertOp(tenure.lock.name), ...operations];
        return withoutAssert(await sendTransact(peer, this.#database, guarded, bounds, server), tenure);
      });
    } finally {
      this.#pending -= 1;
    }
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
