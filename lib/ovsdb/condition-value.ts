import type { Json } from "../jsonrpc/index.ts";
import { type AtomCodec, atomCodec, refused } from "./atoms.ts";
import { checkSize } from "./codec.ts";
import { isArray, sketch, uuidIn } from "./narrow.ts";
import type { ConditionFunction } from "./operations.ts";
import type { BaseType, ColumnSchema } from "./schema.ts";
import type { ColumnName } from "./value.ts";

/**
 * Throws `ValidationError` for a value, in wire form, that the server would not compare with those of the column, or not by this
 * function: its own words for it name neither table nor column (ovsdb/condition.c, ovsdb_clause_from_json).
 */
export function checkComparable(
  where: ColumnName,
  column: ColumnSchema,
  test: ConditionFunction,
  value: Json,
): void {
  const type = compared(column, test);
  if (type === undefined)
    throw refused(where, value, `"${test}" compares numbers, and only in columns that hold one at most`);
  if (type.value === undefined) {
    const elements = tagged(value, "set") ?? [value];
    checkAtoms(where, type.key, elements);
    checkSize(where, type, value, elements.length, "elements");
    return;
  }
  const pairs = tagged(value, "map");
  if (pairs?.every(isPair) !== true)
    throw refused(where, value, `${sketch(value)} is not ["map", [[key, value], ...]]`);
  const [keys, values] = [pairs.map(([key]) => key), pairs.map(([, each]) => each)];
  checkAtoms(where, type.key, keys);
  checkAtoms(where, type.value, values);
  checkSize(where, type, value, pairs.length, "pairs");
}

/** What a function compares with values of a column; undefined: nothing. */
function compared(column: ColumnSchema, test: ConditionFunction): ColumnSchema | undefined {
  const isScalar = column.value === undefined && column.min === 1 && column.max === 1;
  switch (test) {
    case "==":
    case "!=":
      return column;
    case "includes":
      return isScalar ? column : { ...column, min: 0 };
    case "excludes":
      return isScalar ? column : { ...column, min: 0, max: "unlimited" };
    default: {
      const isNumber = column.key.type === "integer" || column.key.type === "real";
      return isNumber && column.value === undefined && column.max === 1 ? { ...column, min: 1 } : undefined;
    }
  }
}

function checkAtoms(where: ColumnName, base: BaseType, atoms: readonly Json[]): void {
  const codec: AtomCodec = atomCodec(base);
  for (const wire of atoms) {
    const atom = base.type === "uuid" ? uuidIn(wire) : wire;
    if (atom === undefined) throw refused(where, wire, `${sketch(wire)} is no uuid, which is ["uuid", text]`);
    // Every JSON number is a real.
    codec.encode(where, base.type === "real" && typeof atom === "bigint" ? Number(atom) : atom, noRow);
  }
}

/** What a tag has in it, where that is a list. */
function tagged(wire: Json, tag: "set" | "map"): readonly Json[] | undefined {
  return isArray(wire) && wire.length === 2 && wire[0] === tag && isArray(wire[1]) ? wire[1] : undefined;
}

function isPair(wire: Json): wire is readonly [Json, Json] {
  return isArray(wire) && wire.length === 2;
}

/** No condition is about a row that is only being inserted. */
function noRow(): Json {
  return null;
}
