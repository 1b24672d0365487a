import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import type {
  ChangeBatch,
  ChangeOf,
  ColumnOf,
  Database,
  Row,
  Transaction,
} from "../../../lib/database/index.ts";
import { connectNorthbound, isUuid } from "../../../lib/index.ts";
import type { InsertedRow, Uuid } from "../../../lib/ovsdb/index.ts";
import { applyRows } from "../../../lib/reconcile/index.ts";
import type {
  AnyAtom,
  AnyTableRow,
  AnyTables,
  NorthboundTables,
  OpenvswitchTables,
  SouthboundTables,
} from "../../../lib/schemas/index.ts";
import type {
  DHCPOptionsRow,
  LogicalRouterRow,
  LogicalSwitchPortRow,
  LogicalSwitchRow,
} from "../../../lib/schemas/northbound/index.ts";
import type { QoSRow, QueueRow } from "../../../lib/schemas/vswitch/index.ts";
import { startSandbox } from "../../../lib/testing/index.ts";
import { planTopology } from "../../../lib/topology/index.ts";

type Nb = Database<NorthboundTables>;
type Tx = Transaction<NorthboundTables>;

// Nothing here runs: that it compiles is the test, and each `@ts-expect-error` fails when it is not needed.
const reads = (nb: Nb): void => {
  const [sw] = nb.tables.Logical_Switch.find({ name: "a", external_ids: { k: "v" }, copp: null });
  if (sw === undefined) return;
  expectTypeOf(sw).toEqualTypeOf<LogicalSwitchRow>();
  expectTypeOf(nb.tables.Logical_Switch_Port.get({ name: "p" })).toEqualTypeOf<
    LogicalSwitchPortRow | undefined
  >();
  expectTypeOf(nb.deref(sw, "ports")).toEqualTypeOf<LogicalSwitchPortRow[]>();
  expectTypeOf(nb.tables.NB_Global.only().sb_cfg).toEqualTypeOf<bigint>();
  expectTypeOf(nb.tables.Logical_Switch.only({ name: "a" })).toEqualTypeOf<LogicalSwitchRow>();
  const table = "Logical_Switch" as "Logical_Switch" | "Logical_Router";
  expectTypeOf(nb.tables[table].only({ name: "a" })).toEqualTypeOf<LogicalSwitchRow | LogicalRouterRow>();
  // @ts-expect-error no such column
  nb.tables.Logical_Switch.only({ nam: "a" });
  for (const each of nb.tables.Logical_Switch) expectTypeOf(each).toEqualTypeOf<LogicalSwitchRow>();
  const [port] = nb.deref(sw, "ports");
  nb.tables.Logical_Switch.find({ ports: sw.ports, _uuid: sw._uuid });
  if (port !== undefined) {
    nb.has(sw, "ports", port);
    expectTypeOf(nb.referrers(port, "Logical_Switch", "ports")).toEqualTypeOf<LogicalSwitchRow[]>();
    // @ts-expect-error no reference
    nb.referrers(port, "Logical_Switch", "name");
    // @ts-expect-error refers to other rows
    nb.referrers(port, "Logical_Switch", "acls");
    nb.referrers(port as { _uuid: Uuid }, "Logical_Switch", "acls");
  }
  nb.has(sw, "external_ids", "key");
  nb.has(sw, "ports", "00000000-0000-4000-8000-000000000001");
  // @ts-expect-error a row of another table
  nb.has(sw, "ports", sw);
  // @ts-expect-error its keys are texts
  nb.has(sw, "external_ids", sw);
  // @ts-expect-error no reference
  nb.deref(sw, "name");
  // A uuid in a text, as the southbound database names northbound rows: who reads it says of which table.
  const text: string = sw.external_ids["logical-switch"] ?? "";
  if (isUuid<"Logical_Switch">(text)) nb.tables.Logical_Switch.byUuid(text);
  // @ts-expect-error of another table
  if (isUuid<"Logical_Router">(text)) nb.tables.Logical_Switch.byUuid(text);
  // @ts-expect-error no such table
  nb.tables.Logical_Swich;
  // @ts-expect-error no such column
  nb.tables.Logical_Switch.find({ nam: "a" });
  // @ts-expect-error not the column's type
  nb.tables.Logical_Switch.find({ name: 5 });
  // @ts-expect-error a map has string values here
  nb.tables.Logical_Switch.find({ external_ids: { k: 1 } });
  nb.tables.QoS.find({ action: { dscp: 5 } });
  // @ts-expect-error not a key of the enum
  nb.tables.QoS.find({ action: { dscpp: 5 } });
  // @ts-expect-error a uuid of another table
  nb.tables.Logical_Switch_Port.byUuid(sw._uuid);
  // @ts-expect-error no such column
  nb.deref(sw, "port");
  // @ts-expect-error rows are not written to
  sw.name = "b";
  // @ts-expect-error nor are their sets
  sw.ports.push(sw.ports[0]);
  // @ts-expect-error no such table
  nb.changes(["Nothing"]);
  void nb
    .changes(["Logical_Switch", "Logical_Switch_Port"])
    .next()
    .then(
      ({
        value,
      }: IteratorResult<
        ChangeBatch<ChangeOf<NorthboundTables, "Logical_Switch" | "Logical_Switch_Port">>,
        undefined
      >) => {
        const [change] = value?.rows ?? [];
        // Before it is known which it is: what both have.
        expectTypeOf(change?.elements("name").added).toEqualTypeOf<readonly string[] | undefined>();
        // @ts-expect-error a column of one of them
        change?.elements("ports");
        if (change?.table !== "Logical_Switch") return;
        expectTypeOf(change.new).toEqualTypeOf<LogicalSwitchRow | undefined>();
        expectTypeOf(change.uuid).toEqualTypeOf<LogicalSwitchRow["_uuid"]>();
        expectTypeOf(change.elements("ports").added).toEqualTypeOf<LogicalSwitchRow["ports"]>();
        expectTypeOf(change.elements("copp").removed).toEqualTypeOf<readonly Uuid<"Copp">[]>();
        expectTypeOf(change.elements("name").added).toEqualTypeOf<readonly string[]>();
        // What has changed may be asked for, but for maps.
        const [column] = change.columns;
        if (column !== undefined && column !== "external_ids" && column !== "other_config")
          change.elements(column);
        // @ts-expect-error a column of the other table
        change.elements("addresses");
        // @ts-expect-error maps have pairs
        change.elements("external_ids");
        if (change.kind === "insert") expectTypeOf(change.new).toEqualTypeOf<LogicalSwitchRow>();
        if (change.kind !== "insert") expectTypeOf(change.old).toEqualTypeOf<LogicalSwitchRow>();
        if (change.kind === "delete") expectTypeOf(change.new).toEqualTypeOf<undefined>();
      },
    );
  // @ts-expect-error no such column
  nb.supports("Logical_Switch", "nothing");
  expectTypeOf(nb.until((view) => view.tables.Logical_Switch.get({ _uuid: sw._uuid }))).toEqualTypeOf<
    Promise<LogicalSwitchRow>
  >();
};

