import fc from "fast-check";
import {
  type AttachmentInput,
  type GatewayMode,
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
  /** Primary layer2: ranges that pods do not get by themselves. */
  readonly ranges: { readonly reserved: boolean; readonly infrastructure: boolean };
  readonly pods: readonly PodChoice[];
}

interface PodChoice {
  /** Its node, by number. */
  readonly at: number;
  /** Whether a virtual machine is in it, or was before it moved to another one: layer2 and localnet only. */
  readonly machine: "none" | "stays" | "moved";
  /** Primary networks: whether it has a port on the cluster's own network, with or without open ports. */
  readonly defaultPort: "none" | "closed" | "open";
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
  ranges: fc.record({ reserved: fc.boolean(), infrastructure: fc.boolean() }),
  pods: fc.array(
    fc.record<PodChoice>({
      at: fc.nat(2),
      machine: fc.constantFrom("none", "stays", "moved"),
      defaultPort: fc.constantFrom("none", "closed", "open"),
    }),
    { maxLength: 5 },
  ),
});

/** One to four networks on one to three nodes, in one database or in that of the first node's zone. */
export const mixes: fc.Arbitrary<Mix> = fc
  .record({
    mode: fc.constantFrom<Mode>("central", "interconnect"),
    gatewayMode: fc.constantFrom<GatewayMode>("shared", "local"),
    nodeCount: fc.integer({ min: 1, max: 3 }),
    chosen: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), choice), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
  })
  .map(({ mode, gatewayMode, nodeCount, chosen }) => {
    const drawn = chosen.map(([name, each], index) => ({ name, ...each, index }));
    // A pod has one port on the cluster's own network, however many networks it is on.
    const first = drawn.find(isPrimary);
    const specs = drawn.map((each) => ({ ...each, hasDefaultPorts: each === first }));
    const nodes = Array.from({ length: nodeCount }, (_, index) => nodeOf(index, mode, gatewayMode, specs));
    const networks = specs.map((each) => networkOf(each, mode, nodes));
    return {
      request: { mode, gatewayMode, ...(mode === "interconnect" && { zone: "node0" }), networks },
      kinds: networks.map(({ spec, attachments, policies: asked, services }) =>
        [
          mode,
          spec.role,
          spec.topology,
          ...(asked ? ["policies"] : []),
          ...(services ? ["services"] : []),
          ...(spec.dhcp ? ["dhcp"] : []),
          ...(spec.role === "primary" ? [`${gatewayMode} gateway`] : []),
          ...(attachments.some(({ vm }) => vm) ? ["machines"] : []),
          ...(attachments.some(({ vm }) => vm?.active) ? ["moves"] : []),
          ...(attachments.some(({ defaultPort }) => defaultPort) ? ["default ports"] : []),
          ...(spec.primary?.reserved.length ? ["reserved"] : []),
          ...(spec.primary?.infrastructure.length ? ["infrastructure"] : []),
        ].join(" "),
      ),
    };
  });

type Numbered = Choice & {
  readonly name: string;
  readonly index: number;
  /** Whether its pods have ports on the cluster's own network. */
  readonly hasDefaultPorts: boolean;
};

function isPrimary({ isPrimary: isAsked, topology }: Choice): boolean {
  return isAsked && topology !== "localnet";
}

function pick(families: readonly number[], four: string, six: string): string[] {
  return [...(families.includes(4) ? [four] : []), ...(families.includes(6) ? [six] : [])];
}

function nodeOf(
  index: number,
  mode: Mode,
  gatewayMode: GatewayMode,
  networks: readonly Numbered[],
): NodeInput {
  const id = index + 2;
  return {
    name: `node${index}`,
    id,
    chassisId: `chassis${index}`,
    masqueradeSubnets: ["169.254.0.0/16", "fd69::/112"],
    gateway: {
      mode: gatewayMode,
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
  const isOwn = isPrimary(choice);
  const isFlat = topology !== "layer3";
  // Of a primary layer2 network one node is in a database.
  const nodes = isOwn && topology === "layer2" && mode === "central" ? all.slice(0, 1) : all;
  const cidr = topology === "layer3" ? "/16" : "/24";
  const input: NetworkInput = {
    name,
    nad: `default/${name}`,
    role: isOwn ? "primary" : "secondary",
    networkId: index + 1,
    subnets: pick(families, `10.${index + 1}.0.0${cidr}`, `fd00:${index + 1}::/${isFlat ? 64 : 48}`),
    ...(isOwn && isFlat && rangesOf(choice)),
    ...(choice.dhcp && isFlat && !isOwn && { dhcp: true }),
    ...(isOwn &&
      topology === "layer2" &&
      mode === "interconnect" && { tunnelKeys: [16_711_684 + index, 16_715_780 + index] }),
  };
  const attachments = pods.flatMap(({ at, machine, defaultPort }, number): AttachmentInput[] => {
    const node = nodes[at % nodes.length]?.name ?? "";
    const four = `10.${index + 1}.0.${number + 100}/24`;
    const pod: AttachmentInput = {
      namespace: "default",
      name: `pod${number}`,
      nad: `default/${name}`,
      node,
      uid: `uid${number}`,
      labels: { app: number % 2 === 0 ? "x" : "y" },
      ...(machine !== "none" && { vm: { name: `machine${number}` } }),
      ...(choice.hasDefaultPorts &&
        defaultPort !== "none" && {
          defaultPort: {
            ips: pick(families, `10.244.0.${number + 10}/24`, `fd00:10:244::${number + 10}/64`),
            ...(defaultPort === "open" && {
              openPorts: [{ protocol: "icmp" }, { protocol: "tcp", port: 80 }],
            }),
          },
        }),
      ...(mode === "interconnect" &&
        isFlat && {
          recorded: {
            ips: pick(families, four, `fd00:${index + 1}::${number + 100}/64`),
            tunnelId: number + 10,
          },
        }),
    };
    if (machine !== "moved" || !isFlat) return [pod];
    const vm = { name: `machine${number}` };
    const { recorded, defaultPort: _, ...rest } = pod;
    return [
      { ...pod, vm: { ...vm, active: false } },
      {
        ...rest,
        name: `moved${number}`,
        uid: `moved-uid${number}`,
        node: nodes[(at + 1) % nodes.length]?.name ?? "",
        vm: { ...vm, active: true },
        ...(recorded && { recorded: { ...recorded, tunnelId: number + 20 } }),
      },
    ];
  });
  // Where pods of other zones got their addresses from those zones, their policies need more than is made up here.
  const asked = mode === "interconnect" && !isFlat ? [] : choice.policies;
  return {
    spec: parseNetwork(topology, input),
    nodes,
    attachments,
    ...(asked.length > 0 && { policies: { policies: asked, namespaces: [{ name: "default" }] } }),
    ...(isOwn && choice.services > 0 && { services: servicesOf(choice) }),
  };
}

/** Of the last addresses of each subnet; pods have those from the first on. */
function rangesOf({ index, families, ranges }: Numbered): Partial<NetworkInput> {
  const range = (last: number): string[] =>
    pick(families, `10.${index + 1}.0.${last}/28`, `fd00:${index + 1}::${last.toString(16)}/124`);
  return {
    ...(ranges.reserved && { reservedSubnets: range(208) }),
    ...(ranges.infrastructure && { infrastructureSubnets: range(240) }),
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
