import { findTable, UnsupportedError } from "../ovsdb/index.ts";
import type { PlanContext } from "./context.ts";
import type { DesiredRow, DesiredValue, OmittedColumn } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import type { KindTargets } from "./kind-targets.ts";
import { isWholeMap } from "./whole-map.ts";

/**
 * Compares what the desired rows need with the server's schema.
 *
 * Returns the columns that are left out because their rows say that this is fine; throws UnsupportedError naming the
 * first table or column that cannot be done without. Wanting nothing in a missing column needs no column.
 */
export function checkSupport(
  { schema }: PlanContext,
  targets: KindTargets,
  rows: DesiredRows,
): readonly OmittedColumn[] {
  const server = `the server's schema ${schema.name} ${schema.version}`;
  const omitted = new Map(rows.settled.omitted.map((each) => [`${each.table}.${each.column}`, each]));
  for (const { row, kind, owned } of rows.all) {
    // Nearly all rows: of a kind that the server has every column of, and known by their names.
    if (row.identity === undefined && owned.complete) continue;
    const { table } = kind;
    if (findTable(schema, table) === undefined) throw new UnsupportedError(table, undefined, server);
    for (const column of neededColumns(row)) {
      if (targets.target(table, column) !== undefined) continue;
      const rule = row.unsupported;
      if (rule === undefined || !Object.hasOwn(rule, column) || rule[column] !== "omit") {
        throw new UnsupportedError(table, column, server);
      }
      omitted.set(`${table}.${column}`, { table, column, reason: `${server} has no such column` });
    }
  }
  for (const { parent, column } of rows.all) {
    // A row that cannot be put where it belongs would be deleted at once: there is no leaving this column out.
    if (parent !== undefined && targets.target(parent.kind.table, column) === undefined)
      throw new UnsupportedError(parent.kind.table, column, server);
  }
  return [...omitted.values()];
}

/** The set that holds a desired row: its parent's, or the one its identity is looked up in. */
export function parentLink(row: DesiredRow): { readonly key: string; readonly column: string } | undefined {
  if (row.parent !== undefined) return row.parent;
  if (row.identity === undefined) return undefined;
  const { parent, column } = row.identity;
  return parent === undefined || column === undefined ? undefined : { key: parent, column };
}

function neededColumns(row: DesiredRow): readonly string[] {
  const columns: string[] = row.identity === undefined ? ["name"] : Object.keys(row.identity.match);
  for (const [column, value] of Object.entries(row.columns ?? {})) {
    if (!isEmpty(value)) columns.push(column);
  }
  for (const [column, pairs] of Object.entries(row.keys ?? {})) {
    if (Object.keys(pairs).length > 0) columns.push(column);
  }
  for (const [column, values] of Object.entries({ ...row.elements, ...row.members })) {
    if (values.length > 0) columns.push(column);
  }
  return columns;
}

function isEmpty(value: DesiredValue): boolean {
  if (isWholeMap(value)) return Object.keys(value.map).length === 0;
  return value === null || (Array.isArray(value) && value.length === 0);
}
