import assert from "node:assert/strict";
import {
  type ColumnSchema,
  connectNorthbound,
  Database,
  type DatabaseModel,
  type DatabaseSchema,
  EndpointError,
  type MonitorTables,
  type NorthboundTables,
  northbound,
  type TableSchema,
  type Transaction,
  UnsupportedError,
  ValidationError,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

function table(name: string): TableSchema {
  const found = northbound.tables[name];
  assert.ok(found !== undefined);
  return found;
}

/** An old server: few tables, few columns. */
const subset: DatabaseSchema = {
  ...northbound,
  version: "1.0.0",
  tables: {
    Logical_Switch: {
      ...table("Logical_Switch"),
      columns: pick("Logical_Switch", ["name", "ports", "external_ids"]),
    },
    Logical_Switch_Port: {
      ...table("Logical_Switch_Port"),
      columns: pick("Logical_Switch_Port", ["name", "addresses", "tag"]),
    },
  },
};

function pick(name: string, columns: readonly string[]): TableSchema["columns"] {
  return Object.fromEntries(
    Object.entries(table(name).columns).filter(([column]) => columns.includes(column)),
  );
}

const text: ColumnSchema = { key: { type: "string" }, min: 0, max: 1 };

/** A server of tomorrow: more tables, more columns. */
const superset: DatabaseSchema = {
  ...northbound,
  version: "99.0.0",
  tables: {
    ...Object.fromEntries(
      Object.entries(northbound.tables).map(([name, each]) => [
        name,
        { ...each, columns: { ...each.columns, of_tomorrow: text } },
      ]),
    ),
    Tomorrow: { columns: { name: text }, indexes: [], isRoot: true },
  },
};

describeWithOvn("promise P7: a server that is older than the model", () => {
  const ovn = useSandbox({ databases: { old: subset } });

  it("is read and followed; what it lacks reads as empty", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.database("old").remote);
    assert.equal(nb.schema.version, "1.0.0");
    assert.deepEqual(
      [nb.supports("Logical_Switch"), nb.supports("ACL"), nb.supports("Logical_Switch", "acls")],
      [true, false, false],
    );
    await using writer = await connectNorthbound(ovn.sandbox.database("old").remote);
    await writer.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "p", addresses: ["unknown"] });
      tx.insert("Logical_Switch", { name: "old", ports: [port] });
    });
    const sw = await nb.until((view) => view.tables.Logical_Switch.find({ name: "old" })[0]);
    assert.deepEqual([sw.acls, sw.copp, sw.other_config], [[], null, {}]);
    assert.deepEqual([nb.deref(sw, "acls"), nb.deref(sw, "ports").map(({ name }) => name)], [[], ["p"]]);
    assert.deepEqual([...nb.tables.ACL], []);
    assert.deepEqual(nb.tables.Logical_Switch.find({ other_config: { a: "b" } }), []);
    const selected = await nb.transact((tx) => tx.select("Logical_Switch", { name: "old" }));
    assert.deepEqual(selected.rows(selected.value)[0]?.acls, []);
  });

  it("gets nothing that it does not know: the name is told before anything is sent", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.database("old").remote);
    const size = nb.tables.Logical_Switch.size;
    for (const [name, columns] of [
      ["other_config", { other_config: { a: "b" } }],
      ["copp", { copp: null }],
    ] as const) {
      await assert.rejects(
        nb.transact((tx) => tx.insert("Logical_Switch", { name: "refused", ...columns })),
        (error) => {
          assert.ok(error instanceof UnsupportedError);
          assert.deepEqual([error.table, error.column], ["Logical_Switch", name]);
          return true;
        },
      );
    }
    await assert.rejects(
      nb.transact((tx) => tx.insert("Load_Balancer", { name: "lb" })),
      /table Load_Balancer does not exist in the server's OVN_Northbound 1\.0\.0/,
    );
    await assert.rejects(
      nb.transact((tx) => tx.select("Logical_Switch", {}, ["acls"])),
      UnsupportedError,
    );
    assert.equal(nb.tables.Logical_Switch.size, size);
  });

  it("takes copies of rows that were read, which show more columns than it has", async () => {
    const { remote } = ovn.sandbox.database("old");
    await using nb = await connectNorthbound(remote);
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "first", external_ids: { a: "b" } }));
    const [first] = nb.tables.Logical_Switch.find({ name: "first" });
    assert.ok(first !== undefined);
    for (const onlyChanges of [false, true]) {
      const made = await nb.transact((tx) => tx.insert("Logical_Switch", { ...first, name: "second" }), {
        onlyChanges,
      });
      const second = nb.tables.Logical_Switch.byUuid(made.uuid(made.value));
      assert.deepEqual(second?.external_ids, { a: "b" });
      await nb.transact((tx) => tx.update(second, { ...second, name: "third" }), { onlyChanges });
      assert.equal(nb.tables.Logical_Switch.byUuid(second._uuid)?.name, "third");
    }
    await assert.rejects(
      nb.transact((tx) => tx.update(first, { ...first, name: "no", other_config: { c: "d" } })),
      (error) => error instanceof UnsupportedError && error.column === "other_config",
    );
    // As where the server has the column: what has pairs that no JSON shows is not taken for an empty map.
    for (const value of [new Map(), new Map([["c", "d"]]), new Date()]) {
      const other_config = value as object as { [key: string]: string };
      for (const onlyChanges of [false, true]) {
        const calls: readonly ((tx: Transaction<NorthboundTables>) => unknown)[] = [
          (tx) => tx.insert("Logical_Switch", { ...first, other_config }),
          (tx) => tx.update(first, { ...first, other_config }),
        ];
        for (const call of calls) {
          await assert.rejects(nb.transact(call, { onlyChanges }), (error) => {
            assert.ok(error instanceof ValidationError);
            assert.deepEqual(
              [error.table, error.column, error.value],
              ["Logical_Switch", "other_config", value],
            );
            assert.match(error.message, /is not a plain object/);
            return true;
          });
        }
      }
    }
    await nb.transact((tx) => {
      for (const sw of nb.tables.Logical_Switch) if (sw.name !== "old") tx.delete(sw);
    });
  });

  it("is no place to wait for northd", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.database("old").remote);
    await assert.rejects(
      nb.transact(() => undefined, { wait: "sb" }),
      UnsupportedError,
    );
  });

  it("may be monitored in part, with names that it lacks left out, but no condition on those", async () => {
    const { remote } = ovn.sandbox.database("old");
    await using nb = await connectNorthbound(remote, {
      tables: { Logical_Switch: ["name", "other_config"], ACL: true },
    });
    assert.deepEqual([...nb.tables.ACL], []);
    await assert.rejects(
      connectNorthbound(remote, { tables: { Logical_Switch: { where: [["copp", "==", ["set", []]]] } } }),
      UnsupportedError,
    );
  });
});