/** Maps of references. */
const maps = (ovs: Database<OpenvswitchTables>, qos: QoSRow, queue: QueueRow): void => {
  expectTypeOf(ovs.deref(qos, "queues")).toEqualTypeOf<QueueRow[]>();
  expectTypeOf(ovs.referrers(queue, "QoS", "queues")).toEqualTypeOf<QoSRow[]>();
  ovs.has(qos, "queues", "5");
  // @ts-expect-error it has keys
  ovs.has(qos, "queues", queue);
  ovs.tables.QoS.find({ queues: { 5: queue._uuid }, external_ids: { ["any" as string]: "x" } });
};

/** Without a model an element may be any atom. */
const untyped = async (db: Database<AnyTables>): Promise<void> => {
  for await (const { rows } of db.changes(["Street"]))
    for (const change of rows)
      expectTypeOf(change.elements("houses").added).toEqualTypeOf<readonly AnyAtom[]>();
  const [row] = db.tables["Street"]?.find({}) ?? [];
  if (row === undefined) return;
  db.has(row, "houses", row);
  expectTypeOf(db.deref(row, "houses")).toEqualTypeOf<AnyTableRow[]>();
  expectTypeOf(db.referrers(row, "Street", "houses")).toEqualTypeOf<AnyTableRow[]>();
};

