import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { DialledPeer } from "../support/dial-peer.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

describeWithOvn("conditions about columns that nobody reads", () => {
  const ovn = useSandbox({ northbound: true });
  const end = new AbortController();
  after(() => end.abort());
  const soon = { minBackoff: 5, maxBackoff: 50, requestTimeout: 5_000 };

  // Otherwise ovsdb-server 3.1 adds such columns by itself, to a monitor that several clients share, and dies or leaves out changes.
  it("keep server and replicas whole, whoever else asks for the same columns of other rows", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using writer = await connectNorthbound(remote, soon);
    const columns = ["mac"] as const;
    const wheres = [
      [["override_dynamic_mac", "==", true]],
      [["logical_port", "==", "a"]],
      [["ip", "==", "10.0.0.1"]],
      [["override_dynamic_mac", "==", false]],
    ] as const;
    const readers = await Promise.all(
      wheres.map((where) =>
        connectNorthbound(remote, {
          ...soon,
          signal: end.signal,
          tables: { Static_MAC_Binding: { columns, where } },
        }),
      ),
    );
    const { Static_MAC_Binding: bindings } = writer.tables;
    for (let round = 0; round < 40; round += 1) {
      await writer.transact((tx) => {
        const [oldest, ...others] = [...bindings];
        if (oldest !== undefined && round % 5 === 4) tx.delete(oldest);
        for (const [index, row] of others.entries()) {
          if ((index + round) % 3 === 0) tx.update(row, { override_dynamic_mac: !row.override_dynamic_mac });
          if ((index + round) % 4 === 0) tx.update(row, { mac: `${round}` });
          if ((index + round) % 7 === 0 && row.ip !== "10.0.0.1")
            tx.update(row, { logical_port: row.logical_port === "a" ? `b${round}` : "a" });
        }
        const port = round % 2 === 0 ? "a" : `c${round}`;
        tx.insert("Static_MAC_Binding", {
          logical_port: port,
          ip: round % 6 === 1 ? "10.0.0.1" : `10.1.0.${round}`,
          mac: "0",
        });
      });
    }
    const expected = [
      [...bindings].filter((row) => row.override_dynamic_mac),
      bindings.find({ logical_port: "a" }),
      bindings.find({ ip: "10.0.0.1" }),
      [...bindings].filter((row) => !row.override_dynamic_mac),
    ];
    // What was committed before has come when these are answered.
    await Promise.all(
      readers.map((reader) => reader.transact((tx) => tx.comment("all before this has come"))),
    );
    const held = readers.map(({ tables }) => [...tables.Static_MAC_Binding].map(({ mac }) => mac).sort());
    assert.deepEqual(
      held,
      expected.map((rows) => rows.map(({ mac }) => mac).sort()),
    );
    assert.equal(writer.status().counters.losses, 0);
  });

  it("are changed to others, and what changes in no column that is read is no change", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using writer = await connectNorthbound(remote, soon);
    const where = [["other_config", "includes", ["map", [["kind", "x"]]]]] as const;
    await using nb = await connectNorthbound(remote, {
      ...soon,
      tables: { Logical_Switch: { columns: ["name"], where } },
    });
    await writer.transact((tx) => {
      tx.insert("Logical_Switch", { name: "x", other_config: { kind: "x" } });
      tx.insert("Logical_Switch", { name: "y", external_ids: { kind: "y" } });
    });
    const names = (): string[] => [...nb.tables.Logical_Switch].map(({ name }) => name).sort();
    await nb.until(() => names().join() === "x", { timeout: 30_000 });
    const changes = nb.changes(["Logical_Switch"]);
    const [x] = writer.tables.Logical_Switch.find({ name: "x" });
    assert.ok(x !== undefined);
    await writer.transact((tx) => tx.setKeys(x, "other_config", { more: "1" }));
    await writer.transact((tx) => tx.update(x, { name: "x2" }));
    const { value } = (await changes.next()) as IteratorYieldResult<{
      rows: readonly { columns: readonly string[] }[];
    }>;
    assert.deepEqual(
      value.rows.map(({ columns }) => columns),
      [["name"]],
    );
    assert.throws(() => nb.tables.Logical_Switch.find({ other_config: { kind: "x" } }), /is not monitored/);
    // Another column: that takes another monitor.
    await nb.setConditions(
      { Logical_Switch: [["external_ids", "includes", ["map", [["kind", "y"]]]]] },
      { timeout: 30_000 },
    );
    assert.deepEqual(names(), ["y"]);
    assert.equal(nb.status().counters.losses, 0);
    await nb.setConditions({ Logical_Switch: true }, { timeout: 30_000 });
    assert.ok(names().length >= 2);
    // The monitor still has the column of these, and goes on.
    const { resyncsFull } = nb.status().counters;
    await nb.setConditions(
      { Logical_Switch: [["external_ids", "includes", ["map", [["kind", "y"]]]]] },
      { timeout: 30_000 },
    );
    assert.deepEqual(names(), ["y"]);
    assert.equal(nb.status().counters.resyncsFull, resyncsFull);
  });

  // `_uuid` is a column, too.
  it("tell all changes of rows that are chosen by _uuid, beside a reader of all rows", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using writer = await connectNorthbound(remote, soon);
    const { Load_Balancer_Group: groups } = writer.tables;
    await writer.transact((tx) => {
      for (const name of ["one", "other"]) tx.insert("Load_Balancer_Group", { name });
    });
    const chosen = groups.get({ name: "one" });
    assert.ok(chosen !== undefined);
    const columns = ["name"] as const;
    const open = { ...soon, signal: end.signal };
    await using all = await connectNorthbound(remote, {
      ...open,
      tables: { Load_Balancer_Group: { columns } },
    });
    const where = [["_uuid", "==", ["uuid", chosen._uuid]]] as const;
    await using some = await connectNorthbound(remote, {
      ...open,
      tables: { Load_Balancer_Group: { columns, where } },
    });
    const names = ({ tables }: typeof all): string[] =>
      [...tables.Load_Balancer_Group].map(({ name }) => name).sort();
    assert.deepEqual(names(some), ["one"]);
    await writer.transact((tx) => tx.update(chosen, { name: "two" }));
    for (const reader of [all, some]) await reader.transact((tx) => tx.comment("all before this has come"));
    assert.deepEqual([names(all), names(some)], [["other", "two"], ["two"]]);
    // So that the condition is new, beside a monitor that others share.
    await all.setConditions({ Load_Balancer_Group: where }, { timeout: 30_000 });
    await writer.transact((tx) => tx.update(chosen, { name: "three" }));
    for (const reader of [all, some]) await reader.transact((tx) => tx.comment("all before this has come"));
    assert.deepEqual([names(all), names(some)], [["three"], ["three"]]);
    assert.equal(writer.status().counters.losses, 0);
  });

  // For `true` and `false` ovsdb-server adds `_uuid` to the shared monitor, and then reads past the rows of who uses `monitor`.
  for (const constant of [true, false]) {
    it(`keep the server alive for others who use the monitor of RFC 7047, also where it is ${constant}`, async () => {
      const { remote } = ovn.sandbox.northbound;
      await using writer = await connectNorthbound(remote, soon);
      const { Static_MAC_Binding: bindings } = writer.tables;
      // Texts that take as much as the row of one column: what is read past it is then a text of before, and no pointer.
      const text = (round: number): string => `${round}`.padStart(39, "a");
      await writer.transact((tx) => {
        for (let each = 0; each < 50; each += 1)
          tx.insert("Static_MAC_Binding", { logical_port: `${constant}${each}`, mac: text(0) });
      });
      const columns = ["mac"] as const;
      const where = [["mac", "==", "none"]] as const;
      for (let round = 1; round < 10; round += 1) {
        using old = await DialledPeer.dial(remote);
        await old.call("monitor", ["OVN_Northbound", "old", { Static_MAC_Binding: [{ columns }] }]);
        await using nb = await connectNorthbound(remote, {
          ...soon,
          signal: end.signal,
          tables: { Static_MAC_Binding: { columns, where } },
        });
        await nb.setConditions({ Static_MAC_Binding: [constant] }, { timeout: 30_000 });
        await writer.transact((tx) => {
          for (const row of bindings) tx.update(row, { mac: text(round) });
        });
        await old.call("echo", []);
        assert.equal(nb.tables.Static_MAC_Binding.size, constant ? bindings.size : 0);
      }
      assert.equal(writer.status().counters.losses, 0);
    });
  }
});
