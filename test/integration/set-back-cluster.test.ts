import assert from "node:assert/strict";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { connectNorthbound, NotSyncedError, TimeoutError } from "../../lib/index.ts";
import { type DatabaseCluster, installedSchema, startCluster } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

/** So many transactions of their own that elections do not make up for them in the log's index. */
async function write(nb: Northbound, transactions: number): Promise<void> {
  for (let round = 0; round < transactions; round += 1) {
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: `switch ${round}` }), { timeout: 30_000 });
  }
}

describeWithOvn("a handle whose cluster", () => {
  let cluster: DatabaseCluster;
  let file: string;
  let nobody: string;
  beforeEach(async () => {
    cluster = await startCluster({ servers: 1 });
    file = join(cluster.directory, "server-1.db");
    nobody = `unix:${join(cluster.directory, "nobody.sock")}`;
  });
  afterEach(() => cluster.close());

  async function whileStopped(act: () => Promise<unknown>): Promise<void> {
    const [server] = cluster.servers;
    assert.ok(server !== undefined);
    await server.stop();
    await act();
    await server.start();
  }

  const connect = (): Promise<Northbound> =>
    connectNorthbound([cluster.remote, nobody], { shuffle: false, minBackoff: 10, maxBackoff: 50 });

  it("was set back to a copy of its files does not go back with it, and says why wherever it is asked", async () => {
    await using nb = await connect();
    const copy = join(cluster.directory, "copy");
    await whileStopped(() => copyFile(file, copy));
    await nb.synced({ timeout: 30_000 });
    await write(nb, 30);
    // How far a leader is, is asked for at the dial.
    await whileStopped(async () => undefined);
    await nb.synced({ timeout: 30_000 });
    assert.equal(nb.tables.Logical_Switch.size, 30);

    await whileStopped(() => copyFile(copy, file));
    const tellsAll = (message = ""): boolean =>
      /server-1\.sock is stale: it has index \d+ of its cluster, \d+ was seen already; if the cluster was set back to an older copy, connect anew/.test(
        message,
      ) && /nobody\.sock: no such socket/.test(message);
    await waitFor(() => tellsAll(nb.status().lastRefusal?.message), { timeout: 30_000 });
    assert.throws(() => nb.tables.Logical_Switch.size, NotSyncedError);
    const late = (error: unknown): boolean =>
      error instanceof TimeoutError &&
      error.message.startsWith("the connection to the server did not come within 1 ms: no usable server") &&
      tellsAll(error.message);
    await assert.rejects(nb.synced({ timeout: 1 }), late);
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "late" }), { timeout: 1 }),
      late,
    );

    await using anew = await connect();
    assert.equal(anew.tables.Logical_Switch.size, 0);
  });

  it("was made anew at the same place follows it, and is told of what is gone", async () => {
    await using nb = await connect();
    await write(nb, 30);
    await whileStopped(async () => undefined);
    await nb.synced({ timeout: 30_000 });
    const changes = nb.changes(["Logical_Switch"]);
    await whileStopped(async () => {
      await rm(file);
      const address = `unix:${join(cluster.directory, "server-1.raft")}`;
      await cluster.run("ovsdb-tool", ["create-cluster", file, installedSchema("northbound"), address]);
    });
    const { value: batch } = await changes.next();
    assert.equal(batch.cause, "resync");
    assert.deepEqual(new Set(batch.rows.map(({ kind }: { kind: string }) => kind)), new Set(["delete"]));
    assert.equal(batch.rows.length, 30);
    assert.equal(nb.tables.Logical_Switch.size, 0);
    await write(nb, 1);
  });
});