const writes = (tx: Tx, sw: LogicalSwitchRow, port: LogicalSwitchPortRow): void => {
  const made = tx.insert("Logical_Switch_Port", { name: "p", addresses: ["unknown"], up: null });
  expectTypeOf(made).toEqualTypeOf<InsertedRow<"Logical_Switch_Port">>();
  tx.insert("Logical_Switch", { ports: [made, port._uuid, port], copp: null });
  tx.update(port, { dhcpv4_options: {} as DHCPOptionsRow });
  // @ts-expect-error a row of another table
  tx.update(sw, { ports: [sw] });
  tx.update(sw, { copp: null, ports: [made] });
  tx.add(sw, "ports", made);
  tx.add(sw, "ports", [made, port, port._uuid]);
  tx.remove(sw, "ports", port);
  tx.add(made, "addresses", "unknown");
  tx.setKeys(sw, "external_ids", { a: "b" });
  tx.removeKeys(made, "options", ["a"]);
  tx.verify(sw, "ports", "external_ids");
  tx.delete(made);
  const row = tx.insert("NB_Global", { nb_cfg: 1, sb_cfg: 2n });
  tx.mutate(row, "nb_cfg", "+=", 1n);
  tx.mutate(made, "tag", "-=", 1);
  const qos = tx.insert("QoS", { direction: "from-lport", action: { dscp: 5 } });
  tx.setKeys(qos, "action", { mark: 1 });
  tx.removeKeys(qos, "bandwidth", ["rate"]);
  // @ts-expect-error no such table
  tx.insert("Logical_Swich", {});
  // @ts-expect-error no such column
  tx.insert("Logical_Switch", { nam: "a" });
  // @ts-expect-error not the column's type
  tx.insert("Logical_Switch", { name: null });
  // @ts-expect-error not in the enum
  tx.insert("ACL", { action: "forbid", direction: "to-lport", match: "1", priority: 1 });
  // @ts-expect-error its default is not in the enum, so it must be set
  tx.insert("ACL", { direction: "to-lport", match: "1", priority: 1 });
  // @ts-expect-error a rate is at least 1, so it must be set
  tx.insert("Meter_Band", { action: "drop" });
  tx.update(tx.insert("ACL", { action: "allow", direction: "to-lport" }), { action: "drop" });
  // @ts-expect-error a band at least, so they must be set
  tx.insert("Meter", { name: "m", unit: "kbps" });
  // @ts-expect-error a row of another table
  tx.insert("Logical_Switch", { acls: [made] });
  // @ts-expect-error no such column
  tx.update(sw, { addresses: ["a"] });
  // @ts-expect-error a row of another table
  tx.add(sw, "ports", sw);
  // @ts-expect-error a row of another table
  tx.add(sw, "acls", made);
  // @ts-expect-error not a set
  tx.add(sw, "name", "x");
  // @ts-expect-error not a map
  tx.setKeys(sw, "ports", {});
  // @ts-expect-error not a string
  tx.setKeys(sw, "external_ids", { a: 1 });
  // @ts-expect-error a value that somebody forgot to fill
  tx.setKeys(sw, "external_ids", { a: undefined });
  // @ts-expect-error not a key of the enum
  tx.setKeys(qos, "action", { colour: 1 });
  // @ts-expect-error not a number
  tx.mutate(sw, "name", "+=", 1);
  // @ts-expect-error elements are added by `add`
  tx.mutate(row, "nb_cfg", "insert", 1);
  // @ts-expect-error no such column
  tx.verify(sw, "nothing");
  // @ts-expect-error one that does not exist after one that does
  tx.verify(sw, "ports", "nothing");
  // @ts-expect-error no column
  tx.verify(sw);
  tx.verifyAbsent("Logical_Switch", { name: "x", external_ids: { owner: "me" } });
  // @ts-expect-error no such column
  tx.verifyAbsent("Logical_Switch", { nothing: "x" });
  // @ts-expect-error an inserted row has nothing to verify
  tx.verify(made, "name");
};

