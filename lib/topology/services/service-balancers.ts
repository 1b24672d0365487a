import { containsAddress, type Family, formatAddress, parseAddress } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { grouped } from "../naming/grouped.ts";
import { loadBalancerGroupNames, namePrefix } from "../naming/names.ts";
import type { PolicyProtocol } from "../request/policy-input.ts";
import type { ServiceInput } from "../request/service-input.ts";
import { type Endpoints, endpointsOf, type PodAddresses, type PortEndpoints } from "./service-endpoints.ts";
import type { ServiceNode } from "./service-node.ts";

// Which load balancers a service becomes, and what is in each (go-controller/pkg/ovn/controller/services/lb_config.go). On
// user-defined networks upstream uses groups and no templates.

/** A load balancer, and where it is. */
export interface Balancer {
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly vips: Readonly<Record<string, string>>;
  readonly skipSnat: boolean;
  readonly switches: readonly string[];
  readonly routers: readonly string[];
  readonly groups: readonly string[];
}

const PROTOCOLS: readonly PolicyProtocol[] = ["TCP", "UDP", "SCTP"];

/** One address and port, and where that leads. */
interface Rule {
  readonly vip: string;
  readonly targets: readonly string[];
}

/** What one port of a service asks for. */
interface Config {
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Undefined: those of each node. */
  readonly vips: readonly string[] | undefined;
  readonly endpoints: PortEndpoints;
  readonly externalLocal: boolean;
  /** The vips of which traffic from pods stays on its node. */
  readonly internalLocal: ReadonlySet<string>;
}

/** What all load balancers of a network are made from. */
export interface BalancerContext {
  readonly spec: NetworkSpec;
  readonly nodes: readonly ServiceNode[];
  /** Whether the server has load balancer groups. */
  readonly groups: boolean;
  readonly addressesOf: PodAddresses;
}

/** Makes the load balancers of a service, in the order in which upstream makes them. */
export function balancersOf(context: BalancerContext, service: ServiceInput): Balancer[] {
  const { spec, nodes, addressesOf } = context;
  const { perNode, cluster } = configsOf(spec, service, addressesOf);
  const prefix = `${namePrefix(spec.name)}Service_${service.namespace}/${service.name}`;
  return [...clusterBalancers(context, prefix, cluster), ...merged(nodeBalancers(prefix, nodes, perNode))];
}

function configsOf(
  spec: NetworkSpec,
  service: ServiceInput,
  addressesOf: PodAddresses,
): { readonly perNode: readonly Config[]; readonly cluster: readonly Config[] } {
  const externalLocal = service.externalTrafficPolicy === "Local";
  const internalLocal = service.internalTrafficPolicy === "Local";
  const clusterIPs = service.clusterIPs.map(canonical);
  const externalIPs = (service.externalIPs ?? []).map(canonical);
  const perNode: Config[] = [];
  const cluster: Config[] = [];
  for (const each of service.ports) {
    const { protocol = "TCP", port, nodePort = 0 } = each;
    const endpoints = endpointsOf(service, each, addressesOf);
    const common = { protocol, endpoints, internalLocal: new Set<string>() };
    if (nodePort !== 0) perNode.push({ ...common, port: nodePort, vips: undefined, externalLocal });
    const isApart = externalLocal && externalIPs.length > 0;
    if (isApart) perNode.push({ ...common, port, vips: externalIPs, externalLocal: true });
    const own: Config = {
      ...common,
      port,
      vips: isApart ? clusterIPs : [...clusterIPs, ...externalIPs],
      externalLocal: false,
      internalLocal: new Set(internalLocal ? clusterIPs : []),
    };
    (internalLocal || hasHosts(spec, endpoints.all) ? perNode : cluster).push(own);
  }
  return { perNode, cluster };
}

/** Whether something is no pod of the network: from its own node it has to be reached in another way than from others. */
function hasHosts(spec: NetworkSpec, endpoints: readonly Endpoints[]): boolean {
  return endpoints.some(({ addresses }) =>
    [...addresses[4], ...addresses[6]].some((text) => {
      const address = parseAddress(text);
      return address !== undefined && !spec.subnets.some((subnet) => containsAddress(subnet, address));
    }),
  );
}

function clusterBalancers(
  { spec, nodes, groups }: BalancerContext,
  prefix: string,
  configs: readonly Config[],
): Balancer[] {
  return byProtocol(configs).map(([protocol, own]) => ({
    name: `${prefix}_${protocol}_cluster`,
    protocol,
    vips: vipsOf(
      own.flatMap(({ vips = [], port, endpoints }) =>
        vips.map((vip) => ({ vip: joined(vip, port), targets: targetsOf(endpoints.all, familyOf(vip)) })),
      ),
    ),
    skipSnat: false,
    switches: groups ? [] : nodes.map(({ switchName }) => switchName),
    routers: groups ? [] : nodes.map(({ routerName }) => routerName),
    groups: groups ? [loadBalancerGroupNames(spec.name).cluster] : [],
  }));
}

