import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { type FaultProxy, type Sandbox, startFaultProxy, startSandbox } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

const soon = { minBackoff: 5, maxBackoff: 10 };

/** A connection that was lost, and comes again. */
async function cutHandle(proxy: FaultProxy) {
  const nb = await connectNorthbound(proxy.remote, soon);
  proxy.cut();
  await waitFor(() => !nb.status().synced);
  return nb;
}

describeWithOvn("in the moment in which the replica is whole again", () => {
  const ovn = useSandbox({ northbound: true });
  let other: Sandbox;
  let proxy: FaultProxy;

  before(async () => {
    other = await startSandbox({ northbound: true });
    proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
  });
  after(async () => {
    await proxy.close();
    await other[Symbol.asyncDispose]();
  });

  it("other remotes may be set, however little later", async () => {
    const { remote } = other.northbound;
    for (let turns = 0; turns < 12; turns += 1) {
      await using nb = await cutHandle(proxy);
      await nb.synced();
      for (let turn = 0; turn < turns; turn += 1) await null;
      nb.setRemotes(remote);
      await nb.synced({ timeout: 20_000 });
      assert.equal(nb.remote, remote, `${turns} turns`);
    }
  });

  it("the condition of until() may begin a transaction", async () => {
    await using nb = await cutHandle(proxy);
    const written = await nb.until(() => ({
      result: nb.transact((tx) => tx.insert("Logical_Switch", { name: "written at once" })),
    }));
    assert.equal((await written.result).changed, true);
    assert.equal(nb.tables.Logical_Switch.find({ name: "written at once" }).length, 1);
  });
});
