import type { RowChange } from "../replica/index.ts";

/** The rows that one message of the server changed: as a rule one transaction. */
export interface ChangeBatch {
  /** `initial`: the content at subscription; `update`: one server update; `coalesced`: several, because the reader was slow. */
  readonly cause: "initial" | "update" | "coalesced";
  readonly rows: readonly RowChange[];
}

/** Batches that wait for a slow reader before they are merged into one. */
const MAX_QUEUED = 64;

/**
 * The changes for one reader, in order, none lost.
 *
 * A reader that falls behind gets later changes of a row merged with earlier ones, so what waits for it is never more
 * than one change per row.
 */
export class ChangeStream implements AsyncIterableIterator<ChangeBatch> {
  readonly #tables: ReadonlySet<string> | undefined;
  readonly #onEnd: () => void;
  #queue: ChangeBatch[] = [];
  #waiting:
    | { resolve: (result: IteratorResult<ChangeBatch>) => void; reject: (error: unknown) => void }
    | undefined;
  #ended = false;
  #error: unknown;

  constructor(tables: readonly string[] | undefined, onEnd: () => void) {
    this.#tables = tables && new Set(tables);
    this.#onEnd = onEnd;
  }

  push(cause: ChangeBatch["cause"], changes: readonly RowChange[]): void {
    const tables = this.#tables;
    const rows = tables === undefined ? changes : changes.filter((change) => tables.has(change.table));
    if (rows.length === 0 || this.#ended) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: { cause, rows } });
      return;
    }
    this.#queue.push({ cause, rows });
    if (this.#queue.length > MAX_QUEUED) this.#queue = [coalesce(this.#queue)];
  }

  /** Ends the stream: what is queued is still delivered, then the error is thrown if there is one. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
  }

  next(): Promise<IteratorResult<ChangeBatch>> {
    const batch = this.#queue.shift();
    if (batch !== undefined) return Promise.resolve({ done: false, value: batch });
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<ChangeBatch>> {
    this.#queue = [];
    this.end(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function coalesce(batches: readonly ChangeBatch[]): ChangeBatch {
  const merged = new Map<string, RowChange>();
  for (const { rows } of batches) {
    for (const change of rows) {
      const key = `${change.table} ${change.uuid}`;
      const earlier = merged.get(key);
      const both = earlier === undefined ? change : earlier.followedBy(change);
      // Deleting first keeps the order that of the last change.
      merged.delete(key);
      if (both !== undefined) merged.set(key, both);
    }
  }
  return { cause: "coalesced", rows: [...merged.values()] };
}
