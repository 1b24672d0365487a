import assert from "node:assert/strict";
import { layer2 } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  node,
  portOf,
  useTopologyBench,
} from "../support/topology.ts";

describeWithOvn("ports of pods that a request does not name", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const stays =
    'network "net": 1 port of a pod that is not in the request keeps its address, which is outside of the subnets';

  async function notesOf(brief: Brief, options = {}): Promise<readonly string[]> {
    const plan = bench.plan(brief, options);
    await plan.apply();
    return plan.notes;
  }

  it("are told to be in the way of who asks for their address, and that prune removes them", async () => {
    await bench.apply(layer2Brief(["ended"]));
    const next = layer2Brief([{ name: "next", ips: ["10.1.0.1"] }]);
    const why = `10.1.0.1 is taken by port "${portOf("ended")}"`;
    assert.throws(() => bench.plan(next), {
      code: "ERR_ADDRESS",
      message: `pod default/next on network "net": ${why}, whose pod is not in the request; the option prune removes such`,
    });
    await bench.nbctl(`remove Logical_Switch_Port ${portOf("ended")} external_ids k8s.ovn.org/nad`);
    assert.throws(() => bench.plan(next), { message: `pod default/next on network "net": ${why}` });
    await bench.apply(next, { prune: true });
    assert.equal((await bench.addresses())[portOf("next")], "0a:58:0a:01:00:01 10.1.0.1");
  });

  it("one that the request names has it, too: what the error says helps, each by itself", async () => {
    const both = (other: object = {}): Brief =>
      layer2Brief([
        { name: "new", ...other },
        { name: "old", recorded: { ips: ["10.1.0.1/24"] } },
      ]);
    const message =
      `pod default/old on network "net": 10.1.0.1 is taken by port "${portOf("new")}", whose pod default/new is given no ` +
      "other: detach that pod first, or give it one";
    await bench.apply(layer2Brief(["new"]));
    for (const options of [{}, { prune: true }])
      assert.throws(() => bench.plan(both(), options), { code: "ERR_ADDRESS", message });
    await bench.apply(both({ ips: ["10.1.0.7"] }));
    assert.deepEqual(Object.values(await bench.addresses()).toSorted(), [
      "0a:58:0a:01:00:01 10.1.0.1",
      "0a:58:0a:01:00:07 10.1.0.7",
    ]);
    await bench.apply(layer2Brief(["new"]), { prune: true });
    await bench.apply(layer2Brief([{ name: "new", ips: ["10.1.0.1"] }]));
    assert.throws(() => bench.plan(both()), { code: "ERR_ADDRESS", message });
    await layer2({ ...both().input, nad: "default/net" }).detach(bench.nb, {
      namespace: "default",
      name: "new",
    });
    await bench.apply(both());
    assert.equal((await bench.addresses())[portOf("old")], "0a:58:0a:01:00:01 10.1.0.1");
  });

  for (const [brief, before, after] of [
    [layer2Brief, "10.1.0.0/24", "10.9.0.0/24"],
    [localnetBrief, "10.4.0.0/24", "10.9.0.0/24"],
    [layer2Brief, "fd00:1::/64", "fd00:2::/64"],
  ] as const)
    it(`are counted when the subnets change from ${before} to ${after}, once`, async () => {
      await bench.apply(brief(["named", "other"], { subnets: before }));
      const changed = brief(["named"], { subnets: after });
      const notes = await notesOf(changed);
      assert.deepEqual(
        notes.filter((note) => note.includes("not in the request")),
        [stays],
      );
      assert.deepEqual(await notesOf(changed), []);
      assert.deepEqual(await notesOf(brief(["named"], { subnets: before }), { prune: true }), [
        'network "net": 1 port gets a new address: its own is outside of the subnets',
      ]);
    });

  it("on layer3 they are counted on nodes that come back with another subnet, and only there", async () => {
    await bench.apply(layer3Brief(["a", "b", { name: "c", node: "n2" }]));
    const moved = { ...layer3Brief(), nodes: [{ ...node("n1"), subnets: { net: ["10.3.7.0/24"] } }, "n2"] };
    assert.deepEqual(await notesOf(moved), [
      'network "net": 2 ports of pods that are not in the request keep their addresses, which are outside of the subnets',
    ]);
    assert.deepEqual(await notesOf(moved), []);
    assert.deepEqual(await notesOf({ ...moved, nodes: [...moved.nodes, "n3"] }), []);
  });

  it("are not those that fit another range of the network, nor those of somebody else", async () => {
    await bench.apply(layer2Brief(["a"]));
    await bench.nbctl("lsp-add net_ovn_layer2_switch theirs -- lsp-set-addresses theirs 'unknown'");
    await bench.nbctl("lsp-set-addresses theirs '02:00:00:00:00:01 10.7.0.1'");
    assert.deepEqual(await notesOf(layer2Brief([], { subnets: "10.1.0.0/16" })), []);
    assert.deepEqual(await notesOf(layer2Brief([], { subnets: "10.1.0.0/16,10.8.0.0/24" })), []);
  });
});
