import assert from "node:assert/strict";
import { northbound } from "../../lib/schemas/index.ts";
import {
  type GatewayMode,
  type LeavingNode,
  type NodeInput,
  type PolicyRequest,
  planDeletion,
  type ServiceInput,
  type TopologyRequest,
} from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { withoutUuids } from "../support/other-uuids.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import {
  type Brief,
  emptying,
  layer2Brief,
  layer3Brief,
  localnetBrief,
  profiles,
  useTopologyBench,
} from "../support/topology.ts";
import { primaryZoneNode, zoneBriefs, zoneNode } from "../support/zones.ts";

type Options = Omit<TopologyRequest, "networks">;

const three = ["n1", "n2", "n3"];
const pods = [
  { name: "a", node: "n1", labels: { app: "x" } },
  { name: "b", node: "n2", labels: { app: "x" } },
  { name: "c", node: "n2", labels: { app: "y" } },
  { name: "d", node: "n3", labels: { app: "y" } },
];

/** The same without a node and its pods. */
function without(brief: Brief, gone: string): Brief {
  const nameOf = (node: string | NodeInput): string => (typeof node === "string" ? node : node.name);
  return {
    ...brief,
    nodes: (brief.nodes ?? []).filter((node) => nameOf(node) !== gone),
    pods: (brief.pods ?? []).filter((pod) => (typeof pod === "string" ? "n1" : (pod.node ?? "n1")) !== gone),
  };
}

