import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import type {
  AnyTables,
  ChangeBatch,
  ChangeOf,
  Database,
  MatchOf,
  NorthboundTables,
  OpenvswitchTables,
  ReadRow,
  Row,
  RowChange,
  SouthboundTables,
  TableName,
  Tables,
  TargetIn,
  Transaction,
  Uuid,
} from "../../../lib/index.ts";
import type { ACLRow, LogicalSwitchRow } from "../../../lib/schemas/northbound/index.ts";

type Nb = NorthboundTables;

// Functions for any table, as controllers have them. Nothing here runs: that it compiles is the test.

/** Keys of rows that somebody has to look at. */
async function inform<T extends Tables<T>, K extends TableName<T>>(
  db: Database<T>,
  table: K,
  nameOf: (row: Row<T, K>) => string,
  queue: Set<string>,
): Promise<void> {
  for await (const { rows } of db.changes([table], { initial: true })) {
    for (const change of rows) {
      const row = change.new ?? change.old;
      if (row !== undefined) queue.add(nameOf(row));
      if (change.kind === "modify") queue.add(nameOf(change.old));
      if (change.kind !== "delete") queue.add(change.new._uuid);
    }
  }
}

/** Waits for a row with a key in a map. */
function rowWithKey<T extends Tables<T>, K extends TableName<T>>(
  db: Database<T>,
  table: K,
  match: MatchOf<Row<T, K>>,
  mapOf: (row: Row<T, K>) => { readonly [key: string]: unknown },
  key: string,
): Promise<Row<T, K>> {
  return db.until(() => db.tables[table].find(match).find((row) => key in mapOf(row)));
}

/** Tables with owners. */
type Owned = {
  [K in TableName<Nb>]: Row<Nb, K> extends { readonly external_ids: object } ? K : never;
}[TableName<Nb>];

/** A cache with an index of its own. */
class ByOwner<K extends Owned> {
  readonly #rows = new Map<string, Map<Uuid<K>, Row<Nb, K>>>();

  take(change: ChangeOf<Nb, K>): void {
    if (change.kind === "modify" && !change.columns.includes("external_ids")) return;
    // @ts-expect-error not all of them have it
    change.columns.includes("ports");
    // @ts-expect-error no column
    change.columns.includes("_uuid");
    const { owner = "" } = change.old?.external_ids ?? {};
    this.#rows.get(owner)?.delete(change.uuid);
    const { owner: next } = change.new?.external_ids ?? {};
    if (change.new !== undefined && next !== undefined)
      this.#rows.set(next, new Map(this.#rows.get(next)).set(change.uuid, change.new));
  }

  get(owner: string): Iterable<Row<Nb, K>> {
    return this.#rows.get(owner)?.values() ?? [];
  }
}

/** Whether one of these tables got another name. */
function isRenamed<K extends "Logical_Switch" | "Logical_Router">({
  kind,
  columns,
}: ChangeOf<Nb, K>): boolean {
  return kind === "modify" && columns.includes("name");
}

/** What a change is, of a table of any database. */
function describeChange<T extends Tables<T>, K extends TableName<T>>(change: ChangeOf<T, K>): string {
  const { kind, table, uuid } = change;
  const values =
    change.kind === "modify"
      ? change.columns.map((column) => `${column}: ${change.old[column]} -> ${change.new[column]}`)
      : [];
  return `${kind} ${table} ${uuid} ${values}`;
}

async function logAll<T extends Tables<T>>(db: Database<T>): Promise<void> {
  for await (const { rows } of db.changes()) for (const change of rows) console.log(describeChange(change));
}

function upsert<T extends Tables<T>, K extends TableName<T>>(
  db: Database<T>,
  tx: Transaction<T>,
  table: K,
  match: MatchOf<Row<T, K>>,
  insert: T[K]["insert"],
  update: T[K]["update"],
): TargetIn<T, K> {
  const [row] = db.tables[table].find(match);
  if (row === undefined) {
    tx.verifyAbsent(table, match);
    return tx.insert(table, insert);
  }
  tx.update(row, update);
  return row;
}

/** Of any table of one database; what depends on the table's columns is said to be right. */
function touch<K extends Owned>(nb: Database<Nb>, tx: Transaction<Nb>, table: K, row: Row<Nb, K>): void {
  for (const each of nb.tables[table].find({ external_ids: { owner: "x" } } as MatchOf<Row<Nb, K>>)) {
    tx.update(each, {});
    tx.verify(each, "external_ids");
    nb.tables[table].byUuid(each._uuid as Uuid<K>) satisfies Row<Nb, K> | undefined;
  }
  tx.delete(row);
  // @ts-expect-error it may be of another table
  nb.tables.ACL.byUuid(row._uuid);
}

