import type { Json } from "../../lib/jsonrpc/index.ts";
import { deleteOp, everyRow, insertOp, randomUuid, selectOp } from "../../lib/ovsdb/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import type { Dump } from "./dump.ts";

/** Gives every row of a northbound database another uuid, at random, and leaves all else as it is. */
export async function renumber(nb: Northbound): Promise<void> {
  const tables = Object.keys(nb.schema.tables).filter((table) => table !== "NB_Global");
  const { results } = await nb.transact((tx) => {
    for (const table of tables) tx.raw(selectOp(table, everyRow));
  });
  const uuids = new Map<string, string>();
  const renamed = (wire: Json): Json => {
    if (!Array.isArray(wire)) return wire;
    const [type, uuid] = wire;
    if (type !== "uuid" || typeof uuid !== "string") return wire.map(renamed);
    const known = uuids.get(uuid) ?? randomUuid();
    uuids.set(uuid, known);
    return ["uuid", known];
  };
  const inserts = tables.flatMap((table, index) => {
    const result = results[index];
    return (result?.op === "select" ? result.rows : []).map(({ _uuid, _version, ...columns }) => {
      const [, uuid] = renamed(_uuid ?? null) as readonly [string, string];
      const row = Object.entries(columns).map(([column, value]) => [column, renamed(value ?? null)] as const);
      return insertOp(table, Object.fromEntries(row), { uuid });
    });
  });
  await nb.transact((tx) => {
    for (const table of tables) tx.raw(deleteOp(table, everyRow));
    for (const insert of inserts) tx.raw(insert);
  });
}

/** A dump in which rows without a name are told by what is in them, so that nothing depends on uuids. */
export function withoutUuids(tables: Dump["tables"]): Readonly<Record<string, readonly string[]>> {
  const contents = new Map<unknown, string>();
  for (const [table, rows] of Object.entries(tables))
    for (const { name, ...columns } of rows)
      if (String(name).startsWith(`${table}/`)) contents.set(name, JSON.stringify(columns));
  const told = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(told).toSorted() : (contents.get(value) ?? value);
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows
        .map((row) => JSON.stringify(Object.entries(row).map(([column, value]) => [column, told(value)])))
        .toSorted(),
    ]),
  );
}
