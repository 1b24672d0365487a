import type { Value } from "../ovsdb/index.ts";
import { SetVersion } from "./set-version.ts";
import { plain, type StoredColumn, type StoredRow, type StoredValue } from "./stored-row.ts";

/** Keys to the uuids of the rows that have them. Several rows may share a key: uniqueness is the server's business. */
class Buckets {
  readonly #map = new Map<unknown, string | Set<string>>();

  add(key: unknown, uuid: string): void {
    const bucket = this.#map.get(key);
    if (bucket === undefined) this.#map.set(key, uuid);
    else if (typeof bucket === "string") {
      if (bucket !== uuid) this.#map.set(key, new Set([bucket, uuid]));
    } else bucket.add(uuid);
  }

  remove(key: unknown, uuid: string): void {
    const bucket = this.#map.get(key);
    if (bucket === uuid) this.#map.delete(key);
    else if (bucket instanceof Set) {
      bucket.delete(uuid);
      if (bucket.size === 0) this.#map.delete(key);
    }
  }

  get(key: unknown): Iterable<string> {
    const bucket = this.#map.get(key);
    if (bucket === undefined) return [];
    return typeof bucket === "string" ? [bucket] : bucket;
  }

  count(key: unknown): number {
    const bucket = this.#map.get(key);
    if (bucket === undefined) return 0;
    return typeof bucket === "string" ? 1 : bucket.size;
  }
}

/** An index that follows the rows of one table. */
export interface Index {
  /** Positions of the columns it depends on. */
  readonly positions: readonly number[];
  change(old: StoredRow | undefined, next: StoredRow | undefined): void;
}

/** Rows by the values of one or more columns: the schema's indexes, and any scalar column somebody asked for. */
export class ColumnIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: readonly StoredColumn[];
  readonly #buckets = new Buckets();

  constructor(columns: readonly StoredColumn[], positions: readonly number[]) {
    this.#columns = columns;
    this.positions = positions;
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    if (old !== undefined) this.#buckets.remove(this.#keyOf(old), old.uuid);
    if (next !== undefined) this.#buckets.add(this.#keyOf(next), next.uuid);
  }

  lookup(values: readonly Value[]): Iterable<string> {
    return this.#buckets.get(key(values));
  }

  count(values: readonly Value[]): number {
    return this.#buckets.count(key(values));
  }

  #keyOf(row: StoredRow): unknown {
    return key(this.positions.map((position) => plain(row.value(this.#columns, position))));
  }
}

function key(values: readonly Value[]): unknown {
  return values.length === 1
    ? values[0]
    : JSON.stringify(values, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** Rows by the value that a map column has under one key, such as `external_ids:k8s.ovn.org/network`. */
export class MapKeyIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: readonly StoredColumn[];
  readonly #key: string;
  readonly #buckets = new Buckets();

  constructor(columns: readonly StoredColumn[], position: number, mapKey: string) {
    this.#columns = columns;
    this.positions = [position];
    this.#key = mapKey;
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    const before = old === undefined ? undefined : this.#valueOf(old);
    const after = next === undefined ? undefined : this.#valueOf(next);
    if (old !== undefined && before !== undefined) this.#buckets.remove(before, old.uuid);
    if (next !== undefined && after !== undefined) this.#buckets.add(after, next.uuid);
  }

  lookup(value: unknown): Iterable<string> {
    return this.#buckets.get(value);
  }

  count(value: unknown): number {
    return this.#buckets.count(value);
  }

  #valueOf(row: StoredRow): unknown {
    const map = row.value(this.#columns, this.positions[0] ?? 0);
    if (map === null || typeof map !== "object" || Array.isArray(map) || !Object.hasOwn(map, this.#key)) {
      return undefined;
    }
    return (map as { readonly [key: string]: unknown })[this.#key];
  }
}

/** Rows by the uuids that one of their columns refers to. A change of a large set costs what it changes. */
export class ReferenceIndex implements Index {
  readonly positions: readonly number[];
  readonly #columns: readonly StoredColumn[];
  readonly #buckets = new Buckets();

  constructor(columns: readonly StoredColumn[], position: number) {
    this.#columns = columns;
    this.positions = [position];
  }

  change(old: StoredRow | undefined, next: StoredRow | undefined): void {
    const position = this.positions[0] ?? 0;
    const before = old?.value(this.#columns, position) ?? null;
    const after = next?.value(this.#columns, position) ?? null;
    const uuid = next?.uuid ?? old?.uuid ?? "";
    if (before instanceof SetVersion && after instanceof SetVersion) {
      const { added, removed } = before.differenceTo(after);
      for (const element of removed) this.#buckets.remove(element, uuid);
      for (const element of added) this.#buckets.add(element, uuid);
      return;
    }
    for (const element of references(before)) this.#buckets.remove(element, uuid);
    for (const element of references(after)) this.#buckets.add(element, uuid);
  }

  lookup(uuid: string): Iterable<string> {
    return this.#buckets.get(uuid);
  }
}

function references(value: StoredValue): Iterable<unknown> {
  const flat = plain(value);
  if (flat === null) return [];
  if (Array.isArray(flat)) return flat;
  return typeof flat === "object" ? [...Object.keys(flat), ...Object.values(flat)] : [flat];
}