const use = async (
  nb: Database<Nb>,
  sb: Database<SouthboundTables>,
  any: Database<AnyTables>,
): Promise<void> => {
  await inform(nb, "Logical_Switch_Port", (port) => port.name, new Set());
  // @ts-expect-error no such column
  await inform(nb, "Logical_Switch_Port", (port) => port.nmae, new Set());
  await inform(any, "Street", (street) => String(street["name"]), new Set());
  const binding = await rowWithKey(sb, "Port_Binding", { logical_port: "p" }, (row) => row.options, "k");
  expectTypeOf(binding.mac).toEqualTypeOf<readonly string[]>();
  const owners = new ByOwner<"Logical_Switch">();
  for await (const { rows } of nb.changes(["Logical_Switch"])) {
    for (const change of rows) {
      owners.take(change);
      console.log(describeChange<Nb, "Logical_Switch">(change), isRenamed<"Logical_Switch">(change));
    }
  }
  expectTypeOf(owners.get("me")).toEqualTypeOf<Iterable<LogicalSwitchRow>>();
  await Promise.all([logAll(nb), logAll(sb), logAll(any)]);
  await nb.transact((tx) => {
    const sw = upsert(nb, tx, "Logical_Switch", { name: "a" }, { name: "a" }, { other_config: {} });
    tx.setKeys(sw, "external_ids", { owner: "me" });
    // @ts-expect-error no such column
    upsert(nb, tx, "Logical_Switch", { name: "a" }, { name: "a" }, { ports_: [] });
    const [one] = nb.tables.Logical_Switch;
    if (one !== undefined) touch(nb, tx, "Logical_Switch", one);
    const either = one as Row<Nb, "Logical_Switch" | "Logical_Router">;
    tx.setKeys(either, "external_ids", { owner: "me" });
  });
  const read: ReadRow<Nb, "Logical_Switch"> | undefined = nb.tables.Logical_Switch.find({})[0];
  if (read !== undefined) nb.deref(read, "ports");
};

/** The columns that a change of each table may have, as the compiler works them out from inserts and from rows. */
type ByInsert<T extends Tables<T>> = { [K in TableName<T>]: ChangeOf<T, K>["columns"][number] };
type ByRow<T extends Tables<T>> = { [K in TableName<T>]: Exclude<keyof Row<T, K>, "_uuid"> };
expectTypeOf<ByInsert<Nb>>().toEqualTypeOf<ByRow<Nb>>();
expectTypeOf<ByInsert<SouthboundTables>>().toEqualTypeOf<ByRow<SouthboundTables>>();
expectTypeOf<ByInsert<OpenvswitchTables>>().toEqualTypeOf<ByRow<OpenvswitchTables>>();

/** Changes of tables that are told apart when they come. */
const changes = async (nb: Database<Nb>, sb: Database<SouthboundTables>): Promise<void> => {
  for await (const batch of nb.changes(undefined, { initial: true })) {
    readAny(batch);
    for (const change of batch.rows) {
      readOne(change);
      if (change.table === "ACL" && change.kind === "modify") {
        expectTypeOf(change.old).toEqualTypeOf<ACLRow>();
        expectTypeOf(change.uuid).toEqualTypeOf<ACLRow["_uuid"]>();
        change.columns.includes("match");
        // @ts-expect-error a column of another table
        change.columns.includes("ports");
        // @ts-expect-error a column of another table
        change.new.ports;
      }
      if (change.table === "Logical_Switch")
        expectTypeOf(change.new).toEqualTypeOf<LogicalSwitchRow | undefined>();
      // Before it is known which it is: the columns of all.
      change.columns.includes("ports");
      // @ts-expect-error none has such a column
      change.columns.includes("prots");
      // @ts-expect-error no such table
      if (change.table === "Logical_Swich") return;
    }
  }
  for await (const { rows } of sb.changes()) rows.forEach(readOne);
  for await (const { rows } of nb.changes(["ACL"]))
    for (const { columns } of rows) {
      columns.includes("match");
      // @ts-expect-error no such column
      columns.includes("mtach");
      expectTypeOf(columns[0]).toExtend<keyof ACLRow | undefined>();
    }
};

function readAny({ rows }: ChangeBatch): void {
  rows.forEach(readOne);
}

function readOne({ table, kind, old, columns }: RowChange): void {
  console.log(table, kind, old?._uuid, columns.includes("anything"));
}

describe("functions for any table", () => {
  it("can be written, and what they are used with is checked, as the compiler has said", () => {
    assert.deepEqual(
      [use, changes].map((each) => typeof each),
      ["function", "function"],
    );
  });
});
