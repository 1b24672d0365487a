import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { isDown } from "../support/is-down.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };

describeWithOvn("a handle whose server is killed and started again", () => {
  const ovn = useSandbox({ northbound: true });

  it("is whole again, reports the difference, and goes on writing", async () => {
    const { northbound } = ovn.sandbox;
    await using nb = await connectNorthbound(northbound.remote, soon);
    await using other = await connectNorthbound(northbound.remote, soon);
    await nb.transact((tx) => {
      tx.insert("Logical_Switch", { name: "stays" });
      tx.insert("Logical_Switch", { name: "goes" });
    });
    const changes = nb.changes(["Logical_Switch"]);
    const known = new Map([...nb.tables.Logical_Switch].map((row) => [row._uuid as string, row.name]));
    northbound.signal("SIGKILL");
    await waitFor(() => northbound.pid === undefined);
    await waitFor(() => isDown(() => nb.tables.Logical_Switch.size));
    const written = nb.transact((tx) => tx.insert("Logical_Switch", { name: "written while down" }));
    await northbound.start();
    await Promise.all([nb.synced({ timeout: 30_000 }), other.synced({ timeout: 30_000 }), written]);
    await other.transact((tx) => {
      const [row] = other.tables.Logical_Switch.find({ name: "goes" });
      assert.ok(row !== undefined);
      tx.delete(row);
    });
    await nb.until(() => nb.tables.Logical_Switch.find({ name: "goes" }).length === 0, { timeout: 30_000 });
    const names = [...nb.tables.Logical_Switch].map(({ name }) => name).sort();
    assert.deepEqual(names, ["stays", "written while down"]);
    // The stream, replayed on what was known before the server died, gives what is there now.
    while (known.size !== 2 || ![...known.values()].includes("written while down")) {
      const { value } = await changes.next();
      for (const { uuid, new: row } of value?.rows ?? []) {
        if (row === undefined) known.delete(uuid);
        else known.set(uuid, String(row["name"]));
      }
    }
    assert.deepEqual([...known.values()].sort(), names);
  });

  it("equals the database after each of many cuts, while others write", async () => {
    const { northbound } = ovn.sandbox;
    await using writer = await connectNorthbound(northbound.remote);
    await using proxy = await startFaultProxy(northbound.remote, {
      faults: { toClient: { chunkBytes: [1, 4_000] } },
    });
    await using nb = await connectNorthbound(proxy.remote, soon);
    const changes = nb.changes(["Logical_Switch"]);
    const replayed = new Map([...nb.tables.Logical_Switch].map((row) => [row._uuid as string, row.name]));
    const reading = (async () => {
      for await (const { rows } of changes) {
        for (const { uuid, old, new: row } of rows) {
          assert.equal(replayed.get(uuid), old?.["name"], "the stream goes on from what it told before");
          if (row === undefined) replayed.delete(uuid);
          else replayed.set(uuid, String(row["name"]));
        }
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      if (round % 2 === 0) proxy.cut();
      await writer.transact((tx) => {
        const [first] = writer.tables.Logical_Switch;
        if (first !== undefined && round % 3 === 0) tx.delete(first);
        else if (first !== undefined && round % 3 === 1) tx.update(first, { name: `renamed ${round}` });
        tx.insert("Logical_Switch", { name: `round ${round}` });
      });
      const expected = new Map(
        [...writer.tables.Logical_Switch].map((row) => [row._uuid as string, row.name]),
      );
      await nb.until(() => sorted(nameMap(nb)) === sorted(expected), { timeout: 30_000 });
      await waitFor(() => sorted(replayed) === sorted(expected));
    }
    await nb.close();
    await reading;

    function nameMap(database: typeof nb): Map<string, string> {
      return new Map([...database.tables.Logical_Switch].map((row) => [row._uuid as string, row.name]));
    }
  });
});

function sorted(rows: ReadonlyMap<string, string>): string {
  return JSON.stringify([...rows].sort());
}
