import type { Atom, Uuid } from "../ovsdb/index.ts";
import type { RowChange } from "../replica/index.ts";
import type { ColumnOf, ElementOf, Row, TableName, Tables } from "./types.ts";

/** The rows that one message of the server changed: as a rule one transaction. */
export interface ChangeBatch<C = RowChange> {
  /**
   * `initial`: the content at subscription; `update`: one server update; `resync`: all that changed while the connection
   * was lost; `coalesced`: several of those, because the reader was slow.
   */
  readonly cause: "initial" | "update" | "resync" | "coalesced";
  readonly rows: readonly C[];
}

/** A {@link RowChange} of a table whose columns are known to the type checker; its `kind` tells which of the two rows there are. */
export type TableChange<K extends string, R> = ChangedRow<K, R> &
  (
    | { readonly kind: "insert"; readonly old: undefined; readonly new: R }
    | { readonly kind: "modify"; readonly old: R; readonly new: R }
    | { readonly kind: "delete"; readonly old: R; readonly new: undefined }
  );

/** What changes of a table have, whatever their kind. */
export interface ChangedRow<K extends string, R> {
  readonly table: K;
  readonly uuid: Uuid<K>;
  /** Names of the columns that a `modify` changed; empty for inserts and deletions. */
  readonly columns: readonly ColumnOf<R>[];
  /** See {@link RowChange.elements}. Of a change of any of several tables: for columns that all of them have. */
  elements<S, C extends ElementColumn<RowIn<S>>>(this: S, column: C): ElementsOf<RowIn<S>[C]>;
}

/** What came into a column and went out of it. */
export interface ElementsOf<V> {
  readonly added: readonly Extract<ElementOf<V>, Atom>[];
  readonly removed: readonly Extract<ElementOf<V>, Atom>[];
}

// By the change itself: signatures that name the row's type differ from table to table, and of several none could be called.

/** The row that a change is about. */
export type RowIn<S> = S extends { readonly old: infer O; readonly new: infer N }
  ? NonNullable<O | N>
  : never;

/** Names of the columns that have elements, as maps have not; any name where no model says which do. */
export type ElementColumn<R> = keyof {
  [C in ColumnOf<R> as string extends C
    ? C
    : [R[C]] extends [Atom | null | readonly unknown[]]
      ? C
      : never]: C;
} &
  keyof R;

/** A change of any of several tables: comparing its `table` tells which row type it has. */
export type ChangeOf<T extends Tables<T>, K extends TableName<T>> = {
  readonly [N in K]: TableChange<N, Row<T, N>>;
}[K];

/**
 * Batches that wait for a slow reader before they are merged into one. More than come with one read from a socket: those
 * are all here before a reader has its turn, however quick it is.
 */
const MAX_QUEUED = 512;

/** A reader that waits for the next batch. */
interface Waiting {
  resolve(result: IteratorResult<ChangeBatch>): void;
  reject(error: unknown): void;
}

/**
 * The changes for one reader, in order, none lost.
 *
 * A reader that falls behind gets later changes of a row merged with earlier ones, so what waits for it is never more
 * than one change per row.
 */
export class ChangeStream implements AsyncIterableIterator<ChangeBatch> {
  readonly #tables: ReadonlySet<string> | undefined;
  readonly #onEnd: () => void;
  readonly #maxQueued: number;
  #queue: ChangeBatch[] = [];
  /** Everything that waits, once it is more than the queue takes; then the queue is empty. */
  #merged: Coalescer | undefined;
  readonly #waiting: Waiting[] = [];
  #ended = false;
  #error: { readonly reason: unknown } | undefined;

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
      this.#merged.add(rows);
    } else {
      this.#queue.push({ cause, rows });
      if (this.#queue.length > this.#maxQueued) this.#merge();
    }
  }

  #merge(): void {
    this.#merged = new Coalescer();
    for (const { rows } of this.#queue) this.#merged.add(rows);
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

  next(): Promise<IteratorResult<ChangeBatch>> {
    const batch = this.#queue.shift() ?? this.#takeMerged();
    if (batch !== undefined) return Promise.resolve({ done: false, value: batch });
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  #takeMerged(): ChangeBatch | undefined {
    const rows = this.#merged?.take() ?? [];
    this.#merged = undefined;
    // All changes may have cancelled out.
    return rows.length === 0 ? undefined : { cause: "coalesced", rows };
  }

  #finish(waiting: Waiting): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error.reason);
  }

  return(): Promise<IteratorResult<ChangeBatch>> {
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

  add(rows: readonly RowChange[]): void {
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

  take(): readonly RowChange[] {
    return [...this.#changes].flatMap(([key, change]) =>
      this.#merged.has(key) ? (change.net() ?? []) : change,
    );
  }
}
