import type { InsertedRow, Operation } from "../ovsdb/index.ts";
import type { SelectedRows } from "./select.ts";

/**
 * Where, among the operations of one run, is what the caller has handles of. It is kept as long as the result, and so apart
 * from the draft: that can go as soon as it is written.
 */
export class Places {
  readonly #inserted: readonly InsertedRow[];
  readonly #insertedAt: number;
  /** The handles with their places, made when first asked for: most callers never ask. */
  #places: ReadonlyMap<InsertedRow, number> | undefined;
  readonly #last: readonly Operation[];
  readonly #lastAt: number;

  /**
   * `inserted` are the handles of the rows that are inserted by the operations from number `insertedAt` on, `last` the
   * operations from number `lastAt` on.
   */
  constructor(
    inserted: readonly InsertedRow[],
    insertedAt: number,
    last: readonly Operation[],
    lastAt: number,
  ) {
    this.#inserted = inserted;
    this.#insertedAt = insertedAt;
    this.#last = last;
    this.#lastAt = lastAt;
  }

  /** Whether the run gave out handles of rows that are inserted. */
  get hasInserts(): boolean {
    return this.#inserted.length > 0;
  }

  /** Of a row's insert; `undefined` when this run gave out no such handle, or the row was deleted again. */
  ofInsert(handle: InsertedRow): number | undefined {
    this.#places ??= new Map(this.#inserted.map((each, index) => [each, this.#insertedAt + index]));
    return this.#places.get(handle);
  }

  /** Of a select; `undefined` when it is not of this run. */
  ofSelect({ operation }: SelectedRows<unknown>): number | undefined {
    const index = this.#last.indexOf(operation);
    return index === -1 ? undefined : this.#lastAt + index;
  }
}
