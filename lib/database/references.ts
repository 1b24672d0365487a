import { UsageError } from "../jsonrpc/index.ts";
import type { Replica, TableStore } from "../replica/index.ts";

/** What to throw for a column that holds no uuids. */
export function holdsNone(table: TableStore, column: string): UsageError {
  return new UsageError(`${table.name}.${column} holds no references to rows`);
}

/** Throws `UsageError` for a column that holds no uuids. */
export function checkReferences(table: TableStore, column: string): void {
  const { key, value } = table.columns.list[table.position(column)]?.schema ?? {};
  if (key?.type !== "uuid" && value?.type !== "uuid") throw holdsNone(table, column);
}

/**
 * Throws `UsageError` for a row to which the column cannot refer, as its references are to rows of another table. It is for who
 * found nothing: that the row is not referred to would be true, and misleading.
 */
export function checkReferred(
  replica: Replica,
  table: TableStore,
  column: string,
  row: { readonly _uuid: string },
): void {
  const { key, value } = table.columns.list[table.position(column)]?.schema ?? {};
  const targets = [key?.refTable, value?.refTable].filter((name) => name !== undefined);
  if (targets.length === 0) return;
  // A row that is only named by its uuid may have one that rows of several tables have; one of them is enough.
  for (const each of replica.tables) if (targets.includes(each.name) && each.holds(row._uuid)) return;
  const from = replica.ownerOf(row)?.name;
  if (from === undefined || targets.includes(from)) return;
  throw new UsageError(
    `${table.name}.${column} refers to rows of ${targets.join(" and ")}, and this is a row of ${from}`,
  );
}
