import type { Columns } from "./columns.ts";
import { ColumnIndex, type Index, MapKeyIndex, ReferenceIndex } from "./indexes.ts";
import type { RowStore } from "./row-store.ts";
import type { StoredRow } from "./stored-row.ts";

/** Indexes on keys of maps that one table keeps: whoever looks for ever other keys must not fill the memory. */
const MAX_KEY_INDEXES = 64;

/** The indexes of one table. Each is built when it is first asked for, and then follows the rows. */
export class IndexSet {
  readonly #columns: Columns;
  readonly #rows: RowStore;
  readonly #byColumns = new Map<string, ColumnIndex>();
  /** Those of one column, by its position. */
  readonly #byColumn: (ColumnIndex | undefined)[] = [];
  readonly #byElement = new Map<number, ReferenceIndex>();
  /** All of them, as each change goes through them. */
  readonly #all: Index[] = [];
  /** The one used last comes last. */
  readonly #byKey = new Map<string, MapKeyIndex>();
  #latestKey: { readonly position: number; readonly mapKey: string; readonly index: MapKeyIndex } | undefined;

  constructor(columns: Columns, rows: RowStore) {
    this.#columns = columns;
    this.#rows = rows;
  }

  columns(positions: readonly number[]): ColumnIndex {
    return this.#getOrBuild(
      this.#byColumns,
      positions.join(),
      () => new ColumnIndex(this.#columns, positions),
    );
  }

  column(position: number): ColumnIndex {
    const known = this.#byColumn[position];
    if (known !== undefined) return known;
    const index = this.columns([position]);
    this.#byColumn[position] = index;
    return index;
  }

  elements(position: number): ReferenceIndex {
    return this.#getOrBuild(this.#byElement, position, () => new ReferenceIndex(this.#columns, position));
  }

  mapKey(position: number, mapKey: string): MapKeyIndex {
    const latest = this.#latestKey;
    if (latest?.mapKey === mapKey && latest.position === position) return latest.index;
    const name = `${position} ${mapKey}`;
    const index = this.#getOrBuild(this.#byKey, name, () => new MapKeyIndex(this.#columns, position, mapKey));
    this.#byKey.delete(name);
    this.#byKey.set(name, index);
    this.#latestKey = { position, mapKey, index };
    if (this.#byKey.size > MAX_KEY_INDEXES) this.#forgetOldest();
    return index;
  }

  #forgetOldest(): void {
    const [[name, index] = []] = this.#byKey;
    if (name === undefined || index === undefined) return;
    this.#byKey.delete(name);
    this.#all.splice(this.#all.indexOf(index), 1);
  }

  /** A row has come, has gone, or has changed: in the columns at these positions, or in those that this text names. */
  change(old: StoredRow | undefined, next: StoredRow | undefined, changed: readonly number[] | string): void {
    const same = old !== undefined && next !== undefined;
    for (let at = 0; at < this.#all.length; at++) {
      const index = this.#all[at];
      if (index !== undefined && (!same || this.#concerns(index, changed))) index.change(old, next);
    }
  }

  #concerns({ positions }: Index, changed: readonly number[] | string): boolean {
    if (typeof changed !== "string") return positions.some((position) => changed.includes(position));
    for (let at = 0; at < positions.length; at++) {
      const column = this.#columns.list[positions[at] ?? -1];
      if (column !== undefined && changed.includes(column.head)) return true;
    }
    return false;
  }

  clear(): void {
    for (const indexes of [this.#byColumns, this.#byElement, this.#byKey]) indexes.clear();
    this.#all.length = 0;
    this.#byColumn.length = 0;
    this.#latestKey = undefined;
  }

  #getOrBuild<K, I extends Index>(indexes: Map<K, I>, name: K, make: () => I): I {
    const known = indexes.get(name);
    if (known !== undefined) return known;
    const index = make();
    for (const stored of this.#rows) index.build(stored);
    indexes.set(name, index);
    this.#all.push(index);
    return index;
  }
}
