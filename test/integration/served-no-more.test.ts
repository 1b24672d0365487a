import assert from "node:assert/strict";
import { join } from "node:path";
import { connectNorthbound, OperationError } from "../../lib/index.ts";
import { startCluster, startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };
const timeout = 30_000;

describeWithOvn("a handle at a server", () => {
  it("that drops its database waits for it to be added again, and is whole then", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const { northbound } = sandbox;
    await using nb = await connectNorthbound(northbound.remote, soon);
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "kept" }));
    await northbound.appctl("ovsdb-server/remove-db", "OVN_Northbound");
    await waitFor(() => /serves no database OVN_Northbound/.test(nb.status().lastRefusal?.message ?? ""), {
      timeout,
    });
    const late = nb.transact((tx) => tx.insert("Logical_Switch", { name: "late" }), { timeout });
    await northbound.appctl("ovsdb-server/add-db", join(sandbox.directory, "northbound.db"));
    await late;
    assert.deepEqual([...nb.tables.Logical_Switch].map(({ name }) => name).sort(), ["kept", "late"]);
  });

  it("that its cluster throws out goes to another member, and goes on where it was", async () => {
    await using cluster = await startCluster();
    const [leader, [follower]] = [await cluster.leader(), await cluster.followers()];
    assert.ok(follower !== undefined);
    const remotes = [follower.remote, ...cluster.servers.map(({ remote }) => remote)];
    await using nb = await connectNorthbound(remotes, { ...soon, leaderOnly: false, shuffle: false });
    await using writer = await connectNorthbound(leader.remote);
    assert.equal(nb.remote, follower.remote);
    const { serverId } = await cluster.status(follower);
    await leader.appctl("cluster/kick", "OVN_Northbound", serverId);
    await nb.until(() => nb.remote !== follower.remote, { timeout });
    await writer.transact((tx) => tx.insert("Logical_Switch", { name: "later" }), { timeout });
    await nb.until(() => nb.tables.Logical_Switch.find({ name: "later" })[0], { timeout });
  });

  it("that is the backup of another one reads what that has, and is refused writes until it is one of its own", async () => {
    await using active = await startSandbox({ northbound: true });
    await using sandbox = await startSandbox({ northbound: true });
    const backup = sandbox.northbound;
    await using there = await connectNorthbound(active.northbound.remote);
    await using nb = await connectNorthbound(backup.remote, soon);
    const write = (name: string) => nb.transact((tx) => tx.insert("Logical_Switch", { name }), { timeout });
    await write("lost to replication");
    await there.transact((tx) => tx.insert("Logical_Switch", { name: "replicated" }));
    await backup.appctl("ovsdb-server/set-active-ovsdb-server", active.northbound.remote);
    await backup.appctl("ovsdb-server/connect-active-ovsdb-server");
    await nb.until(() => nb.tables.Logical_Switch.find({ name: "replicated" })[0], { timeout });
    assert.deepEqual(
      [...nb.tables.Logical_Switch].map(({ name }) => name),
      ["replicated"],
    );
    await assert.rejects(write("refused"), (error) => {
      assert.ok(error instanceof OperationError);
      assert.deepEqual([error.error, error.retryable], ["not allowed", false]);
      return true;
    });
    await backup.appctl("ovsdb-server/disconnect-active-ovsdb-server");
    await write("own");
  });
});
