import type { BaseType, ColumnSchema, TableSchema } from "../ovsdb/index.ts";
import { literal } from "./literal.ts";

/** A column's type and constraints in one line: `set of uuid -> ACL (strong)`, `optional integer 0..32767`. */
export function describeColumn(column: ColumnSchema): string {
  const notes = [
    describeType(column),
    ...(column.ephemeral === undefined ? [] : ["ephemeral"]),
    ...(column.mutable === undefined ? [] : ["fixed once inserted"]),
  ];
  // An enum value may hold the end of a comment.
  return notes.join("; ").replaceAll("*/", "*\\/");
}

/** What holds for the rows of a table: `Root table. Unique by name. At most 1 row.` */
export function describeTable(table: TableSchema): string {
  return [
    table.isRoot ? "Root table." : "Rows live as long as a strong reference to them.",
    ...table.indexes.map((columns) => `Unique by ${columns.join(" and ")}.`),
    ...(table.maxRows === undefined
      ? []
      : [`At most ${table.maxRows} row${table.maxRows === 1 ? "" : "s"}.`]),
  ].join(" ");
}

function describeType(column: ColumnSchema): string {
  const key = describeBase(column.key);
  if (column.value === undefined && column.max === 1) return column.min === 1 ? key : `optional ${key}`;
  const size =
    column.max === "unlimited" ? (column.min === 1 ? "1 or more " : "") : `${column.min} to ${column.max} `;
  if (column.value === undefined) return `set of ${size}${key}`;
  // The comma closes a list of enum values.
  return `map of ${size}${key}${column.key.enum === undefined ? "" : ","} to ${describeBase(column.value)}`;
}

function describeBase(base: BaseType): string {
  const { type, refTable, refType } = base;
  if (base.enum !== undefined) return `${type}, one of ${base.enum.map(literal).join(", ")}`;
  if (refTable !== undefined) return `${type} -> ${refTable} (${refType ?? "strong"})`;
  if (type === "string") return `${type}${range(base.minLength, base.maxLength, " of ", " characters")}`;
  return `${type}${range(base.minInteger ?? base.minReal, base.maxInteger ?? base.maxReal, " ", "")}`;
}

type Bound = number | bigint | undefined;

function range(low: Bound, high: Bound, before: string, after: string): string {
  if (low === undefined && high === undefined) return "";
  if (high === undefined) return `${before}${low} or more${after}`;
  if (low === undefined) return `${before}at most ${high}${after}`;
  return `${before}${low}..${high}${after}`;
}
