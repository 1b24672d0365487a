import { type Json, JsonText, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import {
  applyDiff,
  type ColumnSchema,
  columnKind,
  decodeValue,
  defaultValue,
  type Value,
  valuesEqual,
} from "../ovsdb/index.ts";
import type { AnyRow } from "./rows.ts";
import { SetVersion } from "./set-version.ts";

/** Sets above this size are kept as `SetVersion`; below it an array is smaller and as fast. */
const LARGE_SET = 32;

/** A column as the replica keeps it. */
export interface StoredColumn {
  readonly name: string;
  readonly schema: ColumnSchema;
  /** Sets of strings or uuids without a bound, which can grow large. */
  readonly growing: boolean;
}

export function storedColumn(name: string, schema: ColumnSchema): StoredColumn {
  const growing =
    columnKind(schema) === "set" &&
    schema.max === "unlimited" &&
    (schema.key.type === "uuid" || schema.key.type === "string");
  return { name, schema, growing };
}

export type StoredValue = Value | SetVersion;

/**
 * Stands for a value that is not of its column's type: a server that sends one is at fault with this row, and whoever
 * reads it is told; that is no reason to do without all other rows, or to fetch the same fault again and again.
 */
class Unreadable {
  readonly error: ProtocolError;

  constructor(error: ProtocolError) {
    this.error = error;
  }
}

/** Which table a row that was handed out belongs to: the row itself shows its columns and nothing else. */
const tableNames = new WeakMap<object, string>();

/** The name of the table that a row was read from; `undefined` for an object that is no row of a replica. */
export function tableNameOf(row: object): string | undefined {
  return tableNames.get(row);
}

/** A row's columns as they came: those at their default may be absent. */
export type WireColumns = { readonly [column: string]: Json };

/**
 * One version of one row. Columns stay as they came until the row is read or changed: most rows of a large database
 * never are.
 */
export class StoredRow {
  readonly uuid: string;
  #wire: WireColumns | JsonText | undefined;
  #values: (StoredValue | Unreadable)[] | undefined;
  #view: AnyRow | undefined;

  private constructor(
    uuid: string,
    wire: WireColumns | JsonText | undefined,
    values: (StoredValue | Unreadable)[] | undefined,
  ) {
    this.uuid = uuid;
    this.#wire = wire;
    this.#values = values;
  }

  static fromWire(uuid: string, wire: WireColumns | JsonText): StoredRow {
    return new StoredRow(uuid, wire, undefined);
  }

  /** Throws `ProtocolError` when the server sent a value of another type. */
  value(columns: readonly StoredColumn[], position: number): StoredValue {
    return readable(this.#at(columns, position));
  }

  #at(columns: readonly StoredColumn[], position: number): StoredValue | Unreadable {
    if (this.#values !== undefined) return this.#values[position] ?? null;
    const column = columns[position];
    if (column === undefined) return null;
    const value = decodeColumn(column, this.#wire);
    // Decoding a large set again for each question would make every question cost as much as the set is large.
    return value instanceof SetVersion ? (this.#all(columns)[position] ?? null) : value;
  }

  /** Whether another version of the row has the same there; what cannot be read is taken for changed. */
  sameAt(columns: readonly StoredColumn[], position: number, other: StoredRow): boolean {
    const column = columns[position];
    return column === undefined || same(column, this.#at(columns, position), other.#at(columns, position));
  }

  /** Decodes every column now, so that what the row came in can go. */
  decode(columns: readonly StoredColumn[]): void {
    this.#all(columns);
  }

  #all(columns: readonly StoredColumn[]): (StoredValue | Unreadable)[] {
    if (this.#values === undefined) {
      const wire = this.#wire instanceof JsonText ? parseColumns(this.#wire) : this.#wire;
      this.#values = columns.map((column) =>
        wire instanceof Unreadable ? wire : decodeColumn(column, wire),
      );
      if (this.#wire instanceof JsonText) this.#wire.release();
      this.#wire = undefined;
    }
    return this.#values;
  }

  /** The next version after a `modify` of update2/update3; `changed` receives the positions that it names. */
  modified(columns: readonly StoredColumn[], diff: WireColumns, changed: number[]): StoredRow {
    const values = this.#all(columns).slice();
    columns.forEach((column, position) => {
      const change = wireValue(diff, column.name);
      if (change === undefined) return;
      changed.push(position);
      const current = values[position] ?? null;
      const kind = columnKind(column.schema);
      // A new value needs no readable old one, a difference does.
      const base =
        current instanceof Unreadable && (kind === "scalar" || kind === "optional") ? null : current;
      values[position] =
        current instanceof SetVersion
          ? current.toggle(strings(decodeValue(column.schema, change)))
          : stored(column, applyDiff(column.schema, plain(readable(base)), change));
    });
    return new StoredRow(this.uuid, undefined, values);
  }

  /** The next version after a v1 `update`, which tells the whole new row. */
  replaced(columns: readonly StoredColumn[], wire: WireColumns, changed: number[]): StoredRow {
    const old = this.#all(columns);
    const values = columns.map((column, position) => {
      const before = old[position] ?? null;
      const after = decodeColumn(column, wire);
      if (same(column, before, after)) return before;
      changed.push(position);
      return after;
    });
    return new StoredRow(this.uuid, undefined, values);
  }

  /** The same row in a table whose columns are others now: what both have keeps its value, the rest is at its default. */
  rearranged(from: readonly StoredColumn[], to: readonly StoredColumn[]): StoredRow {
    const values = to.map((column) => {
      const position = from.findIndex((old) => sameColumn(old, column));
      return position === -1 ? defaultValue(column.schema) : this.#at(from, position);
    });
    return new StoredRow(this.uuid, undefined, values);
  }

  /**
   * The row as users see it: a frozen plain object; large sets become arrays when they are first read. Throws
   * `ProtocolError` when the server sent a value of another type than its column's.
   */
  view(table: string, columns: readonly StoredColumn[], hidden: PropertyDescriptorMap | undefined): AnyRow {
    if (this.#view === undefined) {
      const row: { _uuid: string; [column: string]: Value } = { _uuid: this.uuid };
      const values = this.#all(columns);
      columns.forEach((column, position) => {
        const value = readable(values[position] ?? null);
        if (value instanceof SetVersion) {
          Object.defineProperty(row, column.name, { enumerable: true, get: () => value.toArray() });
        } else {
          row[column.name] = value;
        }
      });
      if (hidden !== undefined) Object.defineProperties(row, hidden);
      this.#view = Object.freeze(row);
      tableNames.set(this.#view, table);
    }
    return this.#view;
  }
}

export function sameColumn(a: StoredColumn, b: StoredColumn): boolean {
  return a.name === b.name && (a.schema === b.schema || describe(a.schema) === describe(b.schema));
}

function describe(schema: ColumnSchema): string {
  return JSON.stringify(schema, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

function same(column: StoredColumn, a: StoredValue | Unreadable, b: StoredValue | Unreadable): boolean {
  if (a === b) return true;
  if (a instanceof Unreadable || b instanceof Unreadable) return false;
  if (a instanceof SetVersion && b instanceof SetVersion) {
    const { added, removed } = a.differenceTo(b);
    return added.length + removed.length === 0;
  }
  return valuesEqual(column.schema, plain(a), plain(b));
}

/** Accessors that throw for columns that the caller chose not to monitor: absent is not the same as empty. */
export function hiddenColumns(table: string, names: readonly string[]): PropertyDescriptorMap | undefined {
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        enumerable: false,
        get: (): never => {
          throw new UsageError(`${table}.${name} is not monitored: name it in the \`tables\` option`);
        },
      },
    ]),
  );
}

export function plain(value: StoredValue): Value {
  return value instanceof SetVersion ? value.toArray() : value;
}

function readable(value: StoredValue | Unreadable): StoredValue {
  if (value instanceof Unreadable) throw value.error;
  return value;
}

/** One column of what came; of a row that is still text, nothing else is parsed for it. */
function decodeColumn(
  column: StoredColumn,
  wire: WireColumns | JsonText | undefined,
): StoredValue | Unreadable {
  try {
    const value = wire instanceof JsonText ? wire.member(column.name) : wire && wireValue(wire, column.name);
    return value === undefined
      ? defaultValue(column.schema)
      : stored(column, decodeValue(column.schema, value));
  } catch (error) {
    return unreadable(`column ${column.name}`, error);
  }
}

function parseColumns(text: JsonText): WireColumns | Unreadable {
  try {
    const columns = text.parse();
    if (isObject(columns)) return columns;
    throw new ProtocolError("it is not an object");
  } catch (error) {
    return unreadable("the row", error);
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(what: string, error: unknown): Unreadable {
  if (!(error instanceof ProtocolError)) throw error;
  return new Unreadable(new ProtocolError(`${what}: ${error.message}`, { cause: error }));
}

/** A column may be called `constructor`, which every object seems to have. */
function wireValue(wire: WireColumns, column: string): Json | undefined {
  return Object.hasOwn(wire, column) ? wire[column] : undefined;
}

function stored(column: StoredColumn, value: Value): StoredValue {
  return column.growing && Array.isArray(value) && value.length > LARGE_SET
    ? SetVersion.of(strings(value))
    : value;
}

function strings(value: Value): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
