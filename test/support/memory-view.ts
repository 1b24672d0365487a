import type { AnyRow, ReadView } from "../../lib/database/index.ts";
import {
  columnKind,
  type DatabaseSchema,
  defaultValue,
  findColumn,
  findTable,
  type Value,
  valuesEqual,
} from "../../lib/ovsdb/index.ts";

/** Rows by table; columns that are not given have the schema's defaults. */
export type MemoryRows = Readonly<Record<string, readonly AnyRow[]>>;

/** A replica made of plain objects, for tests of what reads one. It is as slow as it is simple. */
export function memoryView(schema: DatabaseSchema, rows: MemoryRows): ReadView {
  const tables = new Map(
    Object.keys(schema.tables).map((table) => [
      table,
      (rows[table] ?? []).map((row) => completeRow(schema, table, row)),
    ]),
  );
  const rowsOf = (table: string): readonly AnyRow[] => {
    const found = tables.get(table);
    if (found === undefined) throw new Error(`no table ${table}`);
    return found;
  };
  const byUuid = (table: string, uuid: string): AnyRow | undefined =>
    rowsOf(table).find((row) => row._uuid === uuid);
  return {
    supports: (table, column) =>
      column === undefined
        ? findTable(schema, table) !== undefined
        : findColumn(schema, table, column) !== undefined,
    rows: rowsOf,
    byUuid,
    find: (table, match) =>
      rowsOf(table).filter((row) =>
        Object.entries(match).every(([column, value]) =>
          column === "_uuid" ? row._uuid === value : matches(schema, table, column, row[column], value),
        ),
      ),
    has: (table, uuid, column, element) => holds(byUuid(table, uuid)?.[column], element),
    referrers: (uuid, table, column) => rowsOf(table).filter((row) => holds(row[column], uuid)),
  };
}

/** The row with the defaults of all columns that it does not mention. */
export function completeRow(schema: DatabaseSchema, table: string, row: AnyRow): AnyRow {
  const columns = findTable(schema, table)?.columns ?? {};
  const defaults = Object.entries(columns).map(([column, type]) => [column, defaultValue(type)]);
  return { ...Object.fromEntries(defaults), ...row };
}

function holds(value: Value | undefined, element: string): boolean {
  return Array.isArray(value) ? value.includes(element) : value === element;
}

function matches(
  schema: DatabaseSchema,
  table: string,
  column: string,
  actual: Value | undefined,
  wanted: Value,
): boolean {
  const type = findColumn(schema, table, column);
  if (type === undefined || actual === undefined) throw new Error(`no column ${table}.${column}`);
  switch (columnKind(type)) {
    case "set":
      return (Array.isArray(wanted) ? wanted : [wanted]).every((element) => holds(actual, String(element)));
    case "map":
      return Object.entries(wanted ?? {}).every(
        ([key, value]) => Object.entries(actual ?? {}).find(([name]) => name === key)?.[1] === value,
      );
    default:
      return valuesEqual(type, actual, wanted);
  }
}
