import { type Json, JsonText, memberOfText, ProtocolError, parseText } from "../jsonrpc/index.ts";
import { applyDiff, decodeValue, defaultValue, type Value, valuesEqual } from "../ovsdb/index.ts";
import type { Columns, StoredColumn } from "./columns.ts";
import { SetVersion } from "./set-version.ts";

// What columns are decoded to, from whichever form they came in. Which version of a row has which of them is in stored-row.ts.

/** Sets above this size are kept as `SetVersion`; below it an array is smaller and as fast. */
const LARGE_SET = 32;

/** A column's value as rows keep it. */
export type StoredValue = Value | SetVersion;

/**
 * Stands for a value that is not of its column's type: a server that sends one is at fault with this row, and whoever
 * reads it is told; that is no reason to do without all other rows, or to fetch the same fault again and again.
 */
export class Unreadable {
  readonly error: ProtocolError;

  constructor(error: ProtocolError) {
    this.error = error;
  }
}

/** A column's value, or why there is none. */
export type Decoded = StoredValue | Unreadable;

/** A row's columns, parsed: those at their default may be absent. */
export type WireColumns = { readonly [column: string]: Json };

/** The same as they came: as a rule they are text, as part of a large snapshot or of its own. */
export type Arrived = WireColumns | JsonText | string;

/** A value after a difference. */
export function followedBy(column: StoredColumn, current: StoredValue, change: Json): StoredValue {
  return current instanceof SetVersion
    ? current.toggle(strings(decodeValue(column.schema, change)))
    : stored(column, applyDiff(column.schema, plain(current), change));
}

/** Whether two are the same to the server; what cannot be read is the same as nothing. */
export function same(column: StoredColumn, a: Decoded, b: Decoded): boolean {
  if (a === b) return true;
  if (a instanceof Unreadable || b instanceof Unreadable) return false;
  if (a instanceof SetVersion && b instanceof SetVersion) {
    const { added, removed } = a.differenceTo(b);
    return added.length + removed.length === 0;
  }
  return valuesEqual(column.schema, plain(a), plain(b));
}

/** A value as users see it. */
export function plain(value: StoredValue): Value {
  return value instanceof SetVersion ? value.toArray() : value;
}

/** Throws `ProtocolError` where there is no value. */
export function readable(value: Decoded): StoredValue {
  if (value instanceof Unreadable) throw value.error;
  return value;
}

/** One column of what came; of a row that is still text, nothing else is parsed for it. */
export function decodeColumn(column: StoredColumn, wire: Arrived | undefined): Decoded {
  try {
    const value = memberOf(wire, column.name);
    return value === undefined ? defaultValue(column.schema) : decodeMember(column, value);
  } catch (error) {
    return unreadable(`column ${column.name}`, error);
  }
}

function decodeMember(column: StoredColumn, value: Json): Decoded {
  try {
    return stored(column, decodeValue(column.schema, value));
  } catch (error) {
    return unreadable(`column ${column.name}`, error);
  }
}

/** All columns of what came. */
export function decodeColumns(columns: Columns, wire: WireColumns | undefined): Decoded[] {
  const values: Decoded[] = columns.defaults.slice();
  if (wire === undefined) return values;
  for (const name of Object.keys(wire)) {
    const position = columns.position(name);
    const column = position === undefined ? undefined : columns.list[position];
    const value = wire[name];
    if (position !== undefined && column !== undefined && value !== undefined)
      values[position] = decodeMember(column, value);
  }
  return values;
}

/** What came, parsed; or why it cannot be. */
export function parseColumns(wire: Arrived | undefined): WireColumns | Unreadable | undefined {
  if (typeof wire !== "string" && !(wire instanceof JsonText)) return wire;
  try {
    const columns = typeof wire === "string" ? parseText(wire) : wire.parse();
    if (isObject(columns)) return columns;
    throw new ProtocolError("it is not an object");
  } catch (error) {
    return unreadable("the row", error);
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of what is parsed when it is read: this column, or row, cannot be read, and all else can. */
export function unreadable(what: string, error: unknown): Unreadable {
  // The stack ends where values are nested very deep, as nobody has looked into them so far.
  if (!(error instanceof ProtocolError || error instanceof RangeError)) throw error;
  return new Unreadable(new ProtocolError(`${what}: ${error.message}`, { cause: error }));
}

function memberOf(wire: Arrived | undefined, column: string): Json | undefined {
  if (wire === undefined) return undefined;
  if (typeof wire === "string") return memberOfText(wire, column);
  if (wire instanceof JsonText) return wire.member(column);
  // A column may be called `constructor`, which every object seems to have.
  return Object.hasOwn(wire, column) ? wire[column] : undefined;
}

/** A decoded value as rows keep it. */
export function stored(column: StoredColumn, value: Value): StoredValue {
  return column.growing && Array.isArray(value) && value.length > LARGE_SET
    ? SetVersion.of(strings(value))
    : value;
}

function strings(value: Value): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
