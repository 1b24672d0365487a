import assert from "node:assert/strict";
import { layer3, ProfileMismatchError } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import {
  type Brief,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";

describeWithOvn("profiles of topologies", () => {
  const bench = useTopologyBench(useSandbox({ northbound: true }));
  const [today, old] = profiles;
  const directions = [
    [today, old],
    [old, today],
  ] as const;
  const briefs: readonly Brief[] = [
    layer3Brief(["a", { name: "b", node: "n2" }]),
    layer2Brief(["a", "b"]),
    localnetBrief(["a", "b"]),
  ];

  for (const brief of briefs) {
    for (const [from, to] of directions) {
      it(`${brief.topology}: ${from} is not taken for ${to}, and is migrated in place when asked`, async () => {
        await bench.apply(brief, { profile: to });
        const fresh = await bench.tables();
        await bench.delete(["net"]);
        await bench.apply(brief, { profile: from });
        await bench.nbctl("pg-add theirs default.net_default_a");
        const before = await bench.everything();
        const uuids = await uuidsOfPorts();
        assert.throws(
          () => bench.plan(brief, { profile: to }),
          (error: unknown) =>
            error instanceof ProfileMismatchError &&
            error.message.includes(from) &&
            error.message.includes(to),
        );
        assert.equal(await bench.everything(), before);
        await bench.apply(brief, { profile: to, migrate: true });
        assert.deepEqual(await uuidsOfPorts(), uuids);
        await bench.nbctl("pg-del theirs");
        assert.deepEqual(withoutShared(await bench.tables()), withoutShared(fresh));
        await bench.apply(brief, { profile: to });
      });
    }
  }

  it("groups that serve load balancers or a switch of others stay at a migration to 2023, and that is said", async () => {
    const brief = layer2Brief(["a"]);
    await bench.apply(brief);
    const group = await bench.nbctl(
      "--bare --columns=_uuid find Load_Balancer_Group name=net_clusterLBGroup",
    );
    await bench.nbctl(`
      --id=@lb create Load_Balancer name=theirs
      add Load_Balancer_Group net_clusterSwitchLBGroup load_balancer @lb
      create Logical_Switch name=theirs load_balancer_group=${group}
    `);
    const plan = bench.plan(brief, { profile: "ovn-kubernetes-2023", migrate: true });
    const { notes } = await plan.apply();
    assert.match(notes.join("\n"), /net_clusterLBGroup stays/);
    assert.match(notes.join("\n"), /net_clusterSwitchLBGroup stays/);
    const left = (await bench.nbctl("--bare --columns=name list Load_Balancer_Group")).split(/\s+/);
    assert.deepEqual(left.sort(), ["net_clusterLBGroup", "net_clusterSwitchLBGroup"]);
    assert.deepEqual(await bench.apply(brief, { profile: "ovn-kubernetes-2023", migrate: true }), []);
  });

  it("a network may be migrated to 2023 node by node: its groups stay until no switch of it needs them", async () => {
    const brief = layer3Brief([], { name: "many" });
    const nodes = ["n1", "n2", "n3", "n4", "n5", "n6"];
    const to = { profile: "ovn-kubernetes-2023", migrate: true } as const;
    const groups = async (): Promise<string> =>
      bench.nbctl("--bare --columns=name find Load_Balancer_Group name!=none");
    // Those of lower names came later.
    await bench.apply({ ...brief, nodes: nodes.slice(4) });
    await bench.apply({ ...brief, nodes });
    const { notes } = await bench.plan({ ...brief, nodes: ["n1", "n2"] }, to).apply();
    assert.match(
      notes.join("\n"),
      /group many_clusterLBGroup stays because it is used by Logical_Switch many_n3, Logical_Switch many_n4, Logical_Switch many_n5 and 1 more/,
    );
    assert.match(await groups(), /many_clusterLBGroup/);
    await bench.apply({ ...brief, nodes: nodes.slice(2) }, to);
    assert.equal((await groups()).includes("many_"), false);
    await bench.apply({ ...brief, nodes }, { profile: "ovn-kubernetes-2023" });
  });

  it("attach writes what the network's own profile says", async () => {
    const brief = layer3Brief(["a"]);
    const request = { ...brief, nodes: ["n1"] };
    await bench.apply(request, { profile: "ovn-kubernetes-2023" });
    const network = layer3({ ...brief.input, nad: "default/net" });
    const pod = { namespace: "default", name: "b", node: "n1" };
    await network.attach(bench.nb, pod);
    const options = await bench.get("Logical_Switch_Port", "default.net_default_b", "options");
    assert.equal(options, "{requested-chassis=n1}");
    await assert.rejects(network.attach(bench.nb, pod, { profile: "ovn-kubernetes" }), {
      code: "ERR_PROFILE",
    });
  });

  it("rows of interconnect mode are recognised and refused, with migration too", async () => {
    await bench.apply(layer2Brief(["a"]));
    await bench.nbctl(`
      set Logical_Switch net_ovn_layer2_switch other_config:interconn-ts=net_ovn_layer2_switch other_config:requested-tnl-key=16711685
    `);
    for (const migrate of [false, true]) {
      assert.throws(() => bench.plan(layer2Brief(["a"]), { migrate }), /mode interconnect.*mode central/);
    }
    await bench.apply(layer3Brief(["a"], { name: "routed" }));
    await bench.nbctl(`
      create Logical_Switch name=routed_transit_switch external_ids:k8s.ovn.org/network=routed external_ids:k8s.ovn.org/topology=layer3
    `);
    assert.throws(() => bench.plan(layer3Brief(["a"], { name: "routed" })), /mode interconnect/);
  });

  function withoutShared(tables: Awaited<ReturnType<typeof bench.tables>>): object {
    const { Copp: _copp, Meter: _meter, Meter_Band: _band, ...rest } = tables;
    return rest;
  }

  async function uuidsOfPorts(): Promise<string[]> {
    const text = await bench.nbctl("--format=csv --columns=name,_uuid list Logical_Switch_Port");
    return text.split("\n").toSorted();
  }
});
