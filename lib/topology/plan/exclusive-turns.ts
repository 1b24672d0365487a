import { inTime, type Until } from "../../database/index.ts";
import { TimeoutError } from "../../jsonrpc/index.ts";
import { ConflictError, type Operation, type OperationFailure, uuidIn } from "../../ovsdb/index.ts";
import type { Northbound } from "../request/request.ts";
import { describeRow, type ExclusiveRow } from "./exclusive-rows.ts";
import { missedTurn } from "./missed-turn.ts";

type Handle = Pick<Northbound, "status">;

/** Who wants a row. */
interface Queue {
  readonly row: ExclusiveRow;
  /** How many have asked for it and are not done. */
  wanted: number;
  /** Ends when the last of those who asked for it so far is done. */
  last: Promise<void>;
  /** Ends when the one who has it is done; undefined while nobody has it. */
  held: Promise<void> | undefined;
  /** Ends of those who change the row without having it for themselves. */
  readonly passing: Set<Promise<void>>;
}

/** By handle, the queues of rows that somebody wants, by uuid. */
const queues = new WeakMap<Handle, Map<string, Queue>>();

/**
 * The right of one plan to be the only one of its handle between reading the `_version` of its rows and the reply.
 *
 * Nothing rests on it: the guard on `_version` decides, as between processes. But of many plans that read the version at
 * once one gets through, and all others are made again, and again: that work grows with the square of their number. The same
 * is so when others change the rows in between, as a detached pod does; those pass as soon as the one who has the row is done,
 * before the next one begins.
 */
export class ExclusiveTurn {
  readonly #nb: Handle;
  readonly #queues: Map<string, Queue>;
  readonly #until: Until;
  /** What was asked for last, or passed. */
  #rows: readonly ExclusiveRow[] = [];
  #held: readonly Queue[] = [];
  #isPassing = false;
  #isOver = false;
  #end: () => void = () => undefined;
  /** Milliseconds spent in queues. */
  #waited = 0;
  /** How often it was taken, and the milliseconds that were left the last time. */
  #times = 0;
  #left = Number.POSITIVE_INFINITY;

