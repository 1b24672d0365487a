import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import { type EndpointInput, planTopology, type ServiceInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { assertSame, flows, nbctl } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, emptying, requestFor } from "../support/topology.ts";
import { primaryZoneNode, recordedPod } from "../support/zones.ts";

// What a server without NAT.match cannot hold, nobody can type into it either: the same test for every installed OVN.
const options = {
  northbound: schemaWithout("7.3.0", ["NAT.match"]),
  southbound: true,
  northd: true,
} as const;

const topologies = ["layer3", "layer2"] as const;
type Topology = (typeof topologies)[number];

/** Addresses of one family, as they stand before a colon and a port. */
interface Addresses {
  readonly family: 4 | 6;
  readonly subnets: Readonly<Record<Topology, string>>;
  /** Of pod a on node n1 and pod b on node n2. */
  readonly pods: Readonly<Record<Topology, readonly [string, string]>>;
  readonly nodes: readonly [string, string];
  readonly web: string;
  readonly dns: string;
  /** Where a gateway router sends what is to stay on its node. */
  readonly localOnly: string;
}

const v4: Addresses = {
  family: 4,
  subnets: { layer3: "10.3.0.0/16/24", layer2: "10.1.0.0/16" },
  pods: { layer3: ["10.3.0.3", "10.3.1.3"], layer2: ["10.1.0.3", "10.1.0.4"] },
  nodes: ["172.18.0.2", "172.18.0.3"],
  web: "10.96.0.1",
  dns: "10.96.0.10",
  localOnly: "169.254.0.3",
};

const v6: Addresses = {
  family: 6,
  subnets: { layer3: "fd00:3::/48", layer2: "fd00:1::/64" },
  pods: {
    layer3: ["[fd00:3:0:1::3]", "[fd00:3:0:2::3]"],
    layer2: ["[fd00:1::3]", "[fd00:1::4]"],
  },
  nodes: ["[fc00:f853:ccd:e793::2]", "[fc00:f853:ccd:e793::3]"],
  web: "[fd00:96::1]",
  dns: "[fd00:96::10]",
  localOnly: "[fd69::3]",
};

type NodeName = "n1" | "n2";
const nodes = ["n1", "n2"] as const;

/** Where services are to be: what the database has all of. */
interface Setup {
  readonly title: string;
  readonly topology: Topology;
  readonly families: readonly Addresses[];
  /** Nodes of this database. */
  readonly own: readonly NodeName[];
  /** The node's own zone; the other node is in another. */
  readonly zone?: NodeName;
}

const setups: readonly Setup[] = [
  ...topologies.flatMap((topology) =>
    [[v4], [v6], [v4, v6]].map(
      (families): Setup => ({
        title: `${topology}, IPv${families.map(({ family }) => family).join(" and IPv")}`,
        topology,
        families,
        // Of layer2 every node has a database of its own.
        own: topology === "layer3" ? nodes : ["n1"],
      }),
    ),
  ),
  ...topologies.flatMap((topology) =>
    nodes.map(
      (zone): Setup => ({
        title: `${topology}, in the zone of ${zone}, IPv4 and IPv6`,
        ...{ topology, families: [v4, v6], own: [zone], zone },
      }),
    ),
  ),
];

function switchOf(topology: Topology, node: NodeName): string {
  return topology === "layer3" ? `net_${node}` : "net_ovn_layer2_switch";
}

