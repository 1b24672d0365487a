import assert from "node:assert/strict";
import { connectNorthbound } from "../../lib/index.ts";
import { type EndpointInput, planTopology, type ServiceInput } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";
import { bindings, flows, nbctl } from "../support/northd.ts";
import { schemaWithout } from "../support/other-schemas.ts";
import { primaryLayer2Brief, primaryLayer3Brief, primaryNode } from "../support/primary.ts";
import { type Brief, emptying, requestFor } from "../support/topology.ts";

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

/** Of layer2 every node has a database of its own; pod b is in another one there. */
const nodesOf = {
  layer3: [
    { node: "n1", switchName: "net_n1" },
    { node: "n2", switchName: "net_n2" },
  ],
  layer2: [{ node: "n1", switchName: "net_ovn_layer2_switch" }],
} as const;

function networkOf(topology: Topology, families: readonly Addresses[]): Brief {
  const make = { layer3: primaryLayer3Brief, layer2: primaryLayer2Brief }[topology];
  const nodes = nodesOf[topology].map(({ node }, index) =>
    primaryNode(node, index + 2, { families: families.map(({ family }) => family) }),
  );
  const pods = nodesOf[topology].map(({ node }, index) => ({ name: index === 0 ? "a" : "b", node }));
  return make(pods, { subnets: families.map(({ subnets }) => subnets[topology]) }, nodes);
}

const bare = (text: string): string => text.replace(/^\[(.*)\]$/, "$1");

function servicesOf(topology: Topology, families: readonly Addresses[]): readonly ServiceInput[] {
  const b = ({ pods }: Addresses): EndpointInput => ({
    node: "n2",
    ...(topology === "layer3" ? { pod: "b" } : { addresses: [bare(pods[topology][1])] }),
  });
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
        endpoints: [{ pod: "a", node: "n1" }, b(addresses)],
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
        endpoints: [{ ...b(addresses), ready: false }],
      })),
    },
  ];
}

const common = `options:reject=true options:event=false options:neighbor_responder=none 'options:hairpin_snat_ip="169.254.0.5 fd69::5"'`;

/** The same load balancers as an administrator would type them, from ovn-nbctl(8) and upstream's rows. */
function byHand(topology: Topology, families: readonly Addresses[]): string {
  const each = (line: (addresses: Addresses, all: string) => string): string =>
    families
      .map((one) => line(one, one.pods[topology].map((address) => `${address}:8080`).join(",")))
      .join("\n");
  return `
  ${each(({ web }, all) => `lb-add web ${web}:80 ${all} tcp`)}
  set Load_Balancer web ${common} options:skip_snat=false options:affinity_timeout=600
  --id=@dns create Load_Balancer name=dns protocol=udp vips={${families.map(({ dns }) => `"${dns}:53"=""`).join(",")}} ${common} options:skip_snat=false
  add Load_Balancer_Group net_clusterLBGroup load_balancer @dns
  ${nodesOf[topology]
    .map(({ node, switchName }) => {
      const index = node === "n1" ? 0 : 1;
      return `
  ${each(({ nodes, pods }) => `lb-add local-${node} ${nodes[index]}:30080 ${pods[topology][index]}:8080 tcp`)}
  set Load_Balancer local-${node} ${common} options:skip_snat=true options:affinity_timeout=600
  lr-lb-add GR_net_${node} local-${node}
  ${each(({ nodes }, all) => `lb-add switch-${node} ${nodes[index]}:30080 ${all} tcp`)}
  ${each(({ localOnly, pods }) => `lb-add switch-${node} ${localOnly}:30080 ${pods[topology][index]}:8080 tcp`)}
  set Load_Balancer switch-${node} ${common} options:skip_snat=false options:affinity_timeout=600
  ls-lb-add ${switchName} switch-${node}`;
    })
    .join("\n")}
`;
}

describeWithOvn(
  "ovn-northd makes the same of services and of load balancers that an administrator types",
  () => {
    const ours = useSandbox(options);
    const theirs = useSandbox(options);

    for (const topology of topologies)
      for (const families of [[v4], [v6], [v4, v6]])
        describe(`on ${topology}, IPv${families.map(({ family }) => family).join(" and IPv")}`, () => {
          before(async () => {
            const network = networkOf(topology, families);
            for (const { sandbox, brief } of [
              { sandbox: ours.sandbox, brief: { ...network, services: servicesOf(topology, families) } },
              { sandbox: theirs.sandbox, brief: network },
            ]) {
              const nb = await connectNorthbound(sandbox.northbound.remote);
              try {
                await planTopology(nb, requestFor(brief)).apply({ wait: "sb" });
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
            await nbctl(theirs.sandbox, byHand(topology, families));
            const uuid = (
              await nbctl(theirs.sandbox, "--bare --columns=_uuid find Load_Balancer name=web")
            ).trim();
            await nbctl(theirs.sandbox, `add Load_Balancer_Group net_clusterLBGroup load_balancer ${uuid}`);
            const [made, typed] = [await flows(ours.sandbox), await flows(theirs.sandbox)];
            assert.deepEqual(made, typed);
            assert.deepEqual(await bindings(ours.sandbox), await bindings(theirs.sandbox));
            assert.ok(
              made.length > without.length + 40,
              `${made.length} flows, ${without.length} without services`,
            );
            const seen = families.flatMap(({ web, dns, localOnly, nodes }) => [
              web,
              dns,
              localOnly,
              nodes[0],
            ]);
            for (const part of [...seen.map(bare), "skip_snat"])
              assert.ok(
                made.some((line) => line.includes(part)),
                part,
              );
          });

          it("and the comparison sees one option that differs", async () => {
            const before = await flows(theirs.sandbox);
            await nbctl(theirs.sandbox, "set Load_Balancer local-n1 options:skip_snat=false");
            assert.notDeepEqual(await flows(theirs.sandbox), before);
          });
        });
  },
);
