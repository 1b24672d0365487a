import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connectNorthbound } from "../../lib/index.ts";
import { probeUpstream, UpstreamMultinode } from "../../lib/testing/index.ts";
import { layer3 } from "../../lib/topology/index.ts";
import { describeUnlessImpossible } from "../support/describe-with-ovn.ts";
import { waitFor } from "../support/wait-for.ts";

// Also in CI no more than a skip with its reason: the checkout is the user's, the engine and the image the machine's.
describeUnlessImpossible(
  "an unmodified ovn-fake-multinode",
  () => {
    let cluster: UpstreamMultinode | undefined;

    before(async () => {
      cluster = await UpstreamMultinode.up({ fakeVms: true });
    });
    after(async () => {
      await cluster?.down();
      assert.ok(cluster === undefined || !existsSync(cluster.directory));
    });

    function running(): UpstreamMultinode {
      assert.ok(cluster);
      return cluster;
    }

    it("is read with its own networks, and carries their packets", async () => {
      const nb = await connectNorthbound(running().northbound);
      try {
        const names = [...nb.tables.Logical_Switch].map(({ name }) => name).sort();
        assert.deepEqual(names, ["public1", "sw01", "sw11", "ts1"]);
      } finally {
        await nb.close();
      }
      const ping = ["netns", "exec", "sw01p1", "ping", "-n", "-c1", "-W1", "21.0.0.3"];
      const output = await waitFor(() => running().exec("ovn-chassis-1", "ip", ping), { timeout: 30_000 });
      assert.match(output, /bytes from 21\.0\.0\.3: .*ttl=63/);
    });

    it("takes our networks next to its own, and every chassis follows", async () => {
      const nb = await connectNorthbound(running().northbound);
      try {
        const network = layer3({ name: "ours", nad: "default/ours", subnets: "10.72.0.0/16/24" });
        const nodes = [{ name: "ovn-chassis-1" }, { name: "ovn-chassis-2" }];
        const result = await network.plan(nb, { nodes }).apply({ wait: "hv", timeout: 30_000 });
        assert.equal(result.changed, true);
        const show = await running().exec("ovn-central-az1", "ovn-nbctl", ["ls-list"]);
        assert.match(show, /\(sw01\)/);
        assert.match(show, /\(ours_ovn-chassis-1\)/);
      } finally {
        await nb.close();
      }
    });
  },
  await probeUpstream(),
  false,
);