function networkOf({ topology, families, own, zone }: Setup): Brief {
  const subnets = families.map((each) => each.subnets[topology]);
  const version = families.map(({ family }) => family);
  if (zone === undefined)
    return { layer3: primaryLayer3Brief, layer2: primaryLayer2Brief }[topology](
      own.map((node) => ({ name: podOn(node), node })),
      { subnets },
      own.map((node) => primaryNode(node, nodes.indexOf(node) + 2, { families: version })),
    );
  const zones = nodes.map((node, index) =>
    primaryZoneNode(node, index + 2, {
      families: version,
      transitAddresses: [`100.88.0.${index + 2}/16`, `fd97::${index + 2}/64`],
      subnets: { net: [`10.3.${index}.0/24`, `fd00:3:0:${index + 1}::/64`] },
    }),
  );
  if (topology === "layer3")
    return primaryLayer3Brief([{ name: podOn(zone), node: zone }], { subnets }, zones);
  const recorded = nodes.map((node, index) => ({
    ...recordedPod(podOn(node), index + 11, node, ""),
    recorded: { ips: [`10.1.0.${index + 3}/16`, `fd00:1::${index + 3}/64`], tunnelId: index + 11 },
  }));
  return primaryLayer2Brief(recorded, { subnets, tunnelKeys: [16_711_684, 16_715_779] }, zones);
}

function podOn(node: NodeName): string {
  return node === "n1" ? "a" : "b";
}

const bare = (text: string): string => text.replace(/^\[(.*)\]$/, "$1");

function servicesOf({ topology, families, own, zone }: Setup): readonly ServiceInput[] {
  // A pod of another database is known by its address alone; on layer2 zones know of each other's pods.
  const at = (node: NodeName, { pods }: Addresses): EndpointInput =>
    own.includes(node) || (topology === "layer2" && zone !== undefined)
      ? { node, pod: podOn(node) }
      : { node, addresses: [bare(pods[topology][nodes.indexOf(node)] ?? "")] };
  return [
    {
      namespace: "default",
      name: "web",
      clusterIPs: families.map(({ web }) => bare(web)),
      ports: [{ port: 80, nodePort: 30080 }],
      externalTrafficPolicy: "Local",
      affinityTimeout: 600,
      slices: families.map((addresses) => ({
        family: addresses.family,
        ports: [{ port: 8080 }],
        endpoints: nodes.map((node) => at(node, addresses)),
      })),
    },
    {
      namespace: "default",
      name: "dns",
      clusterIPs: families.map(({ dns }) => bare(dns)),
      ports: [{ protocol: "UDP", port: 53 }],
      slices: families.map((addresses) => ({
        family: addresses.family,
        ports: [{ protocol: "UDP", port: 5353 }],
        endpoints: [{ ...at("n2", addresses), ready: false }],
      })),
    },
  ];
}

const common = `options:reject=true options:event=false options:neighbor_responder=none 'options:hairpin_snat_ip="169.254.0.5 fd69::5"'`;

/** The same load balancers as an administrator would type them, from ovn-nbctl(8) and upstream's rows. */
function byHand({ topology, families, own }: Setup): string {
  const each = (line: (addresses: Addresses, all: string) => string): string =>
    families
      .map((one) => line(one, one.pods[topology].map((address) => `${address}:8080`).join(",")))
      .join("\n");
  return `
  ${each(({ web }, all) => `lb-add web ${web}:80 ${all} tcp`)}
  set Load_Balancer web ${common} options:skip_snat=false options:affinity_timeout=600
  --id=@dns create Load_Balancer name=dns protocol=udp vips={${families.map(({ dns }) => `"${dns}:53"=""`).join(",")}} ${common} options:skip_snat=false
  add Load_Balancer_Group net_clusterLBGroup load_balancer @dns
  ${own
    .map((node) => {
      const index = nodes.indexOf(node);
      return `
  ${each(({ nodes, pods }) => `lb-add local-${node} ${nodes[index]}:30080 ${pods[topology][index]}:8080 tcp`)}
  set Load_Balancer local-${node} ${common} options:skip_snat=true options:affinity_timeout=600
  lr-lb-add GR_net_${node} local-${node}
  ${each(({ nodes }, all) => `lb-add switch-${node} ${nodes[index]}:30080 ${all} tcp`)}
  ${each(({ localOnly, pods }) => `lb-add switch-${node} ${localOnly}:30080 ${pods[topology][index]}:8080 tcp`)}
  set Load_Balancer switch-${node} ${common} options:skip_snat=false options:affinity_timeout=600
  ls-lb-add ${switchOf(topology, node)} switch-${node}`;
    })
    .join("\n")}
`;
}

