import type { Json } from "../../../lib/jsonrpc/index.ts";
import {
  columnKind,
  type DatabaseSchema,
  decodeValue,
  findColumn,
  type TableSchema,
} from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { ask } from "../../../lib/testing/control.ts";
import type { DatabaseServer } from "../../../lib/testing/index.ts";

/** The tables that writers use under faults: with and without a unique index, root and not, with maps, sets and references. */
export const usedTables = ["Address_Set", "Logical_Switch", "Logical_Switch_Port", "NB_Global"] as const;

/**
 * The northbound schema with these tables alone, less what refers to others. A client reads the schema at each dial, and
 * dials hundreds of times a second here.
 */
export const smallSchema: DatabaseSchema = {
  ...northbound,
  tables: Object.fromEntries(usedTables.map((name) => [name, withoutForeign(northbound.tables[name])])),
};

function withoutForeign(table: TableSchema | undefined): TableSchema {
  if (table === undefined) throw new Error("the model has no such table");
  const known: readonly (string | undefined)[] = [undefined, ...usedTables];
  const columns = Object.entries(table.columns).filter(([, { key }]) => known.includes(key.refTable));
  return { ...table, columns: Object.fromEntries(columns) };
}

/** A row whose values can be compared and printed. */
export type PlainRow = { readonly [column: string]: unknown };

/** Rows by table. */
export type Rows = ReadonlyMap<string, readonly PlainRow[]>;

/** Rows as text, by table and uuid: equal texts are equal rows. */
export type Content = ReadonlyMap<string, string>;

/** Where a row stands in a {@link Content}. */
export function rowKey(table: string, uuid: string): string {
  return `${table} ${uuid}`;
}

/** A row as text, whatever the order of its columns, sets and maps. */
export function rowText(table: string, row: PlainRow): string {
  const columns = Object.keys(smallSchema.tables[table]?.columns ?? {});
  return columns.map((column) => `${column}=${valueText(table, column, row[column])}`).join(" ");
}

function valueText(table: string, column: string, value: unknown): string {
  const schema = findColumn(smallSchema, table, column);
  const kind = schema === undefined ? "scalar" : columnKind(schema);
  if (kind === "set" && Array.isArray(value)) return `[${value.map(String).sort().join()}]`;
  if (kind === "map" && typeof value === "object" && value !== null) {
    return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return String(value);
}

/** A row as the server answers a `select`, decoded. */
function decoded(table: string, wire: { readonly [column: string]: Json }): PlainRow {
  const uuid = wire["_uuid"];
  const values = Object.entries(wire).flatMap(([column, value]) => {
    const schema = findColumn(smallSchema, table, column);
    return schema === undefined ? [] : [[column, decodeValue(schema, value)] as const];
  });
  return { ...Object.fromEntries(values), _uuid: Array.isArray(uuid) ? String(uuid[1]) : "" };
}

/** All rows by table, as a `select` by a client that is not under test finds them. */
export async function readRows(server: DatabaseServer): Promise<Rows> {
  const reply = await transact(
    server,
    usedTables.map((table) => ({ op: "select", table, where: [] })),
  );
  return new Map(
    usedTables.map((table, index) => {
      const rows = reply[index]?.["rows"] as readonly { readonly [column: string]: Json }[];
      return [table, rows.map((row) => decoded(table, row))];
    }),
  );
}

/** Empties the database but for one switch that nobody deletes, `lasting`, and the row of NB_Global. */
export async function resetRows(server: DatabaseServer): Promise<void> {
  const reply = await transact(server, [
    { op: "delete", table: "Logical_Switch", where: [] },
    { op: "delete", table: "Address_Set", where: [] },
    { op: "delete", table: "NB_Global", where: [] },
    { op: "insert", table: "Logical_Switch", row: { name: "lasting" } },
    { op: "insert", table: "NB_Global", row: {} },
  ]);
  const refused = reply.find((result) => result !== null && Object.hasOwn(result, "error"));
  if (refused !== undefined) throw new Error(`the database cannot be emptied: ${JSON.stringify(refused)}`);
}

async function transact(
  server: DatabaseServer,
  operations: readonly object[],
): Promise<readonly { readonly [member: string]: Json }[]> {
  const params = [smallSchema.name, ...operations];
  return (await ask(server.socket, "transact", params, AbortSignal.timeout(30_000))) as never;
}
