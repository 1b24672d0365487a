import assert from "node:assert/strict";
import type { NorthboundTables, Transaction } from "../../../lib/index.ts";
import { RowGoneError, UnsupportedError, UsageError, ValidationError } from "../../../lib/index.ts";
import { northboundWith, type Sent, success, update, uuidA, uuidB, uuidC } from "./support.ts";

const initial = {
  Logical_Switch: {
    [uuidA]: {
      initial: {
        name: "sw",
        ports: ["set", [["uuid", uuidB]]],
        external_ids: [
          "map",
          [
            ["n", "1"],
            ["m", "2"],
          ],
        ],
      },
    },
  },
  Logical_Switch_Port: {
    [uuidB]: { initial: { name: "p", addresses: ["set", ["a", "b"]], tag: 5, enabled: true } },
    [uuidC]: { initial: { name: "q" } },
  },
};

type Tx = Transaction<NorthboundTables>;

async function open() {
  const opened = await northboundWith(initial, (operations, _, reply) => reply(success(operations)));
  const { nb } = opened;
  const [sw] = nb.tables.Logical_Switch;
  const port = nb.tables.Logical_Switch_Port.get({ name: "p" });
  const other = nb.tables.Logical_Switch_Port.get({ name: "q" });
  assert.ok(sw !== undefined && port !== undefined && other !== undefined);
  return { ...opened, sw, port, other };
}

/** As plain JavaScript may have it. */
const five = 5n as unknown as number;

type Opened = Awaited<ReturnType<typeof open>>;

/** What is sent of this: an update's row, a mutate's mutations. */
async function sentBy(describe: (tx: Tx, opened: Opened) => void): Promise<unknown[]> {
  const opened = await open();
  await opened.nb.transact((tx) => describe(tx, opened), { onlyChanges: true });
  await opened.nb.close();
  return (opened.sent[0] ?? ([] as Sent)).map(({ op, row, mutations }) => row ?? mutations ?? op);
}

