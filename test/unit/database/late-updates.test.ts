import assert from "node:assert/strict";
import { type ConnectOptions, RowGoneError } from "../../../lib/database/index.ts";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import { settle } from "../session/support.ts";
import { northboundWith, success, update, uuidA, uuidB, uuidC } from "./support.ts";

const initial = {
  Logical_Switch: { [uuidA]: { initial: { name: "sw" } } },
  NB_Global: { [uuidC]: { initial: { nb_cfg: 1, sb_cfg: 1 } } },
};

/** A database whose server tells such updates before the reply to each transaction. */
function telling(updates: Json[], options?: ConnectOptions): ReturnType<typeof northboundWith> {
  const answer: Parameters<typeof northboundWith>[1] = (operations, server, reply) => {
    const next = updates.shift();
    if (next !== undefined) update(server, { Logical_Switch: next });
    reply(success(operations));
  };
  return northboundWith(initial, answer, options);
}

describe("what a transaction did", () => {
  it("is read by whoever has its result, in any way", async () => {
    const renamed = (name: string): Json => ({ [uuidA]: { modify: { name } } });
    const { nb } = await telling(["a", "b", "c", "d", "e"].map(renamed));
    const { Logical_Switch: switches } = nb.tables;
    const readers = [
      () => switches.byUuid(uuidA as never)?.name,
      () => [...switches][0]?.name,
      () => switches.find({ name: "c" })[0]?.name,
    ];
    const read: unknown[] = [];
    for (const reader of readers) {
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
      read.push(reader());
    }
    assert.deepEqual(read, ["a", "b", "c"]);
    const { revision } = nb;
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
    assert.notEqual(nb.revision, revision);
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
    assert.equal(nb.status().counters.rowsReceived, 7);
    await nb.close();
  });

  it("shows that the connection is lost, and then whoever promises to wait for one waits", async () => {
    const impossible = { [uuidB]: { modify: { name: "never there" } } };
    const possible = { [uuidA]: { modify: { name: "b" } } };
    const { nb } = await telling(
      [impossible, impossible, impossible, possible, impossible, possible, impossible],
      { minBackoff: 5, maxBackoff: 50 },
    );
    const { Logical_Switch: switches } = nb.tables;
    const insert = () => nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
    await insert();
    await nb.synced({ timeout: 30_000 });
    await insert();
    assert.equal(await nb.until(() => switches.size > 0, { timeout: 30_000 }), true);
    await insert();
    await nb.transact((tx) => {
      for (const row of switches) tx.update(row, { name: "b" });
    });
    for (const describe of [() => undefined, async () => undefined]) {
      await insert();
      assert.equal((await nb.transact(describe, { wait: "sb" })).attempts, 2);
    }
    assert.equal(nb.status().counters.losses, 5);
    await nb.close();
  });

  for (const listener of ["changes()", "until()"] as const) {
    it(`is told at once to who listens with ${listener}, and asks for nothing`, async () => {
      const { nb } = await telling([{ [uuidA]: { modify: { name: "b" } } }]);
      let isTold = false;
      const told = (
        listener === "until()"
          ? nb.until(({ tables }) => tables.Logical_Switch.find({ name: "b" })[0])
          : nb.changes().next()
      ).then(() => {
        isTold = true;
      });
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
      await settle();
      assert.equal(isTold, true);
      await told;
      await nb.close();
    });
  }

  it("is known to the next transaction: of rows that are gone, and of those that came", async () => {
    const { nb, sent } = await telling([
      { [uuidB]: { insert: { name: "new" } } },
      { [uuidA]: { delete: null }, [uuidB]: { modify: { name: "b" } } },
    ]);
    const [row] = nb.tables.Logical_Switch.find({ name: "sw" });
    assert.ok(row !== undefined);
    const insert = () => nb.transact((tx) => tx.insert("Logical_Switch", { name: "other" }));
    await insert();
    // Known by its uuid alone, which nothing has been read of yet.
    await nb.transact((tx) => tx.update({ _uuid: uuidB } as typeof row, { name: "b" }));
    await assert.rejects(
      nb.transact((tx) => tx.update(row, { name: "c" })),
      RowGoneError,
    );
    await nb.transact((tx) => tx.delete(row));
    assert.deepEqual(
      sent.map((operations) => operations.map(({ op }) => op)),
      [["insert"], ["update"], ["delete"]],
    );
    await nb.close();
  });
});
