import type { InsertedRow, Operation } from "../ovsdb/index.ts";
import type { SelectedRows } from "./select.ts";
import type { TouchedRow } from "./touched-row.ts";

/**
 * Where, among the operations of one run, is what the caller has handles of. It is kept as long as the result, and so apart
 * from the draft: that can go as soon as it is written.
 */
export class Places {
  readonly #inserts = new Map<unknown, number>();
  readonly #last: readonly Operation[];
  readonly #lastAt: number;

  /** `inserted` are the rows by the handles that were given out, `last` the operations from number `lastAt` on. */
  constructor(inserted: ReadonlyMap<unknown, TouchedRow>, last: readonly Operation[], lastAt: number) {
    for (const [handle, { position }] of inserted) {
      if (position !== undefined) this.#inserts.set(handle, position);
    }
    this.#last = last;
    this.#lastAt = lastAt;
  }

  /** Of a row's insert; `undefined` when this run gave out no such handle, or the row was deleted again. */
  ofInsert(handle: InsertedRow): number | undefined {
    return this.#inserts.get(handle);
  }

  /** Of a select; `undefined` when it is not of this run. */
  ofSelect({ operation }: SelectedRows<unknown>): number | undefined {
    const index = this.#last.indexOf(operation);
    return index === -1 ? undefined : this.#lastAt + index;
  }
}