describeWithOvn("a node that leaves a network", () => {
  const bench = useTopologyBench(useSandbox({ northbound }));

  /** Removes a node, and proves that there is nothing left of it to remove. */
  async function remove(...nodes: readonly LeavingNode[]): Promise<void> {
    const { absent } = await planDeletion(bench.nb, { networks: [], pods: [], nodes }).apply();
    assert.deepEqual(absent, []);
    const again = planDeletion(bench.nb, { networks: [], pods: [], nodes });
    assert.deepEqual([again.changes, again.operations], [[], []]);
    assert.equal(again.absent.length, nodes.length);
  }

  /**
   * Fails unless the removal of a node leaves what pruning leaves, whatever else is there.
   *
   * @param how `neighbours`: other networks on the same nodes; `more`: what else is said of the node; `first`: what
   *   somebody else does before that, as arguments of ovn-nbctl.
   */
  async function check(
    brief: Brief,
    options: Options = {},
    how: {
      readonly neighbours?: readonly Brief[];
      readonly gone?: string;
      readonly more?: Partial<LeavingNode>;
      readonly first?: string;
    } = {},
  ): Promise<void> {
    const { neighbours = [], gone = "n2", more = {}, first = "" } = how;
    const rest: Brief = without(brief, gone);
    const begin = async (): Promise<void> => {
      await bench.nbctl(emptying);
      await bench.apply([brief, ...neighbours], options);
      if (first !== "") await bench.nbctl(first);
    };
    await begin();
    const before = withoutUuids(await bench.tables());
    const { policies: _policies, services: _services, ...unknown } = rest;
    const pruned = await bench.plan(unknown, { ...options, prune: true }).apply();
    assert.ok(pruned.changed);
    const expected = withoutUuids(await bench.tables());
    await begin();
    assert.deepEqual(withoutUuids(await bench.tables()), before);
    await remove({ network: "net", name: gone, ...more });
    assert.deepEqual(withoutUuids(await bench.tables()), expected);
    const { changes } = bench.plan(unknown, { ...options, prune: true });
    assert.deepEqual(changes, []);
  }

  for (const profile of profiles)
    it(`layer3, ${profile}: its switch with all ports, and the router's port to it`, async () => {
      const dual = { subnets: "10.3.0.0/16/24,fd00:3::/60" };
      await check({ ...layer3Brief(pods), nodes: three }, { profile });
      await check({ ...layer3Brief(pods, dual), nodes: three }, { profile });
      await check({ ...layer3Brief([]), nodes: three }, { profile }, { gone: "n1" });
    });

  it("layer2 and localnet: the ports of its pods, and no others", async () => {
    for (const make of [layer2Brief, localnetBrief])
      await check({ ...make(pods), nodes: three }, {}, { more: { chassisId: "chassis-of-n2" } });
  });

  it("layer2: the chassis is told by another network, or is called as the node", async () => {
    const neighbours = [{ ...layer3Brief(["z"], { name: "other" }), nodes: three }];
    await check({ ...layer2Brief(pods), nodes: three }, {}, { neighbours });
    await check({ ...layer2Brief(pods), nodes: three.map((name) => ({ name })) });
    await check({ ...layer2Brief(pods), nodes: three }, { profile: "ovn-kubernetes-2023" });
  });

  it("the addresses of its pods leave the address sets, and DHCP rows that nobody needs go", async () => {
    const policies: PolicyRequest = {
      namespaces: [{ name: "default" }],
      policies: [
        {
          namespace: "default",
          name: "closed",
          podSelector: { matchLabels: { app: "x" } },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: { matchLabels: { app: "y" } } }] }],
        },
      ],
    };
    // Both pods of the second machine have its address, which stays.
    const y = { labels: { app: "y" } };
    const machines = [
      { name: "vm1", node: "n2", vm: { name: "one" }, ...y },
      { name: "vm2", node: "n2", vm: { name: "two" }, ...y },
      { name: "vm2-target", node: "n3", vm: { name: "two" }, ...y },
    ];
    const more = { chassisId: "chassis-of-n2" };
    await check({ ...layer3Brief(pods), nodes: three, policies });
    for (const make of [layer2Brief, localnetBrief])
      await check({ ...make([...pods, ...machines], { dhcp: true }), nodes: three, policies }, {}, { more });
  });

  const service: ServiceInput = {
    namespace: "default",
    name: "web",
    clusterIPs: ["10.96.0.1"],
    externalTrafficPolicy: "Local",
    ports: [{ port: 80, nodePort: 30_080 }],
    slices: [
      {
        family: 4,
        ports: [{ port: 8080 }],
        endpoints: [
          { pod: "a", node: "n1" },
          { pod: "b", node: "n2" },
        ],
      },
    ],
  };

  for (const mode of ["shared", "local"] as const satisfies GatewayMode[])
    it(`primary layer3, gateway mode ${mode}: also its gateway router, what leads there, and its load balancers`, async () => {
      const nodes = [2, 3, 4].map((id) =>
        primaryNode(`n${id - 1}`, id, { mode, subnets: { default: [`10.128.${id}.0/24`] } }),
      );
      const options = { gatewayMode: mode };
      const neighbours = [
        primaryLayer3Brief([], { name: "other", networkId: 7, subnets: "10.9.0.0/16/24" }, nodes),
      ];
      await check(primaryLayer3Brief(pods, {}, nodes), options, { neighbours });
      await check({ ...primaryLayer3Brief(pods, {}, nodes), services: [service] }, options);
      const dual = [2, 3, 4].map((id) => primaryNode(`n${id - 1}`, id, { mode, families: [4, 6] }));
      await check(primaryLayer3Brief(pods, { subnets: "10.3.0.0/16/24,fd00:3::/60" }, dual), options);
    });

  it("primary layer3: what somebody else has left of it", async () => {
    const brief = {
      ...primaryLayer3Brief(
        pods,
        {},
        three.map((name, index) => primaryNode(name, index + 2)),
      ),
      services: [service],
    };
    for (const first of [
      "ls-del net_n2",
      "lr-del GR_net_n2",
      "lrp-del rtos-net_n2",
      "clear Logical_Switch net_n2 external_ids",
    ]) {
      await check(brief, {}, { first });
      assert.doesNotMatch(await bench.nbctl("--bare --columns=name list Load_Balancer"), /_n2$/m);
    }
  });

  it("primary networks: the ports of its pods on the cluster's own network go along", async () => {
    const nodes = [2, 3].map((id) =>
      primaryNode(`n${id - 1}`, id, { subnets: { default: [`10.128.${id}.0/24`] } }),
    );
    const own = [
      { name: "a", node: "n1", defaultPort: { ips: ["10.128.2.7/24"] } },
      {
        name: "b",
        node: "n2",
        defaultPort: { ips: ["10.128.3.7/24"], openPorts: [{ protocol: "tcp", port: 80 }] },
      } as const,
    ];
    const prelude = "ls-add n1\nls-add n2";
    const brief = primaryLayer3Brief(own, {}, nodes);
    await bench.nbctl(prelude);
    await bench.apply(brief);
    await remove({ network: "net", name: "n2" });
    const left = await bench.nbctl("--bare --columns=name find Logical_Switch_Port external_ids:pod=true");
    assert.deepEqual(left.split(/\s+/).sort(), ["default.net_default_a", "default_a"]);
    // What a plan with `prune` would still do is to forget the node's own address in the ACLs: the database does not tell it.
    assert.deepEqual(
      [...new Set(bench.plan(without(brief, "n2"), { prune: true }).changes.map(({ table }) => table))],
      ["ACL"],
    );
  });

  it("primary layer2: its one node", async () => {
    const brief = primaryLayer2Brief(["a", "b"]);
    for (const gatewayMode of ["shared", "local"] as const) {
      const own = { ...brief, nodes: [primaryNode("n1", 2, { mode: gatewayMode })] };
      await check(own, { gatewayMode }, { gone: "n1" });
      await check({ ...own, services: [service] }, { gatewayMode }, { gone: "n1" });
    }
  });

  it("primary layer2: another node that comes in the same plan takes its place", async () => {
    const brief = (name: string, id: number): Brief =>
      primaryLayer2Brief([{ name: "a", node: name }], {}, [primaryNode(name, id)]);
    await bench.apply(brief("n1", 2));
    await bench.apply(brief("n2", 3), { prune: true });
    const rows = withoutUuids(await bench.tables());
    await bench.nbctl(emptying);
    await bench.apply(brief("n2", 3));
    assert.deepEqual(rows, withoutUuids(await bench.tables()));
  });

  for (const topology of Object.keys(zoneBriefs) as (keyof typeof zoneBriefs)[]) {
    const isPrimary = topology.startsWith("primary");
    const make = isPrimary ? primaryZoneNode : zoneNode;
    it(`${topology}, in zones: a node of another zone, and one of this`, async () => {
      const nodes = [make("n1", 2), make("n2", 3), make("n3", 4)];
      const options = { mode: "interconnect", zone: "n1" } as const;
      const brief = zoneBriefs[topology](nodes);
      const more = { chassisId: "chassis-of-n2" };
      if (topology !== "localnet") await check(brief, options, { more });
      if (topology === "primary layer2") return;
      // Of two that become one the other's NAT would be written anew: a router port alone needs not be named.
      const zoned = [...nodes, make("n4", 5)].map((node) => ({
        ...node,
        zone: node.name === "n3" ? "east" : "west",
      }));
      await check(zoneBriefs[topology](zoned), { ...options, zone: "west" }, { more });
    });
  }
});
