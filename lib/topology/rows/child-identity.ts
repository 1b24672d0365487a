import type { ReadView } from "../../database/index.ts";
import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import { rowKey } from "../naming/row-key.ts";
import { text } from "../observe/observe.ts";
import type { ObservedChild } from "../request/inputs.ts";

/** By which of their columns children of routers are known, see unnamed-rows.ts. */
const IDENTITIES: Readonly<Record<ObservedChild["column"], readonly string[]>> = {
  static_routes: ["ip_prefix", "policy", "output_port"],
  policies: ["priority", "match"],
  nat: ["type", "logical_ip", "logical_port"],
};

/** A text that is the same for a desired child of a router and for the one in the database. */
export function identityText({ identity }: DesiredRow): string | undefined {
  const { parent, column, match = {} } = identity ?? {};
  return parent === undefined || !isChildColumn(column)
    ? undefined
    : textOf(parent, column, (name) => match[name]);
}

/** Whether a child that a router has is one of those desired rows. */
export function isWanted(
  wanted: ReadonlySet<string>,
  parent: string,
  { column, values }: ObservedChild,
): boolean {
  return wanted.has(textOf(parent, column, (name) => values[name]));
}

function textOf(parent: string, column: ObservedChild["column"], read: (name: string) => unknown): string {
  return JSON.stringify([parent, column, ...IDENTITIES[column].map((name) => read(name) ?? null)]);
}

function isChildColumn(column: string | undefined): column is ObservedChild["column"] {
  return column !== undefined && Object.hasOwn(IDENTITIES, column);
}

/**
 * Removals without those of children of routers that desired rows are: what led to a node that goes leads to another, which has
 * its number or its subnet now.
 */
export function besidesWanted(
  view: ReadView,
  removals: readonly Removal[],
  rows: readonly DesiredRow[],
): readonly Removal[] {
  if (!removals.some(({ parent }) => isChildColumn(parent?.column))) return removals;
  const wanted = new Set(rows.flatMap((row) => identityText(row) ?? []));
  return removals.filter(({ table, uuid, parent }) => {
    if (parent?.table !== "Logical_Router" || !isChildColumn(parent.column)) return true;
    const router = view.byUuid("Logical_Router", parent.uuid);
    const row = view.byUuid(table, uuid);
    if (router === undefined || row === undefined) return true;
    const key = rowKey("Logical_Router", text(router, "name"));
    return !wanted.has(textOf(key, parent.column, (name) => row[name]));
  });
}