/** Every load balancer with every row that has it; one that nothing has stands there without. */
async function placesOf(sandbox: Sandbox): Promise<string[]> {
  type Cell = string | readonly [string, unknown];
  const list = async (table: string, column: string): Promise<readonly (readonly Cell[])[]> => {
    const text = await nbctl(sandbox, `-f json --columns=name,${column} list ${table}`);
    return (JSON.parse(text) as { data: readonly (readonly Cell[])[] }).data;
  };
  const holders = await Promise.all(
    ["Logical_Switch", "Logical_Router", "Load_Balancer_Group"].map((table) => list(table, "load_balancer")),
  );
  return (await list("Load_Balancer", "_uuid"))
    .flatMap(([name, uuid]) => {
      const own = holders.flat().filter(([, set]) => JSON.stringify(set).includes(JSON.stringify(uuid)));
      return own.length === 0 ? [`${name}`] : own.map(([holder]) => `${name} in ${holder}`);
    })
    .sort();
}

describeWithOvn(
  "ovn-northd makes the same of services and of load balancers that an administrator types",
  () => {
    const ours = useSandbox(options);
    const theirs = useSandbox(options);

    for (const setup of setups) {
      const { title, topology, families, own, zone } = setup;
      describe(`on ${title}`, () => {
        before(async () => {
          const network = networkOf(setup);
          const options = zone === undefined ? {} : ({ mode: "interconnect", zone } as const);
          for (const { sandbox, brief } of [
            { sandbox: ours.sandbox, brief: { ...network, services: servicesOf(setup) } },
            { sandbox: theirs.sandbox, brief: network },
          ]) {
            const nb = await connectNorthbound(sandbox.northbound.remote);
            try {
              await planTopology(nb, requestFor(brief, options)).apply({ wait: "sb" });
            } finally {
              await nb.close();
            }
          }
        });

        after(async () => {
          for (const { sandbox } of [ours, theirs]) await nbctl(sandbox, emptying);
        });

        it("logical flows, which there are more of than without, and port bindings", async () => {
          const without = await flows(theirs.sandbox);
          await nbctl(theirs.sandbox, byHand(setup));
          const uuid = (
            await nbctl(theirs.sandbox, "--bare --columns=_uuid find Load_Balancer name=web")
          ).trim();
          await nbctl(theirs.sandbox, `add Load_Balancer_Group net_clusterLBGroup load_balancer ${uuid}`);
          const made = await assertSame(ours.sandbox, theirs.sandbox);
          assert.ok(
            made.length > without.length + 40,
            `${made.length} flows, ${without.length} without services`,
          );
          const seen = families.flatMap(({ web, dns, localOnly, nodes: [first, second] }) => [
            ...[web, dns, localOnly],
            ...own.map((node) => (node === "n1" ? first : second)),
          ]);
          for (const part of [...seen.map(bare), "skip_snat"])
            assert.ok(
              made.some((line) => line.includes(part)),
              part,
            );
        });

        it("rows for the cluster, and for the nodes of this database alone", async () => {
          const name = "net_Service_default";
          const expected = [
            `${name}/dns_UDP_cluster in net_clusterLBGroup`,
            `${name}/web_TCP_cluster in net_clusterLBGroup`,
            ...own.flatMap((node) => [
              `${name}/web_TCP_node_local_router_${node} in GR_net_${node}`,
              `${name}/web_TCP_node_switch_${node} in ${switchOf(topology, node)}`,
            ]),
          ];
          assert.deepEqual(await placesOf(ours.sandbox), expected.toSorted());
        });

        it("and the comparison sees one option that differs", async () => {
          const before = await flows(theirs.sandbox);
          await nbctl(theirs.sandbox, `set Load_Balancer local-${own[0]} options:skip_snat=false`);
          assert.notDeepEqual(await flows(theirs.sandbox), before);
        });
      });
    }
  },
);
