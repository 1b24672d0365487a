import { type BaseType, type ColumnSchema, columnKind, isWideInteger } from "../ovsdb/index.ts";
import { literal } from "./literal.ts";

/** The TypeScript types of one column. */
export interface ColumnTypes {
  /** As it is read. */
  readonly row: string;
  /** As it may be written. */
  readonly input: string;
}

/**
 * States the types of a column.
 *
 * @param enumNames gives a name for the literals of an enum that is too long to be written in place.
 */
export function columnTypes(
  column: ColumnSchema,
  enumNames: (base: BaseType) => string | undefined,
): ColumnTypes {
  const union = (base: BaseType): string | undefined =>
    base.enum === undefined ? undefined : (enumNames(base) ?? enumUnion(base));
  const row = rowType(column.key, union(column.key));
  const input = inputType(column.key, union(column.key));
  switch (columnKind(column)) {
    case "scalar":
      return { row, input };
    case "optional":
      return { row: `${row} | null`, input: `${input} | null` };
    case "set":
      return { row: `readonly ${inList(row)}[]`, input: `readonly ${inList(input)}[]` };
    case "map": {
      const value = column.value ?? column.key;
      const allowed = union(value);
      return {
        row: mapType(column.key, union(column.key), rowType(value, allowed)),
        input: mapType(column.key, union(column.key), inputType(value, allowed)),
      };
    }
  }
}

/** The literals of an enum: `"tcp" | "udp" | "sctp"`. */
export function enumUnion(base: BaseType): string {
  return (base.enum ?? []).map(literal).join(" | ");
}

function rowType(base: BaseType, allowed: string | undefined): string {
  switch (base.type) {
    case "uuid":
      return base.refTable === undefined ? "Uuid" : `Uuid<${literal(base.refTable)}>`;
    case "integer":
      return allowed ?? (isWideInteger(base) ? "bigint" : "number");
    case "real":
      return allowed ?? "number";
    default:
      return allowed ?? base.type;
  }
}

function inputType(base: BaseType, allowed: string | undefined): string {
  if (base.type === "uuid")
    return base.refTable === undefined ? "string" : `Reference<${literal(base.refTable)}>`;
  return allowed === undefined && isWideInteger(base) ? "bigint | number" : rowType(base, allowed);
}

function inList(type: string): string {
  return type.includes(" ") ? `(${type})` : type;
}

function mapType(key: BaseType, allowed: string | undefined, value: string): string {
  // Only strings and exact integers can be stated as keys of an object; the others are read as text.
  if (allowed !== undefined && (key.type === "string" || (key.type === "integer" && !isWideInteger(key)))) {
    return `Readonly<Partial<Record<${allowed}, ${value}>>>`;
  }
  return `Readonly<Record<${key.type === "integer" && !isWideInteger(key) ? "number" : "string"}, ${value}>>`;
}