describeWithOvn("promise P7: a server that is newer than the model", () => {
  const ovn = useSandbox({ databases: { new: superset } });

  it("is used as if it were not", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.database("new").remote);
    await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "p" });
      tx.insert("Logical_Switch", { name: "new", ports: [port] });
    });
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined);
    assert.equal(Object.hasOwn({ ...sw }, "of_tomorrow"), false);
    assert.deepEqual([...new Set(Object.keys(sw))].sort(), [
      "_uuid",
      ...Object.keys(table("Logical_Switch").columns).sort(),
    ]);
    await nb.transact((tx) =>
      tx.raw({ op: "update", table: "Logical_Switch", where: [], row: { of_tomorrow: "x" } }),
    );
    assert.equal(
      nb.tables.Logical_Switch.find({ name: "new" })[0],
      sw,
      "nothing that is read here has changed",
    );
  });

  it("gives what the model lacks to those who name it", async () => {
    const tables: MonitorTables = { Logical_Switch: ["name", "of_tomorrow"], Tomorrow: true };
    await using nb = await connectNorthbound(ovn.sandbox.database("new").remote, { tables });
    await nb.transact((tx) => tx.raw({ op: "insert", table: "Tomorrow", row: { name: "n" } }));
    assert.deepEqual(
      [...nb.view.rows("Tomorrow")].map((row) => row["name"]),
      ["n"],
    );
    assert.equal([...nb.view.rows("Logical_Switch")][0]?.["of_tomorrow"], "x");
  });

  it("has no database of another name", async () => {
    const other: DatabaseModel<object> = { ...northbound, name: "Something_Else" } as DatabaseModel<object>;
    await assert.rejects(
      Database.connect(other, ovn.sandbox.database("new").remote),
      (error) =>
        error instanceof EndpointError &&
        /no database Something_Else \(it serves: OVN_Northbound\)/.test(error.message),
    );
  });
});