describe("a transaction that sends only changes", () => {
  it("sends nothing where all is as it is said", async () => {
    const { nb, sw, port, sent } = await open();
    const result = await nb.transact(
      (tx) => {
        tx.update(port, {
          name: "p",
          addresses: ["b", "a", "b"],
          tag: five,
          enabled: true,
          type: "",
          parent_name: null,
        });
        tx.update(sw, { ports: [port], external_ids: { m: "2", n: "1" }, copp: null });
        tx.add(sw, "ports", [port, uuidB as typeof port._uuid]);
        tx.add(port, "tag", five);
        tx.remove(port, "addresses", "c");
        tx.remove(port, "tag", 6);
        tx.setKeys(sw, "external_ids", { n: "1" });
        tx.removeKeys(sw, "external_ids", ["x"]);
      },
      { onlyChanges: true },
    );
    assert.deepEqual([sent, result.changed], [[], false]);
    await nb.close();
  });

  it("sends the columns, elements and keys that differ", async () => {
    const sent = await sentBy((tx, { sw, port, other }) => {
      tx.update(port, { name: "p", addresses: ["a", "c"], enabled: false, tag: null });
      tx.add(sw, "ports", [port, other]);
      tx.setKeys(sw, "external_ids", { n: "1", m: "3" });
      tx.removeKeys(sw, "external_ids", ["n", "x"]);
    });
    assert.deepEqual(sent, [
      "wait",
      "wait",
      { addresses: ["set", ["a", "c"]], enabled: false, tag: ["set", []] },
      [
        ["ports", "insert", ["uuid", uuidC]],
        ["external_ids", "delete", ["set", ["m"]]],
        ["external_ids", "insert", ["map", [["m", "3"]]]],
        ["external_ids", "delete", ["set", ["n"]]],
      ],
    ]);
  });

  it("takes a set or a map that has more or fewer for another one", async () => {
    const sent = await sentBy((tx, { sw, port }) => {
      tx.update(port, { addresses: ["a"] });
      tx.update(sw, { external_ids: { n: "1", m: "2", o: "3" }, ports: [] });
    });
    assert.deepEqual(sent.slice(2), [
      { addresses: "a" },
      {
        external_ids: [
          "map",
          [
            ["n", "1"],
            ["m", "2"],
            ["o", "3"],
          ],
        ],
        ports: ["set", []],
      },
    ]);
  });

  it("sends what takes back something that it has said before", async () => {
    const sent = await sentBy((tx, { sw, port, other }) => {
      tx.update(port, { name: "other", tag: 6 });
      tx.update(port, { name: "p" });
      tx.add(port, "tag", five);
      tx.remove(sw, "ports", port);
      tx.add(sw, "ports", port);
      tx.add(sw, "ports", other);
      tx.remove(sw, "ports", other);
      tx.setKeys(sw, "external_ids", { n: "7" });
      tx.setKeys(sw, "external_ids", { n: "1" });
      tx.removeKeys(sw, "external_ids", ["m"]);
      tx.setKeys(sw, "external_ids", { m: "2" });
    });
    assert.deepEqual(sent.slice(2), [
      { name: "p", tag: 6 },
      [["tag", "insert", 5]],
      [
        ["ports", "delete", ["uuid", uuidB]],
        ["ports", "insert", ["uuid", uuidB]],
        ["ports", "insert", ["uuid", uuidC]],
        ["ports", "delete", ["uuid", uuidC]],
        ["external_ids", "delete", ["set", ["n"]]],
        ["external_ids", "insert", ["map", [["n", "7"]]]],
        ["external_ids", "delete", ["set", ["n"]]],
        ["external_ids", "insert", ["map", [["n", "1"]]]],
        ["external_ids", "delete", ["set", ["m"]]],
        ["external_ids", "delete", ["set", ["m"]]],
        ["external_ids", "insert", ["map", [["m", "2"]]]],
      ],
    ]);
  });

  it("leaves out what is there already beside what is said of other elements and keys", async () => {
    const sent = await sentBy((tx, { sw, port, other }) => {
      for (const each of [other, port]) tx.add(sw, "ports", each);
      tx.setKeys(sw, "external_ids", { o: "3" });
      tx.setKeys(sw, "external_ids", { n: "1" });
    });
    assert.deepEqual(sent.at(-1), [
      ["ports", "insert", ["uuid", uuidC]],
      ["external_ids", "delete", ["set", ["o"]]],
      ["external_ids", "insert", ["map", [["o", "3"]]]],
    ]);
  });

  it("sends what a mutation is followed by, and rows that it inserts", async () => {
    const sent = await sentBy((tx, { sw, port }) => {
      tx.mutate(port, "tag", "+=", 1);
      tx.update(port, { tag: five });
      const added = tx.insert("Logical_Switch_Port", { name: "new" });
      tx.update(added, { type: "" });
      tx.update(sw, { ports: [port, added] });
    });
    assert.deepEqual(sent.slice(2, 4), [{ name: "new", type: "" }, { tag: 5 }]);
    assert.deepEqual((sent[4] as { ports: [string, unknown[]] }).ports[1].length, 2);
  });

  it("sends the one change without a guard, whatever else it finds to be so", async () => {
    const sent = await sentBy((tx, { sw, port }) => {
      tx.update(port, { name: "p" });
      tx.setKeys(sw, "external_ids", { n: "2" });
    });
    assert.equal(sent.length, 1);
  });

  it("refuses what is wrong all the same", async () => {
    const { nb, sw, port, sent } = await open();
    const refused = (describe: (tx: Tx) => void, error: new (...args: never[]) => Error) =>
      assert.rejects(nb.transact(describe, { onlyChanges: true }), error);
    const wrong = (value: unknown) => value as never;
    await refused((tx) => tx.update(port, { enabled: wrong("x") }), ValidationError);
    await refused((tx) => tx.update(port, wrong(5)), UsageError);
    await refused((tx) => tx.update(port, wrong({ nme: "x" })), UnsupportedError);
    await refused((tx) => tx.add(sw, "ports", wrong(null)), ValidationError);
    await refused((tx) => tx.remove(sw, "ports", wrong("p")), ValidationError);
    await refused((tx) => tx.remove(sw, "ports", wrong(undefined)), ValidationError);
    await refused((tx) => tx.add(sw, wrong("name"), wrong("sw")), UsageError);
    await refused((tx) => tx.setKeys(sw, wrong("name"), { n: "1" }), UsageError);
    await refused((tx) => tx.setKeys(sw, "external_ids", wrong({ n: 1 })), ValidationError);
    await refused((tx) => tx.setKeys(sw, "external_ids", wrong(undefined)), ValidationError);
    await refused((tx) => tx.removeKeys(sw, "external_ids", wrong("n")), ValidationError);
    await refused((tx) => tx.removeKeys(sw, wrong("name"), ["n"]), UsageError);
    await refused((tx) => tx.update(wrong(undefined), { name: "x" }), UsageError);
    await refused(
      (tx) => tx.update({ _uuid: "00000000-0000-4000-8000-000000000009" as typeof sw._uuid }, { name: "x" }),
      RowGoneError,
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("compares only what is monitored", async () => {
    const { nb, sent } = await northboundWith(
      { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } },
      (operations, _, reply) => reply(success(operations)),
      { reconnect: false, tables: { Logical_Switch: ["name"] } },
    );
    await nb.transact(
      (tx) => {
        for (const sw of nb.tables.Logical_Switch) tx.update(sw, { name: "sw", external_ids: {} });
      },
      { onlyChanges: true },
    );
    assert.deepEqual(
      sent[0]?.map(({ row }) => row),
      [{ external_ids: ["map", []] }],
    );
    await nb.close();
  });

  it("deletes no row that is gone already, and says so of no other", async () => {
    const { nb, server, port, other, sent } = await open();
    update(server, { Logical_Switch_Port: { [uuidC]: { delete: null } } });
    await nb.until(() => nb.tables.Logical_Switch_Port.size === 1, { timeout: 5_000 });
    const gone = await nb.transact((tx) => tx.delete(other), { onlyChanges: true });
    assert.deepEqual([gone.changed, sent], [false, []]);
    let late: Tx | undefined;
    const there = await nb.transact(
      (tx) => {
        late = tx;
        tx.delete(port);
        tx.delete(other);
      },
      { onlyChanges: true },
    );
    assert.deepEqual([there.changed, sent.map((each) => each.map(({ op }) => op))], [true, [["delete"]]]);
    assert.throws(() => late?.delete(other), UsageError);
    const unread = { _uuid: uuidC as typeof other._uuid };
    await assert.rejects(
      nb.transact((tx) => tx.delete(unread), { onlyChanges: true }),
      RowGoneError,
    );
    await nb.close();
  });
});
