import { ColumnIndex, type Index, MapKeyIndex, ReferenceIndex } from "./indexes.ts";
import type { StoredColumn, StoredRow } from "./stored-row.ts";

/** Indexes on keys of maps that one table keeps: whoever looks for ever other keys must not fill the memory. */
const MAX_KEY_INDEXES = 64;

/** The indexes of one table. Each is built when it is first asked for, and then follows the rows. */
export class IndexSet {
  readonly #columns: readonly StoredColumn[];
  readonly #rows: ReadonlyMap<string, StoredRow>;
  readonly #byColumns = new Map<string, ColumnIndex>();
  readonly #byElement = new Map<number, ReferenceIndex>();
  /** The one used last comes last. */
  readonly #byKey = new Map<string, MapKeyIndex>();

  constructor(columns: readonly StoredColumn[], rows: ReadonlyMap<string, StoredRow>) {
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

  elements(position: number): ReferenceIndex {
    return this.#getOrBuild(this.#byElement, position, () => new ReferenceIndex(this.#columns, position));
  }

  mapKey(position: number, mapKey: string): MapKeyIndex {
    const name = `${position} ${mapKey}`;
    const index = this.#getOrBuild(this.#byKey, name, () => new MapKeyIndex(this.#columns, position, mapKey));
    this.#byKey.delete(name);
    this.#byKey.set(name, index);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > MAX_KEY_INDEXES && oldest !== undefined) this.#byKey.delete(oldest);
    return index;
  }

  /** A row has changed in the columns at these positions, has come or gone. */
  change(old: StoredRow | undefined, next: StoredRow | undefined, changed: readonly number[]): void {
    for (const indexes of [this.#byColumns, this.#byElement, this.#byKey]) {
      for (const index of indexes.values()) {
        if (old === undefined || next === undefined || index.positions.some((p) => changed.includes(p))) {
          index.change(old, next);
        }
      }
    }
  }

  clear(): void {
    for (const indexes of [this.#byColumns, this.#byElement, this.#byKey]) indexes.clear();
  }

  #getOrBuild<K, I extends Index>(indexes: Map<K, I>, name: K, make: () => I): I {
    const known = indexes.get(name);
    if (known !== undefined) return known;
    const index = make();
    for (const stored of this.#rows.values()) index.change(undefined, stored);
    indexes.set(name, index);
    return index;
  }
}
