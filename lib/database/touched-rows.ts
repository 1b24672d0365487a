import type { Ref } from "../ovsdb/index.ts";
import { type Replica, RowMark } from "../replica/index.ts";
import type { TouchedRow } from "./touched-row.ts";

/** The rows that one run of a transaction's function is about: those that were there before and those inserted. */
export class TouchedRows {
  /** In the order in which they came. */
  readonly list: TouchedRow[] = [];
  /** The first of each uuid: rows of several tables may have the same, since clients choose them. */
  readonly #firsts = new Map<string, TouchedRow>();

  add(touched: TouchedRow): void {
    this.list.push(touched);
    if (!this.#firsts.has(touched.uuid)) this.#firsts.set(touched.uuid, touched);
  }

  has(uuid: string): boolean {
    return this.#firsts.has(uuid);
  }

  /** By a handle that this run gave out: the uuids of another run's rows may be the same. */
  inserted(handle: Ref): TouchedRow | undefined {
    const touched = this.#firsts.get(handle.ref);
    return touched?.handle === handle ? touched : undefined;
  }

  /** By a row that was read, or a copy of one, which belongs to the table that `replica` finds it in. */
  known(row: { readonly _uuid: string }, replica: () => Replica): TouchedRow | undefined {
    const first = this.#firsts.get(row._uuid);
    if (first === undefined) return undefined;
    const table = RowMark.tableOf(row) ?? replica().ownerOf(row)?.name;
    if (table === undefined || table === first.table.name) return first;
    return this.list.find((touched) => touched.uuid === first.uuid && touched.table.name === table);
  }
}
