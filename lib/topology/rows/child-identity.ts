import type { AnyRow, ReadView } from "../../database/index.ts";
import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import { rowKey } from "../naming/row-key.ts";
import { stringMap, text, texts } from "../observe/observe.ts";
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
 * its number or its subnet now. Where another row does that already, the one that goes would be a second way, to nowhere.
 */
export function besidesWanted(
  view: ReadView,
  removals: readonly Removal[],
  rows: readonly DesiredRow[],
): readonly Removal[] {
  if (!removals.some(({ parent }) => isChildColumn(parent?.column))) return removals;
  const wanted = new Map(
    rows.flatMap((row) => {
      const identity = identityText(row);
      return identity === undefined ? [] : [[identity, row] as const];
    }),
  );
  const going = new Set(removals.map(({ uuid }) => uuid));
  return removals.filter(({ table, uuid, parent }) => {
    if (parent?.table !== "Logical_Router" || !isChildColumn(parent.column)) return true;
    const { column } = parent;
    const router = view.byUuid("Logical_Router", parent.uuid);
    const row = view.byUuid(table, uuid);
    if (router === undefined || row === undefined) return true;
    const key = rowKey("Logical_Router", text(router, "name"));
    const identity = textOf(key, column, (name) => row[name]);
    const desired = wanted.get(identity);
    if (desired === undefined) return true;
    if (uuid === desired.uuid || bearsMarks(row, desired)) return false;
    return texts(router, column).some((other) => {
      const twin = going.has(other) ? undefined : view.byUuid(table, other);
      if (twin === undefined || textOf(key, column, (name) => twin[name]) !== identity) return false;
      return other === desired.uuid || bearsMarks(twin, desired);
    });
  });
}

/** Whether a row has all marks of a desired one, which is recognised by them among several of one identity. */
function bearsMarks(row: AnyRow, { keys }: DesiredRow): boolean {
  const ids = stringMap(row, "external_ids");
  return Object.entries(keys?.["external_ids"] ?? {}).every(([key, mark]) => ids[key] === mark);
}
