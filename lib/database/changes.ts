import { showAs } from "../jsonrpc/index.ts";
import type { RowChange } from "../replica/index.ts";
import type { ChangeBatch } from "./change-types.ts";

/** What the replica gives, which knows more of itself than readers need. */
type Batch = ChangeBatch<RowChange>;

/**
 * Batches that wait for a slow reader before they are merged into one. More than come with one read from a socket: those
 * are all here before a reader has its turn, however quick it is.
 */
const MAX_QUEUED = 512;

/** A reader that waits for the next batch. */
interface Waiting {
  resolve(result: IteratorResult<Batch>): void;
  reject(error: unknown): void;
}

/**
 * The changes for one reader, in order, none lost.
 *
 * A reader that falls behind gets later changes of a row merged with earlier ones, so what waits for it is never more
 * than one change per row.
 */
export class ChangeStream implements AsyncIterableIterator<Batch> {
  readonly #tables: ReadonlySet<string> | undefined;
  readonly #onEnd: () => void;
  readonly #maxQueued: number;
  #queue: Batch[] = [];
  /** Everything that waits, once it is more than the queue takes; then the queue is empty. */
  #merged: Coalescer | undefined;
  readonly #waiting: Waiting[] = [];
  #ended = false;
  #error: { readonly reason: unknown } | undefined;

  static {
    showAs(ChangeStream.prototype, "ChangeStream", (stream) => ({
      tables: stream.#tables === undefined ? "all" : [...stream.#tables],
      // Those that were merged will be one.
      waiting: stream.#queue.length + (stream.#merged === undefined ? 0 : 1),
      ended: stream.#ended,
    }));
  }

  /** `maxQueued` batches wait before they are merged into one. */
  constructor(tables: readonly string[] | undefined, onEnd: () => void, maxQueued: number = MAX_QUEUED) {
    this.#maxQueued = maxQueued;
    this.#tables = tables && new Set(tables);
    this.#onEnd = onEnd;
  }

  push(cause: "initial" | "update" | "resync", changes: readonly RowChange[]): void {
    const rows = this.#tables === undefined ? changes : changesOf(this.#tables, changes);
    // An initial batch tells something even when it is empty: that there is nothing.
    if ((rows.length === 0 && cause !== "initial") || this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: { cause, rows } });
    } else if (this.#merged !== undefined) {
      this.#merged.add({ cause, rows });
    } else {
      this.#queue.push({ cause, rows });
      if (this.#queue.length > this.#maxQueued) this.#merge();
    }
  }

  #merge(): void {
    this.#merged = new Coalescer();
    for (const batch of this.#queue) this.#merged.add(batch);
    this.#queue = [];
  }

  /** Ends the stream: what is queued is still delivered, then `error` is thrown if one is given. */
  end(error: { readonly reason: unknown } | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd();
    // Only the first of several waiting readers is told of the error, as with a generator that throws.
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  next(): Promise<IteratorResult<Batch>> {
    const batch = this.#queue.shift() ?? this.#takeMerged();
    if (batch !== undefined) return Promise.resolve({ done: false, value: batch });
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  #takeMerged(): Batch | undefined {
    const rows = this.#merged?.take();
    this.#merged = undefined;
    return rows && { cause: "coalesced", rows };
  }

  #finish(waiting: Waiting): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error.reason);
  }

  return(): Promise<IteratorResult<Batch>> {
    this.#queue = [];
    this.#merged = undefined;
    this.end(undefined);
    // After an end with an error nobody wants to hear of it any more.
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Those in some tables. A plain loop that makes nothing else: this runs for each update. */
function changesOf(tables: ReadonlySet<string>, changes: readonly RowChange[]): readonly RowChange[] {
  const rows: RowChange[] = [];
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index];
    if (change !== undefined && tables.has(change.table)) rows.push(change);
  }
  return rows;
}

/** Merges changes, row by row; each costs the same however many wait. */
class Coalescer {
  readonly #changes = new Map<string, RowChange>();
  /** Keys of those that were made of several: in no others can a column have come back to what it was. */
  readonly #merged = new Set<string>();
  #hasInitial = false;

  add({ cause, rows }: Batch): void {
    this.#hasInitial ||= cause === "initial";
    for (const change of rows) {
      const key = `${change.table} ${change.uuid}`;
      const earlier = this.#changes.get(key);
      if (earlier === undefined) {
        this.#changes.set(key, change);
        continue;
      }
      // Deleting first keeps the order that of the last change.
      this.#changes.delete(key);
      const both = earlier.followedBy(change);
      if (both === undefined) continue;
      this.#changes.set(key, both);
      this.#merged.add(key);
    }
  }

  /** `undefined` when all has cancelled out; but a reader that waits for the initial batch gets one, as empty as it is. */
  take(): readonly RowChange[] | undefined {
    const rows = [...this.#changes].flatMap(([key, change]) =>
      this.#merged.has(key) ? (change.net() ?? []) : change,
    );
    return rows.length > 0 || this.#hasInitial ? rows : undefined;
  }
}
