import type { AnyRow } from "../database/index.ts";
import { findColumn, findTable } from "../ovsdb/index.ts";
import { type PlanContext, readColumn } from "./context.ts";
import type { DesiredRow } from "./desired.ts";

/** Of several rows of one name the one that stays: that with the most on it; of equal ones that with the lowest uuid. */
export function chooseSurvivor(
  context: PlanContext,
  table: string,
  rows: readonly [AnyRow, ...AnyRow[]],
): AnyRow {
  let [best] = rows;
  let most = countElements(context, table, best);
  for (const row of rows.slice(1)) {
    const count = countElements(context, table, row);
    if (count < most || (count === most && best._uuid < row._uuid)) continue;
    best = row;
    most = count;
  }
  return best;
}

function countElements({ schema, model }: PlanContext, table: string, row: AnyRow): number {
  const known = findTable(model, table)?.columns ?? {};
  let count = 0;
  for (const [column, { key }] of Object.entries(findTable(schema, table)?.columns ?? {})) {
    if (key.refTable === undefined || !Object.hasOwn(known, column)) continue;
    const value = readColumn(row, table, column);
    if (Array.isArray(value)) count += value.length;
  }
  return count;
}

/**
 * Whether a row that is recognised as a desired one was also written by its owner: it has all marks that the desired row gets
 * in `external_ids`. A route of somebody else may lead to the same place, and without marks nobody can tell.
 */
export function hasSameOwner(
  context: PlanContext,
  table: string,
  row: DesiredRow,
  candidate: AnyRow,
): boolean {
  const marks = Object.entries(row.keys?.["external_ids"] ?? {});
  if (marks.length === 0 || findColumn(context.schema, table, "external_ids") === undefined) return false;
  const ids: unknown = readColumn(candidate, table, "external_ids");
  return marks.every(([key, mark]) => Object.getOwnPropertyDescriptor(Object(ids), key)?.value === mark);
}
