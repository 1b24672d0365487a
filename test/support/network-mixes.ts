import fc from "fast-check";
import {
  type AttachmentInput,
  type Mode,
  type NetworkInput,
  type NetworkRequest,
  type NodeInput,
  type PolicyInput,
  parseNetwork,
  type ServiceInput,
  type TopologyName,
  type TopologyRequest,
} from "../../lib/topology/index.ts";

/** Several networks of any kind, as one request. */
export interface Mix {
  readonly request: TopologyRequest & { readonly networks: readonly NetworkRequest[] };
  /** What is in it, for counting. */
  readonly kinds: readonly string[];
}

interface Choice {
  readonly topology: TopologyName;
  readonly isPrimary: boolean;
  readonly families: readonly (4 | 6)[];
  readonly dhcp: boolean;
  readonly policies: readonly PolicyInput[];
  readonly services: number;
  /** Each pod's node, by number. */
  readonly pods: readonly number[];
}

/** Their prefixes differ; all the same they are made of one another. */
const names = ["net", "net-net", "net.a", "a-net", "n1"] as const;

const peers = fc.constantFrom<NonNullable<PolicyInput["ingress"]>[number]>(
  {},
  { from: [{ podSelector: {} }] },
  {
    from: [{ podSelector: { matchLabels: { app: "x" } } }],
    ports: [{ port: 80 }, { protocol: "UDP", port: 53 }],
  },
  {
    from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }],
    ports: [{ port: 8000, endPort: 8010 }],
  },
);

const policies: fc.Arbitrary<readonly PolicyInput[]> = fc
  .array(fc.tuple(fc.array(peers, { maxLength: 2 }), fc.boolean()), { maxLength: 2 })
  .map((list) =>
    list.map(
      ([rules, isEgress], index): PolicyInput => ({
        namespace: "default",
        name: `policy${index}`,
        podSelector: index === 0 ? {} : { matchLabels: { app: "x" } },
        policyTypes: isEgress ? ["Egress"] : ["Ingress"],
        ...(isEgress
          ? { egress: rules.map(({ from, ports }) => ({ to: from, ports })) }
          : { ingress: rules }),
      }),
    ),
  );

const choice: fc.Arbitrary<Choice> = fc.record({
  topology: fc.constantFrom<TopologyName>("layer3", "layer2", "localnet"),
  isPrimary: fc.boolean(),
  families: fc.constantFrom<Choice["families"]>([4], [6], [4, 6]),
  dhcp: fc.boolean(),
  policies,
  services: fc.nat(2),
  pods: fc.array(fc.nat(2), { maxLength: 5 }),
});

/** One to four networks on one to three nodes, in one database or in that of the first node's zone. */
export const mixes: fc.Arbitrary<Mix> = fc
  .record({
    mode: fc.constantFrom<Mode>("central", "interconnect"),
    nodeCount: fc.integer({ min: 1, max: 3 }),
    chosen: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), choice), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
  })
  .map(({ mode, nodeCount, chosen }) => {
    const specs = chosen.map(([name, each], index) => ({ name, ...each, index }));
    const nodes = Array.from({ length: nodeCount }, (_, index) => nodeOf(index, mode, specs));
    const networks = specs.map((each) => networkOf(each, mode, nodes));
    return {
      request: { mode, ...(mode === "interconnect" && { zone: "node0" }), networks },
      kinds: networks.map(({ spec, policies: asked, services }) =>
        [
          mode,
          spec.role,
          spec.topology,
          ...(asked ? ["policies"] : []),
          ...(services ? ["services"] : []),
          ...(spec.dhcp ? ["dhcp"] : []),
        ].join(" "),
      ),
    };
  });

type Numbered = Choice & { readonly name: string; readonly index: number };

function pick(families: readonly number[], four: string, six: string): string[] {
  return [...(families.includes(4) ? [four] : []), ...(families.includes(6) ? [six] : [])];
}

