import type { Deadline } from "../../database/index.ts";
import { TimeoutError } from "../../jsonrpc/index.ts";
import { ConflictError, type OperationFailure } from "../../ovsdb/index.ts";
import { onAbort, startTimer } from "../../session/index.ts";
import type { Northbound } from "../request/request.ts";
import { describeRow, type ExclusiveRow } from "./exclusive-rows.ts";

type Handle = Pick<Northbound, "status">;

/** By handle and row, what ends when the last of those who asked for the row so far is done. */
const queues = new WeakMap<Handle, Map<string, Promise<void>>>();

/**
 * The right of one plan to be the only one of its handle between reading the `_version` of its rows and the reply.
 *
 * Nothing rests on it: the guard on `_version` decides, as between processes. But of many plans that read the version at
 * once one gets through, and all others are made again, and again: that work grows with the square of their number.
 */
export class ExclusiveTurn {
  readonly #nb: Handle;
  readonly #queues: Map<string, Promise<void>>;
  readonly #deadline: Deadline;
  readonly #signal: AbortSignal | undefined;
  /** What was asked for last. */
  #rows: readonly ExclusiveRow[] = [];
  #held: readonly string[] = [];
  #end: () => void = () => undefined;
  /** Milliseconds spent in queues. */
  #waited = 0;
  /** How often it was taken, and the milliseconds that were left the last time. */
  #times = 0;
  #left = Number.POSITIVE_INFINITY;

  /** @param nb the handle that plans are made on; others on it are waited for. */
  constructor(nb: Handle, deadline: Deadline, signal: AbortSignal | undefined) {
    this.#nb = nb;
    this.#deadline = deadline;
    this.#signal = signal;
    this.#queues = queues.get(nb) ?? new Map();
    queues.set(nb, this.#queues);
  }

  /**
   * Resolves when all who asked for one of the rows before are done; at once where all are held already.
   *
   * The queues of all rows are joined in one moment. So whoever is waited for has come before, and no two wait for each
   * other.
   *
   * @throws TimeoutError, or the signal's reason. Those behind do not wait for this one then.
   */
  async take(rows: readonly ExclusiveRow[]): Promise<void> {
    if (!rows.every(({ uuid }) => this.#held.includes(uuid))) {
      this.release();
      this.#rows = rows;
      const begun = performance.now();
      try {
        await this.#enqueue(rows.map(({ uuid }) => uuid));
      } catch (error) {
        this.release();
        throw error;
      } finally {
        this.#waited += performance.now() - begun;
      }
    }
    this.#times += 1;
    this.#left = this.#deadline.left;
  }

  /** Lets the next ones begin. Without effect when nothing is held. */
  release(): void {
    this.#end();
    this.#end = () => undefined;
    this.#held = [];
  }

  /** What to throw in the place of an error: where others took most of the time that there was, it says who. */
  explain(error: unknown): unknown {
    // Without a connection all wait for that.
    if (this.#rows.length === 0 || this.#nb.status().state !== "live") return error;
    const { timeout } = this.#deadline;
    const isRefused = error instanceof ConflictError && error.operation === "wait";
    const isLate =
      error instanceof TimeoutError && Math.min(this.#left, timeout - this.#waited) < timeout / 2;
    if (!isRefused && !isLate) return error;
    const where = this.#rows.map(describeRow).join(" and ");
    const within = `${Math.round(timeout)} ms`;
    const failure: OperationFailure = isRefused
      ? error
      : {
          error: "timed out",
          details: "",
          operationIndex: null,
          operation: null,
          table: this.#rows[0]?.table ?? null,
        };
    return new ConflictError(
      failure,
      isRefused || this.#times > 1
        ? `somebody else changed ${where} each time before this plan arrived, for ${within}`
        : `the turn on ${where} did not come within ${within}: what gives out addresses or subnets there goes one after another, and others of this program came first`,
    );
  }

  #enqueue(uuids: readonly string[]): Promise<void> {
    const before = uuids.flatMap((uuid) => this.#queues.get(uuid) ?? []);
    const earlier = Promise.all(before);
    const own = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    // Who gives up its place in the middle does not let those behind pass those before.
    const done = earlier.then(() => own);
    this.#held = uuids;
    for (const uuid of uuids) this.#queues.set(uuid, done);
    void done.then(() => {
      for (const uuid of uuids) if (this.#queues.get(uuid) === done) this.#queues.delete(uuid);
    });
    return before.length === 0 ? Promise.resolve() : this.#inTime(earlier);
  }

  /** Resolves when others, who never fail, are done. */
  #inTime(others: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#signal?.throwIfAborted();
      const stopTimer = startTimer(this.#deadline.left, () => {
        stopListening();
        const isLive = this.#nb.status().state === "live";
        reject(this.#deadline.error(isLive ? "the turn" : "the connection to the server"));
      });
      const stopListening = onAbort(this.#signal, () => {
        stopTimer();
        reject(this.#signal?.reason);
      });
      void others.then(() => {
        stopTimer();
        stopListening();
        resolve();
      });
    });
  }
}
