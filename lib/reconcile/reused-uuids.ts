import { findTable } from "../ovsdb/index.ts";
import type { PlanContext } from "./context.ts";
import type { NameOf } from "./transaction-draft.ts";

/**
 * Tells rows of which the uuid alone does not say which one is meant. One that is a claim, as on an address, goes with its row and
 * is made again with the next that has the address: a plan that has not seen that would change or remove the row of somebody else.
 * Their names tell them apart. Rows of root tables have none such: their uuids, where we choose them, follow from their names.
 */
export function namesOfReused({ view, schema, uuidSupported }: PlanContext): NameOf {
  const tables = new Map<string, boolean>();
  const isReused = (table: string): boolean => {
    const known = tables.get(table);
    if (known !== undefined) return known;
    const found = findTable(schema, table);
    const reused = found?.isRoot === false && found.indexes.some((columns) => columns.join() === "name");
    tables.set(table, reused);
    return reused;
  };
  return (table, uuid) => {
    if (!uuidSupported || !isReused(table)) return undefined;
    const name = view.byUuid(table, uuid)?.["name"];
    return typeof name === "string" ? name : undefined;
  };
}