function nodeOf(index: number, mode: Mode, networks: readonly Numbered[]): NodeInput {
  const id = index + 2;
  return {
    name: `node${index}`,
    id,
    chassisId: `chassis${index}`,
    masqueradeSubnets: ["169.254.0.0/16", "fd69::/112"],
    gateway: {
      mode: "shared",
      bridge: "breth0",
      mac: `02:42:ac:12:00:0${id}`,
      ips: [`172.18.0.${id}/16`, `fc00:f853:ccd:e793::${id}/64`],
      nextHops: ["172.18.0.1", "fc00:f853:ccd:e793::1"],
    },
    ...(mode === "interconnect" && {
      transitAddresses: [`100.88.0.${id}/16`, `fd97::${id}/64`],
      subnets: Object.fromEntries(
        networks.map(({ name, families, index: number }) => [
          name,
          pick(families, `10.${number + 1}.${index}.0/24`, `fd00:${number + 1}:0:${index}::/64`),
        ]),
      ),
    }),
  };
}

function networkOf(choice: Numbered, mode: Mode, all: readonly NodeInput[]): NetworkRequest {
  const { name, index, topology, families, pods } = choice;
  const isPrimary = choice.isPrimary && topology !== "localnet";
  const isFlat = topology !== "layer3";
  // Of a primary layer2 network one node is in a database.
  const nodes = isPrimary && topology === "layer2" && mode === "central" ? all.slice(0, 1) : all;
  const cidr = topology === "layer3" ? "/16" : "/24";
  const input: NetworkInput = {
    name,
    nad: `default/${name}`,
    role: isPrimary ? "primary" : "secondary",
    networkId: index + 1,
    subnets: pick(families, `10.${index + 1}.0.0${cidr}`, `fd00:${index + 1}::/${isFlat ? 64 : 48}`),
    ...(choice.dhcp && isFlat && !isPrimary && { dhcp: true }),
    ...(isPrimary &&
      topology === "layer2" &&
      mode === "interconnect" && { tunnelKeys: [16_711_684 + index, 16_715_780 + index] }),
  };
  const attachments = pods.map((at, number): AttachmentInput => {
    const node = nodes[at % nodes.length]?.name ?? "";
    const four = `10.${index + 1}.0.${number + 100}/24`;
    return {
      namespace: "default",
      name: `pod${number}`,
      nad: `default/${name}`,
      node,
      uid: `uid${number}`,
      labels: { app: number % 2 === 0 ? "x" : "y" },
      ...(mode === "interconnect" &&
        isFlat && {
          recorded: {
            ips: pick(families, four, `fd00:${index + 1}::${number + 100}/64`),
            tunnelId: number + 10,
          },
        }),
    };
  });
  // Where pods of other zones got their addresses from those zones, their policies need more than is made up here.
  const asked = mode === "interconnect" && !isFlat ? [] : choice.policies;
  return {
    spec: parseNetwork(topology, input),
    nodes,
    attachments,
    ...(asked.length > 0 && { policies: { policies: asked, namespaces: [{ name: "default" }] } }),
    ...(isPrimary && choice.services > 0 && { services: servicesOf(choice) }),
  };
}

function servicesOf({ index, families, services }: Numbered): readonly ServiceInput[] {
  return Array.from({ length: services }, (_, number): ServiceInput => {
    const at = 10 * index + number + 1;
    return {
      namespace: "default",
      name: `service${number}`,
      clusterIPs: pick(families, `10.96.0.${at}`, `fd00:10:96::${at}`),
      ports: [{ port: 80, ...(number === 1 && { nodePort: 30_000 + index }) }],
      ...(number === 1 && { externalTrafficPolicy: "Local" }),
      slices: families.map((family) => ({
        family,
        ports: [{ port: 8080 }],
        endpoints: [
          {
            addresses: [family === 4 ? `10.${index + 1}.0.100` : `fd00:${index + 1}::100`],
            node: "node0",
          },
        ],
      })),
    };
  });
}

/** The same request with everything in it the other way round. */
export function turned({ request }: Mix): TopologyRequest {
  return {
    ...request,
    networks: request.networks
      .map((network) => ({
        ...network,
        nodes: network.nodes.toReversed(),
        attachments: network.attachments.toReversed(),
        ...(network.policies && {
          policies: { ...network.policies, policies: network.policies.policies.toReversed() },
        }),
        ...(network.services && { services: network.services.toReversed() }),
      }))
      .toReversed(),
  };
}
