import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import { layer2, layer3, type Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { primaryNode } from "../support/primary.ts";
import { catchUp, portOf, useTopologyBench } from "../support/topology.ts";

// The uuid of a port is the claim on its address, and of a router's port that on a subnet: the next pod, or node, has the same one.
describeWithOvn("a plan that has not seen that a row is another's by now", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  let proxy: FaultProxy;
  /** Sees nothing of what others do while they do it. */
  let late: Northbound & AsyncDisposable;

  beforeEach(async () => {
    proxy = await startFaultProxy(bench.sandbox.northbound.remote);
    late = await connectNorthbound(proxy.remote);
  });
  afterEach(async () => {
    await late[Symbol.asyncDispose]();
    await proxy.close();
  });

  const flat = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
  const pod = (
    name: string,
  ): { readonly namespace: string; readonly name: string; readonly node: string } => ({
    namespace: "default",
    name,
    node: "n1",
  });

  /** Lets others work, then begins a call on what was there before. */
  async function behind<T>(others: () => Promise<unknown>, call: () => Promise<T>): Promise<T> {
    await catchUp(late);
    proxy.setOpenFaults({ toClient: { hold: true } });
    await others();
    const sent = proxy.counts.toServer.methods["transact"] ?? 0;
    const outcome = call();
    outcome.catch(() => undefined);
    await waitFor(() => (proxy.counts.toServer.methods["transact"] ?? 0) > sent);
    proxy.setOpenFaults({});
    return await outcome;
  }

  /** The pod "old" goes, and "new" gets its address. */
  async function handOver(network = flat, more: object = {}): Promise<void> {
    const uuid = await bench.get("Logical_Switch_Port", portOf("old"), "_uuid");
    await network.detach(bench.nb, pod("old"));
    await network.attach(bench.nb, { ...pod("new"), ...more });
    assert.equal(await bench.get("Logical_Switch_Port", portOf("new"), "_uuid"), uuid);
  }

  it("does not take its port away", async () => {
    await flat.plan(bench.nb).apply();
    await flat.attach(bench.nb, pod("old"));
    const { changes } = await behind(
      () => handOver(),
      () => flat.detach(late, pod("old")),
    );
    assert.deepEqual(changes, []);
    assert.deepEqual(Object.keys(await bench.addresses()), [portOf("new")]);
  });

  it("changes nothing of it, and gives the one that it was about a port of its own", async () => {
    for (const more of [
      { mac: "02:00:00:00:00:01" },
      { vm: { name: "vm", active: false } },
      { node: "n2" },
    ]) {
      await flat.plan(bench.nb).apply();
      await flat.attach(bench.nb, pod("old"));
      let before = "";
      const row = (): Promise<string> => bench.nbctl(`list Logical_Switch_Port ${portOf("new")}`);
      const others = async (): Promise<void> => {
        await handOver();
        before = await row();
      };
      const { ips } = await behind(others, () => flat.attach(late, { ...pod("old"), ...more }));
      assert.deepEqual(ips, ["10.1.0.2/24"]);
      assert.equal(await row(), before);
      await flat.delete(bench.nb);
    }
  });

  it("leaves nothing on the cluster's own network of a pod that goes with its node", async () => {
    await bench.nbctl("ls-add n1\nls-add n2");
    const network = layer3({
      name: "net",
      nad: "default/net",
      role: "primary",
      networkId: 1,
      subnets: "10.3.0.0/16/24",
    });
    await network.plan(bench.nb, { nodes: [primaryNode("n1", 2), primaryNode("n2", 3)] }).apply();
    const other = { ...pod("other"), node: "n2", defaultPort: { ips: ["10.128.0.8/24"] } };
    await network.attach(bench.nb, other);
    await network.attach(bench.nb, pod("old"));
    await behind(
      () => handOver(network, { defaultPort: { ips: ["10.128.0.9/24"] } }),
      () => network.removeNode(late, "n1"),
    );
    const names = await bench.nbctl("--bare --columns=name list Logical_Switch_Port");
    assert.match(names, /^default_other$/m);
    assert.doesNotMatch(names, /default_new|default\.net_default_new/);
  });
});