/** Where a column is one reference. */
const references = (tx: Transaction<SouthboundTables>, port: InsertedRow<"Port_Binding">): void => {
  tx.update(port, { datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }) });
  // @ts-expect-error not a map
  tx.setKeys(port, "datapath", {});
  // @ts-expect-error not a map
  tx.removeKeys(port, "datapath", ["a"]);
  // @ts-expect-error not a set
  tx.add(port, "datapath", tx.insert("Datapath_Binding", { tunnel_key: 2 }));
};

const results = async (nb: Nb): Promise<void> => {
  const result = await nb.transact((tx) => ({
    port: tx.insert("Logical_Switch_Port", {}),
    names: tx.select("Logical_Switch", {}, ["name"]),
    all: tx.select("Logical_Switch"),
  }));
  expectTypeOf(result.uuid(result.value.port)).toEqualTypeOf<Uuid<"Logical_Switch_Port">>();
  const made = await nb.transact((tx) => nb.tables.Copp.get({ name: "m" }) ?? tx.insert("Copp", {}));
  expectTypeOf(made.uuid(made.value)).toEqualTypeOf<Uuid<"Copp">>();
  const [sw] = nb.tables.Logical_Switch;
  if (sw !== undefined) expectTypeOf(result.uuid(sw)).toEqualTypeOf<Uuid<"Logical_Switch">>();
  // @ts-expect-error no row
  result.uuid("x");
  expectTypeOf(result.rows(result.value.names)).toEqualTypeOf<
    readonly Pick<LogicalSwitchRow, "name" | "_uuid">[]
  >();
  expectTypeOf(result.rows(result.value.all)[0]?.ports).toEqualTypeOf<
    LogicalSwitchRow["ports"] | undefined
  >();
  expectTypeOf((await nb.transact(() => Promise.resolve(5))).value).toEqualTypeOf<number>();
};

/** Options that are passed on as they came. */
const options = async (nb: Nb, signal?: AbortSignal, timeout?: number): Promise<void> => {
  await nb.transact((tx) => tx.comment("x"), { signal, timeout, wait: undefined, lock: undefined });
  await nb.until(() => true, { signal, timeout });
  await nb.lock("mine", { signal, timeout, steal: undefined });
  nb.changes(["Logical_Switch"], { signal, initial: undefined });
  await applyRows(nb, {}, () => ({ rows: [] }), { signal, timeout });
  await planTopology(nb, { networks: [] }).apply({
    signal,
    timeout,
    maxBytes: undefined,
    onProgress: undefined,
  });
  await using sandbox = await startSandbox({ signal, timeout, tls: undefined, keepDirectory: undefined });
  await sandbox.run("true", [], { signal, timeout, cwd: undefined });
  await connectNorthbound("unix:/none", { signal, tls: { caFile: undefined }, tables: undefined });
};

/** Functions for any of several tables. */
const generic = async <K extends "Logical_Switch" | "Logical_Router">(
  nb: Nb,
  table: K,
  uuid: Uuid<K>,
  column: ColumnOf<Row<NorthboundTables, K>>,
): Promise<void> => {
  nb.supports(table, "external_ids");
  nb.supports(table, column);
  // @ts-expect-error a column of one of them
  nb.supports(table, "ha_chassis_group");
  // @ts-expect-error no column
  nb.supports(table, "_uuid");
  await nb.transact((tx) => {
    tx.verify({ _uuid: uuid }, "external_ids", "name");
    tx.verify({ _uuid: uuid }, column);
    // @ts-expect-error no column
    tx.verify({ _uuid: uuid }, "_uuid");
  });
};

describe("types of a database", () => {
  it("refuse what is wrong and take what is right, as the compiler has said", () => {
    assert.deepEqual(
      [reads, maps, untyped, writes, references, results, options, generic].map((each) => typeof each),
      Array(8).fill("function"),
    );
  });
});
