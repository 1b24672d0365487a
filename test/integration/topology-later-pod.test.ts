import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { layer2, layer3, planDeletion } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { node, portOf, useTopologyBench } from "../support/topology.ts";

describeWithOvn("a pod that follows another one of its name", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const network = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
  const pod = { namespace: "default", name: "a", node: "n1" };
  const [first, second] = [
    { ...pod, uid: "u1" },
    { ...pod, uid: "u2" },
  ];
  const stays = ["pod default/a on default/net: its port is that of a pod with another uid (u2)"];

  async function ofWhom(): Promise<string> {
    return bench.nbctl(`get Logical_Switch_Port ${portOf("a")} options:iface-id-ver`);
  }

  it("keeps its port when the end of the first is told late, with the uid of that", async () => {
    await network.plan(bench.nb).apply();
    await network.attach(bench.nb, first);
    await network.attach(bench.nb, second);
    const late = await network.detach(bench.nb, first);
    assert.deepEqual([late.changed, late.absent], [false, stays]);
    const { absent } = planDeletion(bench.nb, { networks: [], pods: [{ ...first, nad: "default/net" }] });
    assert.deepEqual(absent, stays);
    assert.equal(await ofWhom(), "u2");
    assert.equal((await network.detach(bench.nb, second)).changed, true);
    assert.equal(bench.nb.tables.Logical_Switch_Port.size, 0);
  });

  it("on layer3 also where the second is on another node", async () => {
    const routed = layer3({ name: "net", nad: "default/net", subnets: "10.3.0.0/16/24" });
    await routed.plan(bench.nb, { nodes: [node("n1"), node("n2")] }).apply();
    await routed.attach(bench.nb, first);
    const { ips } = await routed.attach(bench.nb, { ...second, node: "n2" });
    assert.deepEqual((await routed.detach(bench.nb, first)).absent, stays);
    assert.equal((await bench.addresses())[portOf("a")], `0a:58:0a:03:01:03 ${ips[0]?.replace("/24", "")}`);
  });

  it("keeps it when it comes between the plan of the first one's end and the transaction", async () => {
    await network.plan(bench.nb).apply();
    await network.attach(bench.nb, first);
    const plan = planDeletion(bench.nb, { networks: [], pods: [{ ...first, nad: "default/net" }] });
    assert.equal(plan.changes.length, 1);
    await using other = await connectNorthbound(bench.sandbox.northbound.remote);
    await other.transact((tx) => {
      const port = other.tables.Logical_Switch_Port.get({ name: portOf("a") });
      assert.ok(port);
      tx.setKeys(port, "options", { "iface-id-ver": "u2" });
    });
    // At once: as a rule the plan's own connection has not heard of it then.
    assert.deepEqual((await plan.apply()).absent, stays);
    assert.equal(await ofWhom(), "u2");
  });

  it("gives no uid to a port that has none: the interface that is bound to it may have none either", async () => {
    await network.plan(bench.nb).apply();
    await network.attach(bench.nb, pod);
    await network.attach(bench.nb, first);
    const plan = network.plan(bench.nb, { nodes: [{ name: "n1" }], pods: [second] });
    assert.deepEqual(plan.changes, []);
    assert.equal(await bench.get("Logical_Switch_Port", portOf("a"), "options"), "{requested-chassis=n1}");
  });

  it("loses it to whoever gives no uid, and so does a port that has none", async () => {
    await network.plan(bench.nb).apply();
    await network.attach(bench.nb, second);
    assert.equal((await network.detach(bench.nb, pod)).changed, true);
    await network.attach(bench.nb, pod);
    assert.equal((await network.detach(bench.nb, first)).changed, true);
    await assert.rejects(network.detach(bench.nb, { ...pod, uid: 1 as never }), {
      code: "ERR_SPEC",
      path: "pods[default/a].uid",
      value: 1,
    });
  });
});
