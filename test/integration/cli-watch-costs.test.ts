import assert from "node:assert/strict";
import { run } from "../../lib/cli/run.ts";
import { connectNorthbound } from "../../lib/index.ts";
import { type ProxyCounts, startFaultProxy, startSandbox } from "../../lib/testing/index.ts";
import { layer3 } from "../../lib/topology/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";
import { FakeIo } from "../unit/cli/fake-io.ts";

const LONGEST = { timeout: 30_000, interval: 20 };

/** A resource, the line that is waited for, and how many of the last changes are told. */
const WATCHES = [
  ["networks", "network/green", 2],
  ["nodes", "node/n9", 2],
  ["policies", "policy/ns/closed", 3],
  ["services", "service/ns/web", 1],
] as const;

function updates({ toClient }: ProxyCounts): number {
  return toClient.methods["update3"] ?? 0;
}

describeWithOvn("get --watch", () => {
  it("is told of nothing that its resource is not made of", async () => {
    await using sandbox = await startSandbox({ northbound: true });
    const { remote } = sandbox.northbound;
    await using nb = await connectNorthbound(remote);
    const red = layer3({ name: "red", nad: "ns/red", subnets: "10.5.0.0/16" });
    const pods = [{ namespace: "d", name: "a", node: "n1" }];
    await red.plan(nb, { nodes: [{ name: "n1" }], pods }).apply();
    await nb.transact((tx) => tx.insert("NB_Global", {}));
    const [port] = nb.tables.Logical_Switch_Port.find({ name: "ns.red_d_a" });
    assert.ok(port);
    const watching = await Promise.all(
      WATCHES.map(async ([resource, line, told]) => {
        const proxy = await startFaultProxy(remote);
        const io = new FakeIo({ env: { OVN_NB_DB: proxy.remote } });
        const ended = run(["get", resource, "--watch", "-o", "name"], io);
        return { resource, line, told, proxy, io, ended };
      }),
    );
    try {
      for (const { io } of watching) await waitFor(() => `${io.stdout}${io.stderr}` !== "", LONGEST);
      for (const last of [1, 2, 3])
        await nb.transact((tx) => {
          tx.update(nb.tables.NB_Global.only(), { nb_cfg: last });
          tx.update(port, { up: true, addresses: [`0a:58:0a:05:00:0${last} 10.5.0.${last}`] });
          tx.insert("Address_Set", { name: `set${last}` });
        });
      const marks = { "k8s.ovn.org/network": "green", "k8s.ovn.org/topology": "layer2" };
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "green", external_ids: marks }));
      const mine = { "k8s.ovn.org/network": "red", "k8s.ovn.org/topology": "layer3" };
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "red_n9", external_ids: mine }));
      const ids = {
        "k8s.ovn.org/owner-controller": "red-network-controller",
        "k8s.ovn.org/owner-type": "NetworkPolicy",
        "k8s.ovn.org/name": "ns:closed",
      };
      await nb.transact((tx) => tx.insert("Port_Group", { name: "closed", external_ids: ids }));
      const owner = {
        "k8s.ovn.org/kind": "Service",
        "k8s.ovn.org/owner": "ns/web",
        "k8s.ovn.org/network": "red",
      };
      await nb.transact((tx) => tx.insert("Load_Balancer", { name: "web", external_ids: owner }));
      for (const { resource, line, told, proxy, io } of watching) {
        await waitFor(() => io.stdout.includes(`${line}\n`), LONGEST);
        // What is told after the line may be on its way.
        assert.equal(updates(await proxy.until((counts) => updates(counts) >= told)), told, resource);
      }
    } finally {
      for (const { io } of watching) io.interrupt();
      await Promise.all(watching.map(({ ended }) => ended));
      await Promise.all(watching.map(({ proxy }) => proxy.close()));
    }
  });
});
