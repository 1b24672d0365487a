import assert from "node:assert/strict";
import { RowGoneError, UsageError } from "../../../lib/index.ts";
import { UnsupportedError, type Uuid, ValidationError } from "../../../lib/ovsdb/index.ts";
import { northboundWith, type Sent, success, update, uuidA, uuidB, uuidC } from "./support.ts";

const initial = {
  Logical_Switch: {
    [uuidA]: {
      initial: {
        name: "sw",
        ports: ["uuid", uuidB],
        external_ids: ["map", [["n", "1"]]],
      },
    },
  },
  Logical_Switch_Port: { [uuidB]: { initial: { name: "p" } } },
};

async function open() {
  const opened = await northboundWith(initial, (operations, _, reply) => reply(success(operations)));
  const [sw] = opened.nb.tables.Logical_Switch;
  const [port] = opened.nb.tables.Logical_Switch_Port;
  assert.ok(sw !== undefined && port !== undefined);
  return { ...opened, sw, port };
}

const ops = (sent: Sent | undefined): string[] => (sent ?? []).map(({ op }) => op);

describe("a transaction's function", () => {
  it("sends nothing when it asks for nothing", async () => {
    const { nb, sw, sent } = await open();
    const result = await nb.transact((tx) => {
      tx.update(sw, {});
      tx.add(sw, "ports", []);
      tx.setKeys(sw, "external_ids", {});
      tx.removeKeys(sw, "external_ids", []);
      return "value";
    });
    assert.deepEqual([sent, result.changed, result.value], [[], false, "value"]);
    await nb.close();
  });

  it("guards, inserts, updates, mutates, deletes, and then does the rest, in this order", async () => {
    const { nb, sw, port, sent } = await open();
    await nb.transact((tx) => {
      tx.comment("why");
      tx.delete(port);
      tx.add(sw, "ports", tx.insert("Logical_Switch_Port", { name: "q" }));
      tx.update(sw, { copp: null });
      tx.raw({ op: "abort" });
    });
    assert.deepEqual(ops(sent[0]), ["wait", "insert", "update", "mutate", "delete", "comment", "abort"]);
    await nb.close();
  });

  it("takes a row for a reference to it, and for nothing else", async () => {
    const { nb, sw, port, sent } = await open();
    await nb.transact((tx) => tx.add(sw, "ports", [port]));
    const mutate = sent[0]?.find(({ op }) => op === "mutate");
    assert.deepEqual(mutate?.["mutations"], [["ports", "insert", ["uuid", uuidB]]]);
    const row = port as unknown as string;
    await assert.rejects(
      nb.transact((tx) => tx.setKeys(sw, "external_ids", { port: row })),
      ValidationError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.update(sw, { name: row })),
      ValidationError,
    );
    assert.equal(sent.length, 1);
    await nb.close();
  });

  it("lets the last word count for a column", async () => {
    const { nb, sw, port, sent } = await open();
    await nb.transact((tx) => {
      tx.remove(sw, "ports", port);
      tx.setKeys(sw, "external_ids", { gone: "yes" });
      tx.setKeys(sw, "other_config", { stays: "yes" });
      tx.update(sw, { ports: [], external_ids: {} });
    });
    assert.deepEqual(sent[0]?.slice(1), [
      {
        op: "update",
        table: "Logical_Switch",
        where: [["_uuid", "==", ["uuid", uuidA]]],
        row: { ports: ["set", []], external_ids: ["map", []] },
      },
      {
        op: "mutate",
        table: "Logical_Switch",
        where: [["_uuid", "==", ["uuid", uuidA]]],
        mutations: [
          ["other_config", "delete", ["set", ["stays"]]],
          ["other_config", "insert", ["map", [["stays", "yes"]]]],
        ],
      },
    ]);
    await nb.close();
  });

  it("sends nothing when an operation holds what cannot be sent, and says where", async () => {
    const { nb, sent } = await open();
    await assert.rejects(
      nb.transact((tx) => {
        tx.comment("fine");
        tx.comment("half: \ud800");
      }),
      (error) => error instanceof UsageError && /params\[2\]\.comment/.test(error.message),
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("verifies what was read, not what the replica holds by then", async () => {
    const { nb, server, sw, sent } = await open();
    await nb.transact(async (tx) => {
      const [current] = nb.tables.Logical_Switch;
      assert.ok(current !== undefined);
      tx.verify(current, "external_ids");
      update(server, {
        Logical_Switch: { [uuidA]: { modify: { external_ids: ["map", [["n", "2"]]] } } },
      });
      await Promise.resolve();
      tx.setKeys(sw, "external_ids", { n: "2" });
    });
    assert.deepEqual(sent[0]?.[0]?.["rows"], [{ external_ids: ["map", [["n", "1"]]] }]);
    await nb.close();
  });

  it("verifies a stale row as it was, so that nothing is made from it", async () => {
    const { nb, server, sw, sent } = await open();
    update(server, { Logical_Switch: { [uuidA]: { modify: { name: "new" } } } });
    await nb.transact((tx) => tx.verify(sw, "name"));
    assert.deepEqual(sent[0]?.[0]?.["rows"], [{ name: "sw" }]);
    await nb.close();
  });

  it("reads the replica when the row is only named", async () => {
    const { nb, sent } = await open();
    await nb.transact((tx) => tx.verify({ _uuid: uuidA as Uuid<"Logical_Switch"> }, "name"));
    assert.deepEqual(sent[0]?.[0]?.["rows"], [{ name: "sw" }]);
    await nb.close();
  });

  it("refuses a row that the server would drop: one that no strong reference holds", async () => {
    const { nb, sent } = await open();
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch_Port", { name: "q" })),
      /no row .* into Logical_Switch_Port by .* \("name":"q"\): .*to its parent, by Logical_Switch\.ports$/,
    );
    // Port_Group.ports is weak.
    await assert.rejects(
      nb.transact((tx) => {
        const ports = [tx.insert("Logical_Switch_Port", { name: "q" })];
        tx.insert("Port_Group", { name: "g", ports });
      }),
      UsageError,
    );
    assert.deepEqual(sent, []);
    await nb.transact((tx) => {
      const port = tx.insert("Logical_Switch_Port", { name: "q" });
      tx.raw({
        op: "mutate",
        table: "Logical_Switch",
        where: [["_uuid", "==", ["uuid", uuidA]]],
        mutations: [["ports", "insert", ["uuid", port.ref]]],
      });
      tx.raw({ op: "update", table: "NB_Global", where: [], row: { nb_cfg: 2n ** 60n } });
    });
    await nb.close();
  });

  it("takes an insert back that was deleted again, unless something refers to it", async () => {
    const { nb, sw, sent } = await open();
    await nb.transact((tx) => tx.delete(tx.insert("Logical_Switch", { name: "x" })));
    assert.deepEqual(sent, []);
    await assert.rejects(
      nb.transact((tx) => {
        const port = tx.insert("Logical_Switch_Port", { name: "q" });
        tx.add(sw, "ports", port);
        tx.delete(port);
      }),
      /is referred to, and deleted again/,
    );
    await nb.close();
  });

  it("inserts nothing of a row that was refused, also when the error is caught", async () => {
    const { nb, sw, sent } = await open();
    await nb.transact((tx) => {
      assert.throws(() => tx.insert("Logical_Switch", { name: 5 as never }), ValidationError);
      assert.throws(() => tx.update(sw, { name: "half", ports: 5 as never }), ValidationError);
    });
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("takes any key of a map for a key: _uuid, ref, __proto__", async () => {
    const { nb, sent } = await open();
    const odd = JSON.parse('{"_uuid":"a","ref":"b","__proto__":"c"}') as Record<string, string>;
    await nb.transact((tx) => {
      const sw = tx.insert("Logical_Switch", { external_ids: odd });
      tx.setKeys(sw, "other_config", odd);
    });
    const wire = [
      "map",
      [
        ["_uuid", "a"],
        ["ref", "b"],
        ["__proto__", "c"],
      ],
    ];
    assert.deepEqual(sent[0]?.[0]?.["row"], { external_ids: wire });
    const mutations = sent[0]?.[1]?.["mutations"] ?? [];
    assert.deepEqual(Object.values(mutations)[1], ["other_config", "insert", wire]);
    await nb.close();
  });

  it("names tables and columns that the server lacks, also those that every object has", async () => {
    const { nb, sw } = await open();
    for (const wrong of [
      (tx: never) => Reflect.apply(Reflect.get(tx, "insert"), tx, ["toString", {}]),
      (tx: never) => Reflect.apply(Reflect.get(tx, "update"), tx, [sw, { constructor: "x" }]),
      (tx: never) => Reflect.apply(Reflect.get(tx, "update"), tx, [sw, { nothing: "x" }]),
      (tx: never) => Reflect.apply(Reflect.get(tx, "verify"), tx, [sw, "valueOf"]),
      (tx: never) => Reflect.apply(Reflect.get(tx, "select"), tx, ["Logical_Switch", { nothing: 1 }]),
    ]) {
      await assert.rejects(
        nb.transact((tx) => wrong(tx as never)),
        UnsupportedError,
      );
    }
    assert.equal(nb.supports("toString" as never), false);
    await nb.close();
  });

  it("refuses what the column cannot take", async () => {
    const { nb, sw, sent } = await open();
    const kinds: readonly ((tx: never) => unknown)[] = [
      (tx) => Reflect.apply(Reflect.get(tx, "add"), tx, [sw, "name", "x"]),
      (tx) => Reflect.apply(Reflect.get(tx, "add"), tx, [sw, "external_ids", "x"]),
      (tx) => Reflect.apply(Reflect.get(tx, "setKeys"), tx, [sw, "ports", {}]),
      (tx) => Reflect.apply(Reflect.get(tx, "mutate"), tx, [sw, "external_ids", "+=", 1]),
    ];
    for (const wrong of kinds)
      await assert.rejects(
        nb.transact((tx) => wrong(tx as never)),
        UsageError,
      );
    const values: readonly ((tx: never) => unknown)[] = [
      (tx) => Reflect.apply(Reflect.get(tx, "mutate"), tx, [sw, "name", "+=", 1]),
      (tx) => Reflect.apply(Reflect.get(tx, "add"), tx, [sw, "ports", "no uuid"]),
      (tx) => Reflect.apply(Reflect.get(tx, "setKeys"), tx, [sw, "external_ids", { a: 1 }]),
      (tx) => Reflect.apply(Reflect.get(tx, "update"), tx, [sw, { ports: [tx, 1] }]),
    ];
    for (const wrong of values)
      await assert.rejects(
        nb.transact((tx) => wrong(tx as never)),
        ValidationError,
      );
    for (const value of [1.5, Number.NaN, 2 ** 60]) {
      await assert.rejects(
        nb.transact((tx) => {
          const row = tx.insert("NB_Global", {});
          tx.mutate(row, "nb_cfg", "+=", value);
        }),
        ValidationError,
      );
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("refuses handles of other transactions, and uuids that are none or are there twice", async () => {
    const { nb, sw } = await open();
    const { value: handle } = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "x" }));
    await assert.rejects(
      nb.transact((tx) => tx.update(handle, { name: "y" })),
      UsageError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.add(sw, "ports", { table: "Logical_Switch_Port", ref: "x" })),
      UsageError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", {}, { uuid: "x" })),
      UsageError,
    );
    await assert.rejects(
      nb.transact((tx) => {
        tx.insert("Logical_Switch", {}, { uuid: uuidC });
        tx.insert("Logical_Switch", {}, { uuid: uuidC.toUpperCase() });
      }),
      /is in this transaction already/,
    );
    await nb.close();
  });

  it("says of a row that has gone that it has gone; deleting it is no error", async () => {
    const { nb, server, sw, sent } = await open();
    update(server, { Logical_Switch: { [uuidA]: { delete: null } } });
    for (const change of [
      nb.transact((tx) => tx.update(sw, { name: "x" })),
      nb.transact((tx) => tx.verify(sw, "name")),
      nb.transact((tx) => tx.delete({ _uuid: uuidA as Uuid<"Logical_Switch"> })),
    ]) {
      await assert.rejects(change, RowGoneError);
    }
    assert.throws(() => nb.deref(sw, "ports"), /Logical_Switch has no row/);
    assert.throws(() => nb.has(sw, "ports", uuidB), RowGoneError);
    assert.equal(sent.length, 0);
    await nb.transact((tx) => tx.delete(sw));
    assert.deepEqual(ops(sent[0]), ["delete"]);
    await nb.close();
  });
});

describe("a transaction whose function has ended", () => {
  it("refuses what its function started and did not await", async () => {
    const { nb, sw, port, sent } = await open();
    let late: Promise<void> | undefined;
    const result = await nb.transact(async (tx) => {
      tx.update(sw, { copp: null });
      const forgotten = async (): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        tx.insert("Logical_Switch", { name: "forgotten" });
      };
      late = assert.rejects(forgotten, (error) => error instanceof UsageError && /await/.test(error.message));
    });
    assert.ok(result.changed);
    assert.ok(late !== undefined);
    await late;
    assert.deepEqual(ops(sent[0]), ["update"]);

    const { value: tx } = await nb.transact((tx) => {
      tx.update(sw, { copp: null });
      return tx;
    });
    const uses: readonly (() => void)[] = [
      () => tx.insert("Logical_Switch", {}),
      () => tx.update(sw, {}),
      () => tx.update(port, {}),
      () => tx.delete(port),
      () => tx.add(sw, "ports", port),
      () => tx.remove(sw, "ports", port),
      () => tx.setKeys(sw, "external_ids", { a: "b" }),
      () => tx.removeKeys(sw, "external_ids", ["a"]),
      () => tx.verify(sw, "name"),
      () => tx.select("Logical_Switch"),
      () => tx.comment("late"),
      () => tx.assert("lock"),
      () => tx.raw({ op: "abort" }),
    ];
    for (const use of uses) assert.throws(use, UsageError, String(use));
    assert.equal(sent.length, 2);
    await nb.close();
  });
});

describe("a transaction's result", () => {
  it("gives uuids of rows it inserted, and of no others", async () => {
    const { nb } = await open();
    const one = await nb.transact((tx) => tx.insert("Logical_Switch", {}, { uuid: uuidC.toUpperCase() }));
    assert.equal(one.uuid(one.value), uuidC);
    const other = await nb.transact((tx) => tx.insert("Logical_Switch", {}));
    assert.throws(() => one.uuid(other.value), UsageError);
    await nb.close();
  });

  it("gives the rows of its selects, decoded, and of no others", async () => {
    const { nb } = await northboundWith({}, (operations, _, reply) =>
      reply(
        operations.map(({ op }) =>
          op === "select" ? { rows: [{ _uuid: ["uuid", uuidA], name: "a", ports: ["uuid", uuidB] }] } : {},
        ),
      ),
    );
    const result = await nb.transact((tx) => ({
      all: tx.select("Logical_Switch", { name: "a", ports: [uuidB as never], external_ids: { k: "v" } }),
      one: tx.select("Logical_Switch", {}, ["name"]),
    }));
    assert.deepEqual(result.operations[0], {
      op: "select",
      table: "Logical_Switch",
      where: [
        ["name", "==", "a"],
        ["ports", "includes", ["set", [["uuid", uuidB]]]],
        ["external_ids", "includes", ["map", [["k", "v"]]]],
      ],
      columns: ["_uuid", ...Object.keys(nb.schema.tables["Logical_Switch"]?.columns ?? {})],
    });
    const [row] = result.rows(result.value.all);
    assert.deepEqual([row?._uuid, row?.name, row?.ports, row?.copp], [uuidA, "a", [uuidB], null]);
    assert.deepEqual(result.rows(result.value.one), [{ _uuid: uuidA, name: "a" }]);
    const other = await nb.transact((tx) => tx.comment("x"));
    assert.throws(() => other.rows(result.value.all), UsageError);
    await nb.close();
  });
});
