import type { Json } from "../jsonrpc/index.ts";
import {
  type Condition,
  deleteOp,
  insertOp,
  type Mutation,
  mutateOp,
  type Operation,
  updateOp,
  waitOp,
} from "../ovsdb/index.ts";

/** One row of a draft: what shall happen to it, all calls merged. */
export class TouchedRow {
  readonly table: string;
  /** The uuid: that of the existing row, or the one that an inserted row shall have. */
  readonly uuid: string;
  readonly inserted: boolean;
  readonly columns: { [column: string]: Json } = {};
  readonly #mutations: Mutation[] = [];
  /** Columns that must still be as they were read, with what was read. */
  readonly #verified = new Map<string, Json>();
  deleted = false;

  constructor(table: string, uuid: string, inserted: boolean) {
    this.table = table;
    this.uuid = uuid;
    this.inserted = inserted;
  }

  /** Gives a column a new value; what was to be added to it before, or taken away, does not count any more. */
  set(column: string, value: Json): void {
    this.columns[column] = value;
    for (let index = this.#mutations.length - 1; index >= 0; index -= 1) {
      if (this.#mutations[index]?.[0] === column) this.#mutations.splice(index, 1);
    }
  }

  mutate(...mutations: readonly Mutation[]): void {
    this.#mutations.push(...mutations);
  }

  verify(column: string, value: Json): void {
    // What was read first is what the rest was made from.
    if (!this.#verified.has(column)) this.#verified.set(column, value);
  }

  get #changes(): boolean {
    return Object.keys(this.columns).length > 0 || this.#mutations.length > 0;
  }

  /** A `wait` that the row still exists, and that its verified columns are as they were read; not for rows left alone. */
  guards(reference: Json): Operation[] {
    if (this.inserted) return [];
    const where: [Condition] = [["_uuid", "==", reference]];
    if (this.#verified.size > 0) {
      const rows = [Object.fromEntries(this.#verified)];
      return [waitOp(this.table, where, { columns: [...this.#verified.keys()], until: "==", rows })];
    }
    if (this.deleted || !this.#changes) return [];
    return [waitOp(this.table, where, { columns: ["_uuid"], until: "==", rows: [{ _uuid: reference }] })];
  }

  inserts(name: { readonly uuid?: string; readonly uuidName?: string }): Operation[] {
    return this.inserted && !this.deleted ? [insertOp(this.table, this.columns, name)] : [];
  }

  changes(reference: Json): Operation[] {
    if (this.deleted) return [];
    const where: [Condition] = [["_uuid", "==", reference]];
    const operations: Operation[] = [];
    if (!this.inserted && Object.keys(this.columns).length > 0) {
      operations.push(updateOp(this.table, where, this.columns));
    }
    if (this.#mutations.length > 0) operations.push(mutateOp(this.table, where, this.#mutations));
    return operations;
  }

  deletions(reference: Json): Operation[] {
    return this.deleted && !this.inserted ? [deleteOp(this.table, [["_uuid", "==", reference]])] : [];
  }
}
