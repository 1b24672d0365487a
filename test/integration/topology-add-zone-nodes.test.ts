import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import { Network, type NodeInput, parseNetwork, SpecError } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { withoutUuids } from "../support/other-uuids.ts";
import { type Brief, requestFor, useTopologyBench } from "../support/topology.ts";
import { primaryZoneNode, zoneBriefs, zoneNode } from "../support/zones.ts";

const options = { mode: "interconnect", zone: "n1" } as const;
const topologies = Object.keys(zoneBriefs) as (keyof typeof zoneBriefs)[];

/** One node of this zone and two of others; of layer3 networks another one of this zone. */
function nodesOf(topology: keyof typeof zoneBriefs): readonly NodeInput[] {
  const make = topology.startsWith("primary") ? primaryZoneNode : zoneNode;
  const here = topology.endsWith("layer3") ? [make("n4", 5, { zone: "n1" })] : [];
  return [make("n1", 2), make("n2", 3), make("n3", 4), ...here];
}

describeWithOvn("nodes that are added one by one between zones", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  for (const topology of topologies)
    for (const order of ["as they come", "the other way round", "at once"])
      it(`${topology}: ${order}, are what a plan of all makes`, async () => {
        const nodes = nodesOf(topology);
        const brief: Brief = { ...zoneBriefs[topology](nodes), pods: [] };
        await bench.apply(brief, options);
        const planned = withoutUuids(await bench.tables());
        await bench.delete(["net"]);
        const network = new Network(parseNetwork(brief.topology, { nad: "default/net", ...brief.input }));
        const add = (node: NodeInput): Promise<unknown> => network.addNode(bench.nb, node, options);
        const inOrder = order === "the other way round" ? nodes.toReversed() : nodes;
        if (order === "at once") await Promise.all(inOrder.map(add));
        else for (const node of inOrder) await add(node);
        assert.deepEqual(withoutUuids(await bench.tables()), planned);
        assert.deepEqual(bench.plan(brief, options).changes, []);
      });

  it("a primary layer3 network keeps the families that nodes said, by which nodes come that say none", async () => {
    const families = [4, 6] as const;
    const node = (name: string, id: number): NodeInput =>
      primaryZoneNode(name, id, { families, transitAddresses: [`100.88.0.${id}/16`, `fd97::${id}/64`] });
    const nodes = [node("n1", 2), node("n2", 3)];
    const brief: Brief = { ...zoneBriefs["primary layer3"](nodes), pods: [] };
    await bench.apply(brief, options);
    const before = withoutUuids(await bench.tables());
    const [first] = requestFor(brief, options).networks;
    assert.ok(first && nodes[1]);
    const network = new Network(first.spec);
    await network.removeNode(bench.nb, "n2");
    await network.addNode(bench.nb, nodes[1], options);
    assert.deepEqual(withoutUuids(await bench.tables()), before);
    assert.deepEqual(network.plan(bench.nb, { ...options, nodes: [] }).changes, []);
  });

  for (const [families, how] of [
    [[4], "added"],
    [[4, 6], "added"],
    [[4, 6], "planned"],
  ] as const)
    it(`a second node of a zone, ${how}, says which router port its NAT is for, and what that of the first is for, of IPv${families.join(" and IPv")}`, async () => {
      const of = (v4: string, v6: string): string[] => families.map((family) => (family === 4 ? v4 : v6));
      const node = (name: string, id: number): NodeInput =>
        primaryZoneNode(name, id, {
          families,
          zone: "n1",
          transitAddresses: of(`100.88.0.${id}/16`, `fd97::${id}/64`),
          subnets: { net: of(`10.3.${id}.0/24`, `fd03:0:0:${id}::/64`) },
        });
      const nodes = [node("n1", 2), node("n4", 5)] as const;
      const base = zoneBriefs["primary layer3"](nodes);
      const subnets = of("10.3.0.0/16/24", "fd03::/48/64").join();
      const brief: Brief = { ...base, input: { ...base.input, subnets }, pods: [] };
      const network = new Network(parseNetwork("layer3", { nad: "default/net", ...brief.input }));
      await network.addNode(bench.nb, nodes[0], options);
      // What others hang on the router is no node.
      await bench.nbctl("lrp-add net_ovn_cluster_router theirs 00:00:00:00:00:01 10.99.0.1/24");
      assert.deepEqual(bench.plan({ ...brief, nodes: [nodes[0]] }, options).changes, []);
      if (how === "added") await network.addNode(bench.nb, nodes[1], options);
      else await network.plan(bench.nb, { ...options, nodes: [nodes[1]] }).apply();
      const named = await bench.nbctl(
        "--bare --columns=gateway_port find NAT logical_port!=[] gateway_port!=[]",
      );
      assert.equal(named.trim().split(/\s+/).length, 2 * families.length);
      assert.deepEqual(bench.plan(brief, options).changes, []);
      // A node that goes has no NAT to speak for.
      await network.addNode(bench.nb, node("n5", 6), options);
      await bench.apply(brief, { ...options, prune: true });
    });

  it("a second node of a zone makes no port for the NAT of the first, if that has lost its own", async () => {
    const node = (name: string, id: number): NodeInput =>
      primaryZoneNode(name, id, { zone: "n1", subnets: { net: [`10.3.${id}.0/24`] } });
    const { input } = zoneBriefs["primary layer3"]([]);
    const network = new Network(parseNetwork("layer3", { nad: "default/net", ...input }));
    await network.addNode(bench.nb, node("n1", 2), options);
    await bench.nbctl("lrp-del rtos-net_n1");
    await network.addNode(bench.nb, node("n4", 5), options);
    const ports = await bench.nbctl("lrp-list net_ovn_cluster_router");
    assert.match(ports, /rtos-net_n4/);
    assert.doesNotMatch(ports, /rtos-net_n1/);
  });

  it("a plan of many still tells a zone that no node is in, and a node's own rows still tell its zone", async () => {
    const nodes = nodesOf("layer3");
    const brief: Brief = { ...zoneBriefs.layer3(nodes), pods: [] };
    const misspelt = { ...options, zone: "n9" };
    assert.throws(() => bench.plan(brief, misspelt), { path: "zone" });
    await bench.apply(brief, options);
    const before = await bench.everything();
    const [first] = requestFor(brief, options).networks;
    assert.ok(first && nodes[0]);
    const added = new Network(first.spec).addNode(bench.nb, nodes[0], misspelt);
    await assert.rejects(added, (error) => error instanceof SpecError && error.path === "nodes[n1].zone");
    assert.equal(await bench.everything(), before);
  });
});
