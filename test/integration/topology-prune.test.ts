import assert from "node:assert/strict";
import type { NodeInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  changesOf,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  portOf,
  useTopologyBench,
} from "../support/topology.ts";
import { primaryZoneNode, zoneBriefs } from "../support/zones.ts";

describeWithOvn("pruning", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const switches = (): Promise<string> => bench.nbctl("--bare --columns=name find Logical_Switch");
  const one = { ...layer3Brief(["a"]), nodes: ["n1"] };

  it("takes nodes and pods of the networks that are named, and of no other", async () => {
    const others = [layer3Brief(["a", "b"], { name: "blue" }), layer2Brief(["a"], { name: "flat" })];
    await bench.apply([layer3Brief(["a", "b", { name: "c", node: "n2" }]), ...others]);
    const expected = [
      "delete Logical_Router_Port rtos-net_n2",
      "delete Logical_Switch net_n2",
      `delete Logical_Switch_Port ${portOf("b")}`,
      // What goes with the node's switch is told too.
      `delete Logical_Switch_Port ${portOf("c")}`,
      "delete Logical_Switch_Port stor-net_n2",
      "delete Gateway_Chassis rtos-net_n2-chassis-of-n2",
    ];
    const told = changesOf(bench.plan(one, { prune: true }));
    assert.ok(
      expected.every((line) => told.includes(line)),
      told.join("\n"),
    );
    await bench.apply(one, { prune: true });
    assert.deepEqual((await switches()).split(/\s+/).sort(), [
      "blue_n1",
      "blue_n2",
      "flat_ovn_layer2_switch",
      "net_n1",
    ]);
    const ports = Object.keys(await bench.addresses()).filter((name) => name.includes("_default_"));
    assert.deepEqual(
      ports.sort(),
      ["default.blue_default_a", "default.blue_default_b", "default.flat_default_a", portOf("a")].sort(),
    );
  });

  it("without it nothing is removed", async () => {
    await bench.apply(layer3Brief(["a", "b"]));
    const before = await bench.everything();
    assert.deepEqual(await bench.apply(one), []);
    assert.equal(await bench.everything(), before);
  });

  it("takes whole networks only when asked, and only those whose switches and routers we made", async () => {
    await bench.apply([one, layer2Brief(["x"], { name: "old" }), layer3Brief(["x"], { name: "older" })]);
    await bench.nbctl(`
      create Logical_Switch name=theirs_ovn_layer2_switch external_ids:k8s.ovn.org/network=theirs external_ids:k8s.ovn.org/topology=layer2
      create Logical_Switch name=older_n7 external_ids:k8s.ovn.org/network=older external_ids:k8s.ovn.org/topology=layer3
    `);
    await bench.apply(one, { prune: true });
    assert.match(await switches(), /old_ovn_layer2_switch/);
    const plan = bench.plan(one, { pruneNetworks: true });
    const { kept } = await plan.apply();
    assert.deepEqual(kept, [
      'network "older" stays: older_n7 not made by us',
      'network "theirs" stays: theirs_ovn_layer2_switch not made by us',
    ]);
    assert.doesNotMatch(await switches(), /old_ovn_layer2_switch/);
    assert.match(await switches(), /older_n1/);
    assert.equal(
      await bench.nbctl("--bare --columns=name find Load_Balancer_Group name=old_clusterLBGroup"),
      "",
    );
  });

  it("a network with a router of somebody else stays; of one that goes the group that others use does", async () => {
    await bench.apply([one, layer2Brief([], { name: "mixed" }), layer2Brief([], { name: "old" })]);
    await bench.nbctl(`
      create Logical_Router name=mixed_gateway external_ids:k8s.ovn.org/network=mixed
      ls-add theirs
      --id=@group get Load_Balancer_Group old_clusterLBGroup
      add Logical_Switch theirs load_balancer_group @group
    `);
    const { kept } = await bench.plan(one, { pruneNetworks: true }).apply();
    assert.deepEqual(kept.toSorted(), [
      "load balancer group old_clusterLBGroup stays: Logical_Switch theirs not ours",
      'network "mixed" stays: mixed_gateway not made by us',
    ]);
    assert.match(await switches(), /mixed_ovn_layer2_switch/);
    assert.doesNotMatch(await switches(), /old_ovn_layer2_switch/);
  });

  it("of a node that stays for rows of others nothing goes, between zones too", async () => {
    const options = { mode: "interconnect", zone: "west" } as const;
    const nodes = ["n1", "n2"].map((name, index) => primaryZoneNode(name, index + 2, { zone: "west" }));
    const brief = (...given: readonly NodeInput[]): Brief => ({
      ...zoneBriefs["primary layer3"](given),
      pods: [],
    });
    await bench.apply(brief(...nodes), options);
    await bench.nbctl("lsp-add net_n2 foreign");
    const before = await bench.everything();
    const { kept } = await bench.plan(brief(...nodes.slice(0, 1)), { ...options, prune: true }).apply();
    assert.match(kept.join(), /node n2 of network "net" stays/);
    assert.equal(await bench.everything(), before);
  });

  it("a node or network on which rows of others hang stays, and that is said", async () => {
    await bench.apply([layer3Brief(["a", { name: "c", node: "n2" }]), localnetBrief([], { name: "old" })]);
    await bench.nbctl(`
      lsp-add net_n2 foreign
      acl-add old_ovn_localnet_switch to-lport 1 ip4 drop
    `);
    const { kept } = await bench.plan(one, { prune: true, pruneNetworks: true }).apply();
    assert.match(
      kept.join("\n"),
      /node n2 of network "net" stays: Logical_Switch_Port foreign in Logical_Switch net_n2/,
    );
    assert.match(kept.join("\n"), /network "old" stays: ACL .* in Logical_Switch old_ovn_localnet_switch/);
    const list = await bench.nbctl("lsp-list net_n2");
    assert.match(list, /foreign/);
    assert.doesNotMatch(list, /default_c/, "the pod on it goes");
  });

  it("what others hang there between plan and apply is not lost", async () => {
    await bench.apply([layer3Brief(["a"]), layer2Brief(["x"], { name: "old" })]);
    const plan = bench.plan(one, { prune: true, pruneNetworks: true });
    await bench.nbctl(`
      lsp-add net_n2 foreign
      lsp-add old_ovn_layer2_switch foreign2
    `);
    const { kept } = await plan.apply();
    assert.equal(kept.length, 2);
    assert.match(await bench.nbctl("lsp-list net_n2"), /foreign/);
    assert.match(await bench.nbctl("lsp-list old_ovn_layer2_switch"), /foreign2/);
  });

  it("a pod that moves off a node that goes takes its row along", async () => {
    await bench.apply(layer3Brief([{ name: "a", node: "n2" }]));
    await bench.apply(one, { prune: true });
    assert.equal((await bench.addresses())[portOf("a")], "0a:58:0a:03:00:03 10.3.0.3");
  });

  it("knows a node that is called join from the join switch of a primary network", async () => {
    const nodes = (names: readonly string[]): Parameters<typeof bench.apply>[0] => ({
      ...layer3Brief([]),
      nodes: [...names],
    });
    await bench.apply(nodes(["a", "join", "z"]));
    const subnet = (): Promise<string> => bench.nbctl("get Logical_Switch net_join other_config:subnet");
    const before = await subnet();
    await bench.apply(nodes(["b", "join", "z"]), { prune: true });
    assert.equal(await subnet(), before);
    await bench.apply(nodes(["b", "z"]), { prune: true });
    assert.deepEqual(
      (await switches())
        .split(/\s+/)
        .filter((name) => name.startsWith("net_"))
        .sort(),
      ["net_b", "net_z"],
    );
  });
});
