import assert from "node:assert/strict";
import { northboundWith, success, uuidA } from "./support.ts";

// As plain JavaScript gives them: TypeScript finds all of these.
describe("names and uuids that are none", () => {
  async function open() {
    const content = { initial: { name: "sw", external_ids: ["map", [["a", "1"]]] } };
    const opened = await northboundWith({ Logical_Switch: { [uuidA]: content } }, (operations, _, reply) =>
      reply(success(operations)),
    );
    const [sw] = opened.nb.tables.Logical_Switch;
    assert.ok(sw);
    return { ...opened, sw };
  }

  it("are no names: a list with one is found by it, and broke the text that is sent, and with it the connection", async () => {
    const { nb, sw, sent } = await open();
    const column = {
      name: "UsageError",
      message: 'a column of Logical_Switch is named by a text, and not by ["name"]',
    };
    for (const describe of [
      (tx) => tx.verify(sw, ["name"] as never),
      (tx) => tx.add(sw, ["name"] as never, "x" as never),
      (tx) => tx.setKeys(sw, ["name"] as never, {}),
      (tx) => tx.select("Logical_Switch", {}, [["name"]] as never),
    ] as Parameters<typeof nb.transact>[0][])
      await assert.rejects(nb.transact(describe), column);
    const table = {
      name: "UsageError",
      message: 'a table is named by a text, and not by ["Logical_Switch"]',
    };
    const list = ["Logical_Switch"] as never;
    await assert.rejects(
      nb.transact((tx) => tx.insert(list, {} as never)),
      table,
    );
    await assert.rejects(
      nb.transact((tx) => tx.select(list)),
      table,
    );
    await assert.rejects(
      nb.transact((tx) => tx.verifyAbsent(list, {} as never)),
      table,
    );
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("are no uuids and no elements for a view: who takes nothing for absent makes it again", async () => {
    const { nb } = await open();
    const { view } = nb;
    for (const [given, what] of [
      [undefined, "nothing"],
      [null, "null"],
      [{ _uuid: uuidA }, `{"_uuid":"${uuidA}"}`],
    ] as const) {
      const none = given as never;
      const told = { name: "UsageError", message: `Logical_Switch: a uuid is needed, and not ${what}` };
      assert.throws(() => view.byUuid("Logical_Switch", none), told);
      assert.throws(() => view.has("Logical_Switch", none, "ports", uuidA), told);
      assert.throws(() => view.referrers(none, "Logical_Switch", "ports"), told);
      assert.throws(() => view.has("Logical_Switch", uuidA, "ports", none), {
        name: "UsageError",
        message: `Logical_Switch.ports: an element is a text, and not ${what}`,
      });
    }
    await nb.close();
  });

  it("are told of whatever they are: also what holds itself, and large numbers", async () => {
    const { nb, sent } = await open();
    const ring: Record<string, unknown> = {};
    ring["ring"] = ring;
    for (const [given, what] of [
      [ring, "a Object"],
      [5n, "5"],
    ] as const) {
      const none = given as never;
      await assert.rejects(nb.lock(none), { name: "UsageError", message: /cannot name a lock/ });
      await assert.rejects(nb.until(none), {
        name: "UsageError",
        message: `what until() waits for is a function, and not ${what === "5" ? '"5"' : what}`,
      });
      await assert.rejects(
        nb.transact(() => 1, { wait: none }),
        { name: "UsageError", message: /^wait: / },
      );
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });
});
