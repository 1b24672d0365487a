import { type MemberTexts, PlainMember } from "../jsonrpc/index.ts";
import { atomKey, joinKeys, valueKey } from "./atom-key.ts";
import { Buckets, type Found } from "./buckets.ts";
import type { Columns } from "./columns.ts";
import { plain, type StoredValue } from "./decoded.ts";
import type { RowStore } from "./row-store.ts";
import { SetVersion } from "./set-version.ts";
import type { StoredRow } from "./stored-row.ts";

/** An index that follows the rows of one table. */
export interface Index {
  /** Positions of the columns it depends on. */
  readonly positions: readonly number[];
  /** Takes in a row that is there when the index is built. */
  build(row: StoredRow): void;
  change(old: StoredRow | undefined, next: StoredRow | undefined): void;
}

/** Rows by the values of one or more columns: the schema's indexes, and any scalar column somebody asked for. */
export class ColumnIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: Columns;
  readonly #keys: readonly ((value: unknown) => unknown)[];
  /** Of the first column: most indexes have no other. */
  readonly #firstKey: (value: unknown) => unknown;
  readonly #first: number;
  readonly #buckets = new Buckets();
  #member: PlainMember | undefined;

  constructor(columns: Columns, positions: readonly number[]) {
    this.#columns = columns;
    this.#keys = positions.map((position) => {
      const column = columns.list[position];
      return column === undefined ? (value: unknown): unknown => value : valueKey(column.schema);
    });
    this.positions = positions;
    this.#first = positions[0] ?? 0;
    this.#firstKey = this.#keys[0] ?? ((value) => value);
  }

  build(row: StoredRow): void {
    this.#buckets.build(this.#keyOf(row), row.slot);
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    if (old !== undefined) this.#buckets.remove(this.#keyOf(old), old.slot);
    if (next !== undefined) this.#buckets.add(this.#keyOf(next), next.slot);
  }

  /**
   * As `change` for rows that were loaded as text into the slots from `first` on: what is a plain string is taken from the
   * bytes. For an index on one column of strings.
   */
  load(texts: MemberTexts, first: number, rows: RowStore): void {
    this.#member ??= new PlainMember(this.#columns.list[this.#first]?.name ?? "");
    const found = this.#member.find(texts);
    for (let index = 0; 2 * index < found.length; index++) {
      const from = found[2 * index] ?? -1;
      if (from === -1) this.change(undefined, rows.at(first + index));
      else this.#buckets.addText(texts.bytes, from, found[2 * index + 1] ?? from, first + index);
    }
  }

  /** `values` in the order of `positions`. */
  lookup(values: readonly unknown[]): Found {
    return this.#buckets.get(this.#key(values));
  }

  /** Of an index on one column: the slot of the only row with that value, or those of several. */
  bucket(value: unknown): number | ReadonlySet<number> | undefined {
    return this.#buckets.bucket(this.#firstKey(value));
  }

  #keyOf(row: StoredRow): unknown {
    if (this.positions.length === 1) return this.#firstKey(plain(row.value(this.#columns, this.#first)));
    return this.#key(this.positions.map((position) => plain(row.value(this.#columns, position))));
  }

  #key(values: readonly unknown[]): unknown {
    if (values.length === 1) return this.#firstKey(values[0]);
    return joinKeys(values.map((value, index) => this.#keys[index]?.(value)));
  }
}

/** Rows by the value that a map column has under one key, such as `external_ids:k8s.ovn.org/network`. */
export class MapKeyIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: Columns;
  readonly #position: number;
  readonly #mapKey: string;
  readonly #key: (atom: unknown) => unknown;
  readonly #buckets = new Buckets();

  constructor(columns: Columns, position: number, mapKey: string) {
    const base = columns.list[position]?.schema.value;
    this.#key = base === undefined ? (atom) => atom : atomKey(base);
    this.#columns = columns;
    this.#position = position;
    this.positions = [position];
    this.#mapKey = mapKey;
  }

  build(row: StoredRow): void {
    const value = this.#valueOf(row);
    if (value !== undefined) this.#buckets.build(value, row.slot);
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    const before = old === undefined ? undefined : this.#valueOf(old);
    const after = next === undefined ? undefined : this.#valueOf(next);
    if (old !== undefined && before !== undefined) this.#buckets.remove(before, old.slot);
    if (next !== undefined && after !== undefined) this.#buckets.add(after, next.slot);
  }

  lookup(value: unknown): Found {
    return this.#buckets.get(this.#key(value));
  }

  /** The slot of the only row with that value, or those of several. */
  bucket(value: unknown): number | ReadonlySet<number> | undefined {
    return this.#buckets.bucket(this.#key(value));
  }

  #valueOf(row: StoredRow): unknown {
    const map: unknown = row.value(this.#columns, this.#position);
    if (map === null || typeof map !== "object" || !Object.hasOwn(map, this.#mapKey)) return undefined;
    return this.#key((map as { readonly [key: string]: unknown })[this.#mapKey]);
  }
}

/** Rows by the elements of one of their columns: as a rule uuids. A change of a large set costs what it changes. */
export class ReferenceIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: Columns;
  readonly #position: number;
  readonly #buckets = new Buckets();

  constructor(columns: Columns, position: number) {
    this.#columns = columns;
    this.#position = position;
    this.positions = [position];
  }

  build(row: StoredRow): void {
    for (const element of elements(row.value(this.#columns, this.#position))) {
      this.#buckets.build(element, row.slot);
    }
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    const before = old?.value(this.#columns, this.#position) ?? null;
    const after = next?.value(this.#columns, this.#position) ?? null;
    const slot = next?.slot ?? old?.slot ?? -1;
    if (before instanceof SetVersion && after instanceof SetVersion) {
      const { added, removed } = before.differenceTo(after);
      for (const element of removed) this.#buckets.remove(element, slot);
      for (const element of added) this.#buckets.add(element, slot);
      return;
    }
    for (const element of elements(before)) this.#buckets.remove(element, slot);
    for (const element of elements(after)) this.#buckets.add(element, slot);
  }

  lookup(element: string): Found {
    return this.#buckets.get(element.toLowerCase());
  }
}

function elements(value: StoredValue): Iterable<unknown> {
  const flat = plain(value);
  if (flat === null) return [];
  if (Array.isArray(flat)) return flat;
  return typeof flat === "object" ? [...Object.keys(flat), ...Object.values(flat)] : [flat];
}
