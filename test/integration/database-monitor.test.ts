import assert from "node:assert/strict";
import {
  type ChangeBatch,
  type ChangeOf,
  connectNorthbound,
  type Database,
  type MonitorTables,
  type NorthboundTables,
  TimeoutError,
  UsageError,
  type Uuid,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

describeWithOvn("what is monitored, and its changes", () => {
  const ovn = useSandbox({ northbound: true });
  let writer: Database<NorthboundTables>;

  before(async () => {
    writer = await connectNorthbound(ovn.sandbox.northbound.remote);
  });
  after(() => writer.close());

  it("is what was asked for: tables, columns; the rest throws when it is read", async () => {
    await writer.transact((tx) => tx.insert("Logical_Switch", { name: "part", external_ids: { a: "b" } }));
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, {
      tables: { Logical_Switch: ["name"], Address_Set: true },
    });
    const [sw] = nb.tables.Logical_Switch.find({ name: "part" });
    assert.ok(sw !== undefined);
    assert.deepEqual({ ...sw }, { _uuid: sw._uuid, name: "part" });
    for (const read of [
      () => sw.external_ids,
      () => nb.tables.Logical_Switch.find({ external_ids: {} }),
      () => nb.tables.Logical_Router.size,
      () => nb.referrers(sw as { _uuid: Uuid }, "Logical_Router", "ports"),
      () => nb.changes(["Logical_Router"]),
    ]) {
      assert.throws(read, UsageError);
    }
    await nb.transact((tx) => tx.setKeys(sw, "external_ids", { written: "without being read" }));
    await writer.until(
      () => writer.tables.Logical_Switch.find({ external_ids: { written: "without being read" } })[0],
    );
    // Of several remotes none is asked after such a mistake.
    const { remote } = ovn.sandbox.northbound;
    const tables: MonitorTables = { Nothing: true };
    await assert.rejects(connectNorthbound([remote, remote], { tables }), UsageError);
  });

  it("is the rows that meet a condition, as they begin and cease to do so", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote, {
      tables: { Logical_Switch: { where: [["name", "==", "wanted"]] } },
    });
    const made = await nb.transact((tx) => [
      tx.insert("Logical_Switch", { name: "wanted", external_ids: { a: "b" } }),
      tx.insert("Logical_Switch", { name: "unwanted" }),
    ]);
    const [row, ...others] = nb.tables.Logical_Switch;
    assert.deepEqual([row?.name, others], ["wanted", []]);
    const [, unwanted] = made.value;
    assert.ok(row !== undefined && unwanted !== undefined);
    await nb.transact((tx) => tx.update(row, { name: "renamed" }));
    assert.equal(nb.tables.Logical_Switch.size, 0);
    const uuid = made.uuid(unwanted);
    await writer.until(() => writer.tables.Logical_Switch.byUuid(uuid));
    await writer.transact((tx) => tx.update({ _uuid: uuid }, { name: "wanted" }));
    await nb.until(() => nb.tables.Logical_Switch.byUuid(uuid));
  });

  it("can be waited for", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const arrival = nb.until((view) => view.tables.Address_Set.get({ name: "awaited" }));
    await writer.transact((tx) => tx.insert("Address_Set", { name: "awaited" }));
    assert.equal((await arrival).name, "awaited");
    assert.equal(
      (await nb.until((view) => view.tables.Address_Set.get({ name: "awaited" }))).name,
      "awaited",
    );
    await assert.rejects(
      nb.until(() => false, { timeout: 20 }),
      TimeoutError,
    );
    await assert.rejects(
      nb.until(() => false, { signal: AbortSignal.timeout(20) }),
      { name: "TimeoutError" },
    );
    await assert.rejects(
      nb.until(() => {
        throw new RangeError("of the condition");
      }),
      RangeError,
    );
    await assert.rejects(
      nb.until(() => Promise.resolve(false)),
      UsageError,
    );
  });

  it("is told in order, one batch for each transaction, with what was added to sets", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "watched" }));
    const uuid = made.uuid(made.value);
    const changes = nb.changes(["Logical_Switch", "Logical_Switch_Port"]);
    await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "watched" });
      tx.add({ _uuid: uuid }, "ports", port);
      tx.insert("Address_Set", { name: "not watched" });
    });
    await nb.transact((tx) => tx.setKeys({ _uuid: uuid }, "external_ids", { k: "v" }));
    await nb.transact((tx) => tx.delete({ _uuid: uuid }));
    const batches: ChangeBatch<ChangeOf<NorthboundTables, "Logical_Switch" | "Logical_Switch_Port">>[] = [];
    for await (const batch of changes) {
      batches.push(batch);
      if (batches.length === 3) break;
    }
    assert.deepEqual(
      batches.map(({ cause, rows }) => [cause, rows.map(({ kind, table }) => `${kind} ${table}`).sort()]),
      [
        ["update", ["insert Logical_Switch_Port", "modify Logical_Switch"]],
        ["update", ["modify Logical_Switch"]],
        ["update", ["delete Logical_Switch", "delete Logical_Switch_Port"]],
      ],
    );
    const change = batches[0]?.rows.find(({ kind }) => kind === "modify");
    assert.ok(change?.table === "Logical_Switch");
    assert.equal(change.elements("ports").added.length, 1);
    assert.deepEqual(change.columns, ["ports"]);
    assert.deepEqual(batches[1]?.rows[0]?.old?.["external_ids"], {});
    assert.deepEqual(batches[1]?.rows[0]?.new?.["external_ids"], { k: "v" });
    assert.deepEqual(await changes.next(), { done: true, value: undefined });
  });

  it("is told from the beginning when asked, without a gap and without anything twice", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const seen = new Set<string>();
    const wanted = Array.from({ length: 200 }, (_, index) => `initial${index}`);
    const written = Promise.all(
      wanted.map((name) => writer.transact((tx) => tx.insert("Address_Set", { name }))),
    );
    await nb.until((view) => view.tables.Address_Set.size > 20);
    for await (const { rows } of nb.changes(["Address_Set"], { initial: true })) {
      for (const { kind, new: row } of rows) {
        assert.equal(kind, "insert");
        assert.equal(seen.has(String(row?.["name"])), false);
        seen.add(String(row?.["name"]));
      }
      if (wanted.every((name) => seen.has(name))) break;
    }
    await written;
    await using none = await connectNorthbound(ovn.sandbox.northbound.remote, { tables: { QoS: true } });
    const first = await none.changes(undefined, { initial: true }).next();
    assert.deepEqual(first, { done: false, value: { cause: "initial", rows: [] } });
  });

  it("is told until the signal aborts", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const controller = new AbortController();
    const changes = nb.changes(undefined, { signal: controller.signal });
    const next = assert.rejects(changes.next(), /enough/);
    controller.abort(new Error("enough"));
    await next;
    assert.throws(() => nb.changes(undefined, { signal: controller.signal }), /enough/);
  });

  it("is the whole truth for a reader that reads nothing for long", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const changes = nb.changes(["Load_Balancer"]);
    for (let round = 0; round < 100; round += 1) {
      await writer.transact((tx) => {
        for (const row of writer.tables.Load_Balancer) tx.delete(row);
        tx.insert("Load_Balancer", { name: `lb${round}` });
      });
    }
    await nb.until((view) => view.tables.Load_Balancer.find({ name: "lb99" })[0]);
    const held = new Set<string>();
    await waitFor(async () => {
      const { value } = await changes.next();
      for (const { kind, new: row, old } of (
        value as ChangeBatch<ChangeOf<NorthboundTables, "Load_Balancer">>
      ).rows) {
        if (kind === "delete") held.delete(old.name);
        else held.add(row.name);
      }
      return held.has("lb99");
    });
    assert.deepEqual([...held], ["lb99"]);
  });
});
