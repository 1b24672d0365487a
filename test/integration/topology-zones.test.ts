import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import {
  listNetworks,
  listNodes,
  Network,
  type NetworkInput,
  type NodeInput,
  parseNetwork,
  SpecError,
  summariseNetworks,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { primaryNode } from "../support/primary.ts";
import { nodesIn, summaryOf } from "../support/summary-of.ts";
import { type Brief, changesOf, useTopologyBench } from "../support/topology.ts";
import { primaryZoneNode, zoneBriefs, zoneNode } from "../support/zones.ts";

const inZone = (zone: string) => ({ mode: "interconnect", zone }) as const;

const topologies = Object.keys(zoneBriefs) as (keyof typeof zoneBriefs)[];

describeWithOvn("networks over several zones", () => {
  const handle = useSandbox({ northbound });
  const bench = useTopologyBench(handle);

  /** Nodes n1 to n`count`, each in a zone of its own. */
  function nodesOf(topology: keyof typeof zoneBriefs, count: number): NodeInput[] {
    const make = topology.startsWith("primary") ? primaryZoneNode : zoneNode;
    return Array.from({ length: count }, (_, index) => make(`n${index + 1}`, index + 2));
  }

  function briefOf(topology: keyof typeof zoneBriefs, count: number): Brief {
    return zoneBriefs[topology](nodesOf(topology, count));
  }

  for (const topology of topologies) {
    it(`${topology}: applied twice it is the same, and deleting restores everything`, async () => {
      await bench.apply(layer2Stranger);
      const before = await bench.tables();
      const options = inZone("n1");
      await bench.apply(briefOf(topology, 3), options);
      await bench.delete(["net"]);
      assert.deepEqual(withoutShared(await bench.tables()), withoutShared(before));
    });

    it(`${topology}: a node that comes or goes touches its own rows only`, async () => {
      const options = { ...inZone("n1"), prune: true };
      await bench.apply(briefOf(topology, 3), options);
      const before = await bench.everything();
      const coming = bench.plan(briefOf(topology, 4), options);
      assert.deepEqual(
        changesOf(coming),
        rowsOfFourth[topology].map((row) => `insert ${row}`),
      );
      await bench.apply(briefOf(topology, 4), options);
      const going = bench.plan(briefOf(topology, 3), options);
      assert.deepEqual(
        changesOf(going),
        rowsOfFourth[topology].map((row) => `delete ${row}`),
      );
      await bench.apply(briefOf(topology, 3), options);
      assert.equal(await bench.everything(), before);
    });

    it(`${topology}: a node changes zones by prune, there and back`, async () => {
      // Nodes n2 and n3 share the zone of this database, if the topology lets them.
      const [n1, n2, ...others] = nodesOf(topology, 3);
      if (n1 === undefined || n2 === undefined) throw new Error("two nodes are needed");
      const here = zoneBriefs[topology]([n1, n2, ...others]);
      const there = zoneBriefs[topology]([{ ...n1, zone: "n2" }, { ...n2, zone: "n1" }, ...others]);
      const options = inZone("n1");
      await bench.apply(here, options);
      const before = withoutShared(await bench.tables());
      if (topology.endsWith("layer3") || topology === "primary layer2")
        assert.throws(() => bench.plan(there, options), { path: "nodes[n1].zone" });
      await bench.apply(there, { ...options, prune: true });
      const moved = withoutShared(await bench.tables());
      assert.notDeepEqual(moved, before);
      await bench.apply(here, { ...options, prune: true });
      assert.deepEqual(withoutShared(await bench.tables()), before);
      // What moved here in two steps is what a new database would hold.
      await bench.delete(["net"]);
      await bench.apply(there, options);
      assert.deepEqual(withoutShared(await bench.tables()), moved);
    });

    it(`${topology}: is recognised, and not written in the other mode`, async () => {
      await bench.apply(briefOf(topology, 2), inZone("n1"));
      const [network] = listNetworks(bench.nb.view);
      if (topology === "localnet") {
        assert.equal(network?.mode, undefined);
        return;
      }
      assert.equal(network?.mode, "interconnect");
      assert.deepEqual(summariseNetworks(bench.nb.view), network && [summaryOf(network)]);
      assert.deepEqual(listNodes(bench.nb.view), network && nodesIn([network]));
      if (topology.endsWith("layer3"))
        assert.deepEqual(network?.nodes, [
          { name: "n1", subnets: ["10.3.0.0/24"], chassis: "chassis-of-n1" },
          { name: "n2", subnets: ["10.3.1.0/24"], chassis: "chassis-of-n2", isRemote: true },
        ]);
      assert.deepEqual(network?.foreign, []);
      assert.throws(() => bench.plan(briefOf(topology, 1), {}), { code: "ERR_PROFILE" });
    });
  }

  it("one tunnel key for two switches or routers is refused, whether both are asked for or one is there", async () => {
    const named = (topology: keyof typeof zoneBriefs, name: string, input: Partial<NetworkInput>): Brief => {
      const nodes = nodesOf(topology, 2).map((node) => ({
        ...node,
        subnets: { [name]: node.subnets?.["net"] ?? [] },
      }));
      const brief = zoneBriefs[topology](nodes);
      return { ...brief, input: { ...brief.input, name, ...input }, pods: [] };
    };
    const refused = (briefs: Brief | readonly Brief[], path: string, words: RegExp, value?: unknown): void =>
      assert.throws(
        () => bench.plan(briefs, inZone("n1")),
        (error) => {
          assert.ok(error instanceof SpecError);
          assert.match(error.message, words);
          if (value !== undefined) assert.deepEqual([error.path, error.value], [path, value]);
          return error.path === path;
        },
      );
    const flat = named("layer2", "flat", { networkId: 5 });
    const routed = named("layer3", "routed", { networkId: 5 });
    refused(
      [flat, routed],
      "networkId",
      /routed_transit_switch .* flat_ovn_layer2_switch of network "flat" has/,
    );
    await bench.apply(flat, inZone("n1"));
    refused(routed, "networkId", /flat_ovn_layer2_switch of network "flat" has/, 5);
    const { networkId: _id, ...unnumbered } = routed.input;
    const telling = nodesOf("layer3", 2).map((node) => ({
      ...node,
      subnets: { routed: node.subnets?.["net"] ?? [] },
      networkIds: { routed: 5 },
    }));
    const told = { ...routed, input: unnumbered, nodes: telling };
    refused(told, "nodes[n1].networkIds[routed]", /flat_ovn_layer2_switch of network "flat" has/, 5);
    assert.deepEqual(bench.plan(flat, inZone("n1")).changes, []);
    const primary = (keys: readonly number[]): Brief =>
      named("primary layer2", "own", { networkId: 6, tunnelKeys: keys });
    refused(primary([16_711_688, 16_715_780]), "tunnelKeys", /flat_ovn_layer2_switch/);
    refused(primary([16_715_780, 16_715_780]), "tunnelKeys", /own_transit_router|own_ovn_layer2_switch/);
    await bench.nbctl("lr-add theirs -- set Logical_Router theirs options:requested-tnl-key=16715781");
    refused(primary([16_711_689, 16_715_781]), "tunnelKeys", /which theirs has/, [16_711_689, 16_715_781]);
    await bench.apply([primary([16_711_689, 16_715_780]), routed], { ...inZone("n1"), pruneNetworks: true });
  });

  it("a network of mode central is not written in zones", async () => {
    await bench.apply({ ...briefOf("layer3", 2), pods: [] });
    assert.throws(() => bench.plan(briefOf("layer3", 2), inZone("n1")), { code: "ERR_PROFILE" });
  });

  it("routes to a node that got another subnet, and to one that nobody asks for, go", async () => {
    const options = inZone("n1");
    const [n1, n2] = nodesOf("layer3", 2);
    if (n1 === undefined || n2 === undefined) throw new Error("two nodes are needed");
    const brief = (node: NodeInput): Brief => ({ ...zoneBriefs.layer3([n1, node]), pods: [] });
    await bench.apply(brief(n2), options);
    await bench.apply(brief({ ...n2, subnets: { net: ["10.3.7.0/24"] } }), options);
    assert.match(await bench.nbctl("lr-route-list net_ovn_cluster_router"), /10\.3\.7\.0\/24 +100\.88\.0\.3/);
    assert.doesNotMatch(await bench.nbctl("lr-route-list net_ovn_cluster_router"), /10\.3\.1\.0/);
    // A route that somebody else put there stays.
    await bench.nbctl("lr-route-add net_ovn_cluster_router 10.9.0.0/24 100.88.0.3");
    await bench.apply({ ...zoneBriefs.layer3([n1]), pods: [] }, { ...options, prune: true });
    const routes = await bench.nbctl("lr-route-list net_ovn_cluster_router");
    assert.match(routes, /10\.9\.0\.0\/24/);
    assert.doesNotMatch(routes, /10\.3\.7\.0/);
  });

  it("a new node takes over number, addresses and subnet of one that goes", async () => {
    const cases = [
      ["layer3", inZone("n1")],
      ["primary layer3", inZone("n1")],
      ["primary layer2", inZone("n1")],
      ["primary layer3", {}],
    ] as const;
    for (const [topology, mode] of cases) {
      const options = { ...mode, prune: true };
      const [n1, n2] = nodesOf(topology, 2);
      if (n1 === undefined || n2 === undefined) throw new Error("two nodes are needed");
      const heir = { ...n2, name: "n9", chassisId: "chassis-of-n9" };
      const brief = (node: NodeInput): Brief => ({ ...zoneBriefs[topology]([n1, node]), pods: [] });
      await bench.apply(brief(n2), options);
      await bench.apply(brief(heir), options);
      const taken = withoutShared(await bench.tables());
      await bench.delete(["net"]);
      await bench.apply(brief(heir), options);
      assert.deepEqual(withoutShared(await bench.tables()), taken, topology);
      await bench.delete(["net"]);
    }
  });

  it("a route of a node that left nothing else goes with it", async () => {
    const options = { ...inZone("n1"), prune: true };
    await bench.apply(briefOf("layer3", 2), options);
    const before = await bench.everything();
    await bench.nbctl(`
      --id=@r create Logical_Router_Static_Route ip_prefix=10.3.9.0/24 nexthop=100.88.0.9 external_ids:ic-node=gone external_ids:k8s.ovn.org/network=net
      add Logical_Router net_ovn_cluster_router static_routes @r
    `);
    await bench.apply(briefOf("layer3", 2), options);
    assert.equal(await bench.everything(), before);
  });

  it("a route of a node that is gone goes also where another one has its subnet: half of the packets went there", async () => {
    const options = { ...inZone("n1"), prune: true };
    const brief = zoneBriefs.layer3(nodesOf("layer3", 2));
    await bench.apply(brief, options);
    const before = await bench.everything();
    await bench.nbctl(`
      --id=@r create Logical_Router_Static_Route ip_prefix=10.3.1.0/24 nexthop=100.88.0.99 external_ids:ic-node=gone external_ids:k8s.ovn.org/network=net
      add Logical_Router net_ovn_cluster_router static_routes @r
    `);
    assert.match(await bench.nbctl("lr-route-list net_ovn_cluster_router"), /ecmp/);
    assert.deepEqual(await bench.apply(brief, inZone("n1")), [], "without prune nobody asked for it");
    await bench.apply(brief, options);
    assert.equal(await bench.everything(), before);
  });

  it("pods are attached one by one, on layer2 those of other zones too", async () => {
    const options = inZone("n1");
    const { layer2, layer3 } = zoneBriefs;
    await bench.apply({ ...layer2(), pods: [] }, options);
    const [n1, n2] = nodesOf("layer2", 2);
    if (n1 === undefined || n2 === undefined) throw new Error("two nodes are needed");
    const network = new Network(parseNetwork("layer2", { ...layer2().input, nad: "default/net" }));
    const recorded = { ips: ["10.1.0.9/16"], tunnelId: 9 };
    await network.attach(bench.nb, { namespace: "default", name: "far", node: n2, recorded }, options);
    const port = "default.net_default_far";
    assert.equal(await bench.get("Logical_Switch_Port", port, "type"), "remote");
    assert.match(await bench.get("Logical_Switch_Port", port, "options"), /requested-tnl-key="9"/);
    await assert.rejects(
      network.attach(bench.nb, { namespace: "default", name: "new", node: n1 }, options),
      /pod-networks/,
    );
    await bench.delete(["net"]);
    await bench.apply({ ...layer3(), pods: [] }, options);
    const routed = new Network(parseNetwork("layer3", { ...layer3().input, nad: "default/net" }));
    const near = await routed.attach(bench.nb, { namespace: "default", name: "near", node: n1 }, options);
    assert.deepEqual(near.ips, ["10.3.0.3/24"]);
    const elsewhere = {
      code: "ERR_SPEC",
      path: "pods[default/far].node",
      message:
        "pod default/far runs on node n2 of another zone, whose database holds its port: the node is of zone n2, " +
        "this database of zone n1",
    };
    const toFar = (network: Network): Promise<unknown> =>
      network.attach(bench.nb, { namespace: "default", name: "far", node: n2 }, options);
    await assert.rejects(toFar(routed), elsewhere);
    // Those who are in each other's way look at the switch before anything else.
    const both = { ...layer3().input, nad: "default/net", subnets: "10.3.0.0/16/24,fd00:3::/48" };
    await assert.rejects(toFar(new Network(parseNetwork("layer3", both))), elsewhere);
    await bench.delete(["net"]);
    await bench.apply({ ...zoneBriefs.localnet(), pods: [] }, options);
    const local = new Network(
      parseNetwork("localnet", { ...zoneBriefs.localnet().input, nad: "default/net" }),
    );
    const far = { namespace: "default", name: "far", node: n2, recorded: { ips: ["10.4.0.9/16"] } };
    await assert.rejects(local.attach(bench.nb, far, options), elsewhere);
  });

  it("policies let in addresses of pods of other zones, and are held against those of this one", async () => {
    const policies = [
      {
        namespace: "default",
        name: "allow",
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ podSelector: {} }] }],
      },
    ] as const;
    for (const topology of ["layer2", "localnet"] as const) {
      const brief = { ...briefOf(topology, 2), policies: { policies, namespaces: [] } };
      await bench.apply(brief, inZone("n1"));
      const sets = await bench.nbctl("--bare --columns=addresses list Address_Set");
      const subnet = topology === "layer2" ? "10.1.0" : "10.4.0";
      assert.deepEqual(sets.split(" ").toSorted(), [`${subnet}.11`, `${subnet}.12`]);
      const ports = await bench.nbctl(
        "--bare --columns=ports find Port_Group external_ids:k8s.ovn.org/owner-type=NetworkPolicy",
      );
      const [near] = [await bench.get("Logical_Switch_Port", "default.net_default_on-n1", "_uuid")];
      assert.equal(ports, near);
      await bench.delete(["net"]);
    }
    const layer3 = { ...briefOf("layer3", 2), policies: { policies, namespaces: [] } };
    assert.throws(() => bench.plan(layer3, inZone("n1")), /pod-networks/);
    const { subnets: _, ...flat } = zoneBriefs.localnet().input;
    const { ingress: _rule, ...closed } = policies[0];
    const pods = [{ name: "far", node: "n2", mac: "0a:00:00:00:00:01" }];
    const bare = { ...zoneBriefs.localnet(), input: flat, pods, policies: { policies: [closed] } };
    await bench.apply(bare, inZone("n1"));
  });

  const layer2Stranger: Brief = {
    topology: "layer2",
    input: { name: "other", subnets: "10.8.0.0/16" },
    nodes: [primaryNode("n1", 2)],
    pods: ["x"],
  };

  /** All that there is of node n4, whose id is 5, and of its pod in the database of node n1. */
  const rowsOfFourth: Readonly<Record<keyof typeof zoneBriefs, readonly string[]>> = {
    layer3: ["Logical_Router_Static_Route 10.3.3.0/24 by 100.88.0.5", "Logical_Switch_Port net_tstor-n4"],
    layer2: ["Logical_Switch_Port default.net_default_on-n4"],
    localnet: [],
    "primary layer3": [
      "Logical_Router_Static_Route 10.3.3.0/24 by 100.88.0.5",
      "Logical_Router_Static_Route 100.65.0.5/32 by 100.88.0.5",
      "Logical_Switch_Port net_tstor-n4",
    ],
    "primary layer2": [
      "Logical_Router_Port trtor-GR_net_n4",
      "Logical_Router_Static_Route 100.65.0.5 by 100.88.0.11",
      "Logical_Switch_Port default.net_default_on-n4",
    ],
  };

  function withoutShared(tables: Awaited<ReturnType<typeof bench.tables>>): object {
    const { Copp: _copp, Meter: _meter, Meter_Band: _band, ...rest } = tables;
    return rest;
  }
});
