import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { ConflictError, ConstraintError, UnsupportedError } from "../../../lib/ovsdb/index.ts";
import { Clock } from "../../support/clock.ts";
import { northboundWith, type Sent, success, update, uuidA } from "./support.ts";

const initial = { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } };

function open(options?: Parameters<typeof northboundWith>[2]) {
  return northboundWith(initial, (operations, _, reply) => reply(success(operations)), options);
}

const kinds = (sent: Sent | undefined): string[] => (sent ?? []).map(({ op }) => op);

describe("tx.verifyAbsent", () => {
  it("is a guard before all other operations, also where one change of one row needs none", async () => {
    const { nb, sent } = await open();
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw);
    await nb.transact((tx) => {
      tx.insert("Logical_Switch", { name: "new" });
      tx.verifyAbsent("Logical_Switch", { name: "new", external_ids: { owner: "me" } });
    });
    assert.deepEqual(kinds(sent[0]), ["wait", "insert"]);
    assert.deepEqual(sent[0]?.[0], {
      op: "wait",
      table: "Logical_Switch",
      where: [
        ["name", "==", "new"],
        ["external_ids", "includes", ["map", [["owner", "me"]]]],
      ],
      columns: [],
      until: "==",
      rows: [],
      timeout: 0,
    });
    await nb.transact((tx) => {
      tx.setKeys(sw, "external_ids", { only: "one" });
      tx.verifyAbsent("Load_Balancer", {});
    });
    assert.deepEqual(kinds(sent[1]), ["wait", "wait", "mutate"]);
    assert.deepEqual(sent[1]?.[0]?.["where"], []);
    await nb.close();
  });

  it("refuses at once what the replica holds, by its values and uuid, and sends nothing", async () => {
    const { nb, sent } = await open();
    await assert.rejects(
      nb.transact((tx) => tx.verifyAbsent("Logical_Switch", { name: "sw" })),
      (error) =>
        error instanceof ConstraintError &&
        error.message === `Logical_Switch has a row with name "sw" already: ${uuidA}` &&
        error.details === error.message &&
        error.operation === null &&
        error.table === "Logical_Switch" &&
        !error.retryable,
    );
    await assert.rejects(
      nb.transact((tx) => tx.verifyAbsent("Logical_Switch", {})),
      new RegExp(`^ConstraintError: Logical_Switch has a row already: ${uuidA}$`),
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("leaves it to the server after the function has waited: what it read before may be outdated", async () => {
    const { nb, server, sent } = await open();
    await nb.transact(async (tx) => {
      assert.deepEqual(nb.tables.Logical_Switch.find({ name: "late" }), []);
      await Promise.resolve();
      update(server, { Logical_Switch: { [uuidA]: { modify: { name: "late" } } } });
      tx.verifyAbsent("Logical_Switch", { name: "late" });
    });
    assert.deepEqual(kinds(sent[0]), ["wait"]);
    await nb.close();
  });

  it("lets the function run again where the server has such a row", async () => {
    const { nb, server } = await northboundWith(initial, (operations, from, reply) => {
      if (operations[0]?.["op"] !== "wait") return reply(success(operations));
      update(from, { Logical_Switch: { [uuidA]: { modify: { name: "new" } } } });
      reply([{ error: "timed out", details: '"where" clause test failed' }, ...operations.map(() => null)]);
    });
    assert.ok(server);
    const result = await nb.transact((tx) => {
      const [known] = nb.tables.Logical_Switch.find({ name: "new" });
      if (known !== undefined) return known;
      tx.verifyAbsent("Logical_Switch", { name: "new" });
      return tx.insert("Logical_Switch", { name: "new" });
    });
    assert.deepEqual([result.attempts, result.changed, result.uuid(result.value)], [2, false, uuidA]);
    await nb.close();
  });

  it("says what guards cannot be: of tables and columns that nobody has or that are not replicated", async () => {
    const { nb, sent } = await open({ reconnect: false, tables: { Logical_Switch: ["name"] } });
    const wrong: readonly [string, object, new (...args: never) => Error][] = [
      ["Nothing", {}, UnsupportedError],
      ["Logical_Switch", { nothing: 1 }, UnsupportedError],
      ["Logical_Switch", { ports: [] }, UsageError],
      ["Logical_Router", { name: "x" }, UsageError],
      ["Logical_Switch", [], UsageError],
    ];
    for (const [table, match, kind] of wrong)
      await assert.rejects(
        nb.transact((tx) => tx.verifyAbsent(table as never, match as never)),
        kind,
        table,
      );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("ends with the conflict where the server refuses each time", async () => {
    using clock = new Clock();
    const { nb, sent } = await northboundWith(initial, (operations, _, reply) => {
      if (sent.length === 2) clock.pass(60_000);
      reply([{ error: "timed out", details: '"where" clause test failed' }, ...operations.map(() => null)]);
    });
    await assert.rejects(
      nb.transact((tx) => tx.verifyAbsent("Logical_Switch", { name: "hidden" }), { timeout: 60_000 }),
      (error) =>
        error instanceof ConflictError &&
        /: there is a row with \[\["name","==","hidden"\]\]$/.test(error.message),
    );
    assert.equal(sent.length, 2);
    await nb.close();
  });
});
