import type { Json } from "../jsonrpc/index.ts";
import { columnCodec } from "./codec.ts";
import type { ColumnSchema } from "./schema.ts";
import type { ColumnName, ResolveRef, Value } from "./value.ts";

/**
 * Reads a value from the wire (RFC 7047 section 5.1).
 *
 * Only types are checked: a newer server may allow more than this schema says.
 * @throws ProtocolError when it is not a value of the column's type.
 */
export function decodeValue(column: ColumnSchema, wire: Json): Value {
  return columnCodec(column).decode(wire);
}

/**
 * Writes a value for the wire. Duplicates in a set are removed; integers may be bigints or safe numbers.
 *
 * @throws ValidationError when the schema does not allow the value.
 */
export function encodeValue(
  where: ColumnName,
  schema: ColumnSchema,
  value: unknown,
  resolve: ResolveRef,
): Json {
  return columnCodec(schema).encode(where, value, resolve);
}

/**
 * Writes elements of a set, for a mutation or a condition: each element is checked, their number is not.
 *
 * @throws ValidationError when the schema does not allow an element.
 */
export function encodeElements(
  where: ColumnName,
  schema: ColumnSchema,
  elements: readonly unknown[],
  resolve: ResolveRef,
): Json {
  return columnCodec(schema).encodeElements(where, elements, resolve);
}

/**
 * Writes some pairs of a map, for a mutation or a condition: each pair is checked, their number is not.
 *
 * @throws ValidationError when the schema does not allow a pair.
 */
export function encodePairs(
  where: ColumnName,
  schema: ColumnSchema,
  pairs: object,
  resolve: ResolveRef,
): Json {
  return columnCodec(schema).encodePairs(where, pairs, resolve);
}

/** The value of a column that an insert does not mention (RFC 7047 section 5.2.1). */
export function defaultValue(column: ColumnSchema): Value {
  return columnCodec(column).defaultValue;
}

/**
 * Applies what the `modify` of an `update2` or `update3` says about one column: a new value where at most one element
 * fits, else a symmetric difference (ovsdb-server(7), "Update2 Notification"). Doing so twice undoes it.
 *
 * @throws ProtocolError when `diff` is not a value of the column's type.
 */
export function applyDiff(column: ColumnSchema, current: Value, diff: Json): Value {
  return columnCodec(column).applyDiff(current, diff);
}

/** Whether two values are the same to the server: sets unordered, 1 and 1n alike, reals as far as they are printed. */
export function valuesEqual(column: ColumnSchema, a: Value, b: Value): boolean {
  return columnCodec(column).equal(a, b);
}