/** A balancer whose vips are not joined yet: only whole rules can be compared. */
type Draft = Omit<Balancer, "vips"> & { readonly rules: readonly Rule[] };

function nodeBalancers(prefix: string, nodes: readonly ServiceNode[], configs: readonly Config[]): Draft[] {
  return nodes.flatMap((node) =>
    byProtocol(configs).flatMap(([protocol, own]) => {
      const { switchRules, routerRules, localRules } = rulesOf(node, own);
      const draft = (scope: string, at: Partial<Draft>): Draft => ({
        name: `${prefix}_${protocol}_${scope}_${node.name}`,
        protocol,
        rules: [],
        skipSnat: false,
        switches: [],
        routers: [],
        groups: [],
        ...at,
      });
      const routers = [node.routerName];
      const switches = [node.switchName];
      if (switchRules.length > 0 && isSame(switchRules, routerRules))
        return [draft("node_router+switch", { routers, switches, rules: routerRules })];
      return [
        ...(routerRules.length > 0 ? [draft("node_router", { routers, rules: routerRules })] : []),
        ...(localRules.length > 0
          ? [draft("node_local_router", { routers, rules: localRules, skipSnat: true })]
          : []),
        ...(switchRules.length > 0 ? [draft("node_switch", { switches, rules: switchRules })] : []),
      ];
    }),
  );
}

/** What a node's switch and its gateway router do; traffic from outside that stays on the node keeps its source. */
function rulesOf(
  node: ServiceNode,
  configs: readonly Config[],
): Readonly<Record<"switchRules" | "routerRules" | "localRules", readonly Rule[]>> {
  const switchRules: Rule[] = [];
  const routerRules: Rule[] = [];
  const localRules: Rule[] = [];
  for (const config of configs) {
    const { endpoints, port, externalLocal, internalLocal } = config;
    const here = endpoints.all.map((each) => ({
      port: each.port,
      addresses: endpoints.on(node.name, each.port),
    }));
    for (const vip of config.vips ?? (node.nodePort ? node.addresses : [])) {
      const family = familyOf(vip);
      const source = joined(vip, port);
      if (externalLocal && config.vips === undefined)
        switchRules.push({ vip: joined(node.localOnly[family], port), targets: targetsOf(here, family) });
      switchRules.push({
        vip: source,
        targets: targetsOf(internalLocal.has(vip) ? here : endpoints.all, family),
      });
      const targets = targetsOf(externalLocal ? here : endpoints.all, family, (address) =>
        node.gatewayAddresses.includes(address) ? node.host[family] : address,
      );
      (externalLocal && targets.length > 0 ? localRules : routerRules).push({ vip: source, targets });
    }
  }
  return { switchRules, routerRules, localRules };
}

/** Nodes for which a balancer is the same share one. */
function merged(drafts: readonly Draft[]): Balancer[] {
  const same = grouped(drafts, ({ protocol, skipSnat, rules }) =>
    JSON.stringify([protocol, skipSnat, rules]),
  );
  return [...same.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const { rules, ...balancer } = first;
    return [
      {
        ...balancer,
        name: others.length === 0 ? first.name : `${first.name}_merged`,
        vips: vipsOf(rules),
        switches: group.flatMap(({ switches }) => switches),
        routers: group.flatMap(({ routers }) => routers),
      },
    ];
  });
}

function byProtocol(configs: readonly Config[]): (readonly [PolicyProtocol, readonly Config[]])[] {
  return PROTOCOLS.flatMap((protocol) => {
    const own = configs.filter((config) => config.protocol === protocol);
    return own.length === 0 ? [] : [[protocol, own] as const];
  });
}

function targetsOf(
  endpoints: readonly Endpoints[],
  family: Family,
  seenAs: (address: string) => string = (address) => address,
): string[] {
  return endpoints.flatMap(({ port, addresses }) =>
    addresses[family].map((address) => joined(seenAs(address), port)),
  );
}

/** Two rules of one address and port lead to the targets of both. */
function vipsOf(rules: readonly Rule[]): Readonly<Record<string, string>> {
  const targets = new Map<string, string[]>();
  for (const rule of rules) targets.set(rule.vip, [...(targets.get(rule.vip) ?? []), ...rule.targets]);
  return Object.fromEntries([...targets].map(([vip, list]) => [vip, list.join(",")]));
}

function isSame(one: readonly Rule[], other: readonly Rule[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function joined(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
