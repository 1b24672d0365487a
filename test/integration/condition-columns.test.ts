import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
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
    await nb.until(() => names().join() === "x", { timeout: 5_000 });
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
      { timeout: 5_000 },
    );
    assert.deepEqual(names(), ["y"]);
    assert.equal(nb.status().counters.losses, 0);
    await nb.setConditions({ Logical_Switch: true }, { timeout: 5_000 });
    assert.ok(names().length >= 2);
  });
});