  /** @param nb the handle that plans are made on; others on it are waited for. */
  constructor(nb: Handle, until: Until) {
    this.#nb = nb;
    this.#until = until;
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
    this.goOn();
    if (!rows.every(({ uuid }) => this.#held.some(({ row }) => row.uuid === uuid))) {
      this.release();
      this.#rows = rows;
      await this.#wait(() => this.#enqueue(rows));
    }
    this.#times += 1;
    this.#left = this.#until.deadline.left;
  }

  /**
   * To be called before operations are sent for which nothing has to be taken: where they change rows that another plan has for
   * itself, resolves to true when that one is done. It is false where there was nothing to wait for.
   *
   * @param operations Asked for only where somebody wants a row.
   * @throws TimeoutError, or the signal's reason.
   */
  async pass(operations: () => readonly Operation[]): Promise<boolean> {
    this.goOn();
    if (this.#queues.size === 0 || this.#isPassing) return false;
    const passed = new Set(
      operations().flatMap((operation) => this.#queues.get(changedRow(operation)) ?? []),
    );
    if (passed.size === 0) return false;
    this.release();
    this.#isPassing = true;
    this.#rows = [...passed].map(({ row }) => row);
    const own = this.#begin();
    for (const { passing } of passed) passing.add(own);
    void own.then(() => {
      for (const queue of passed) {
        queue.passing.delete(own);
        this.#dropUnused(queue);
      }
    });
    const held = [...passed].flatMap((queue) => queue.held ?? []);
    if (held.length === 0) return false;
    await this.#wait(() => this.#inTime(Promise.all(held)));
    return true;
  }

  /** Lets the next ones begin. Without effect when nothing is held or passed. */
  release(): void {
    this.#end();
    this.#end = () => undefined;
    this.#held = [];
    this.#isPassing = false;
  }

  /** The same for good, as the call is over. What still runs of it takes nothing any more. */
  end(): void {
    this.#isOver = true;
    this.release();
  }

  /**
   * Throws where the call is over. Its caller was told when the signal aborted or the time was over; a reply that comes after that has
   * nobody left for whom to plan, and what was taken now would never be given back.
   */
  goOn(): void {
    if (this.#isOver) throw new Error("the call is over");
  }

  /** What to throw in the place of an error: where others took most of the time that there was, it says who. */
  explain(error: unknown): unknown {
    // Without a connection all wait for that.
    if (this.#rows.length === 0 || this.#nb.status().state !== "live") return error;
    const { timeout } = this.#until.deadline;
    const isRefused = this.#times > 0 && error instanceof ConflictError && error.operation === "wait";
    const isLate =
      error instanceof TimeoutError && Math.min(this.#left, timeout - this.#waited) < timeout / 2;
    if (!isRefused && !isLate) return error;
    if (!isRefused && this.#times <= 1) return missedTurn(this.#rows, timeout);
    const failure: OperationFailure = isRefused ? error : missedTurn(this.#rows, timeout);
    const where = this.#rows.map(describeRow).join(" and ");
    const within = `${Math.round(timeout)} ms`;
    return new ConflictError(
      failure,
      `somebody else changed ${where} each time before this plan arrived, for ${within}`,
    );
  }

  #begin(): Promise<void> {
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  #dropUnused({ row, wanted, passing }: Queue): void {
    if (wanted === 0 && passing.size === 0) this.#queues.delete(row.uuid);
  }

  /** Counts the time that others took; who gives up waiting gives up its place. */
  async #wait(work: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    try {
      await work();
    } catch (error) {
      this.release();
      throw error;
    } finally {
      this.#waited += performance.now() - begun;
    }
  }

  async #enqueue(rows: readonly ExclusiveRow[]): Promise<void> {
    const own = this.#begin();
    const before = rows.flatMap(({ uuid }) => this.#queues.get(uuid)?.last ?? []);
    const earlier = Promise.all(before);
    // Who gives up its place in the middle does not let those behind pass those before.
    const done = earlier.then(() => own);
    const held = rows.map((row) => {
      const queue = this.#queues.get(row.uuid) ?? newQueue(row);
      queue.wanted += 1;
      queue.last = done;
      this.#queues.set(row.uuid, queue);
      return queue;
    });
    this.#held = held;
    void done.then(() => {
      for (const queue of held) {
        if (queue.held === own) queue.held = undefined;
        queue.wanted -= 1;
        this.#dropUnused(queue);
      }
    });
    if (before.length > 0) await this.#inTime(earlier);
    for (const queue of held) queue.held = own;
    const passing = held.flatMap((queue) => [...queue.passing]);
    if (passing.length > 0) await this.#inTime(Promise.all(passing));
  }

  /** Resolves when others, who never fail, are done. */
  async #inTime(others: Promise<unknown>): Promise<void> {
    const { deadline, signal } = this.#until;
    const late = (): Error => {
      const isLive = this.#nb.status().state === "live";
      const turn = `the turn on ${this.#rows.map(describeRow).join(" and ")}`;
      return deadline.error(isLive ? turn : "the connection to the server");
    };
    await inTime(others, deadline.left, late, [signal]);
  }
}

function newQueue(row: ExclusiveRow): Queue {
  return { row, wanted: 0, last: Promise.resolve(), held: undefined, passing: new Set() };
}

/** The uuid of the row that an operation changes; empty where it is about none, or not by its uuid. */
function changedRow(operation: Operation): string {
  if (operation.op !== "mutate" && operation.op !== "update" && operation.op !== "delete") return "";
  const [condition] = operation.where;
  const [column, , value] = condition ?? [];
  return (column === "_uuid" && uuidIn(value)) || "";
}
