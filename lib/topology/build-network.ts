import type { DesiredRow, Removal } from "../reconcile/index.ts";
import type { Cidr } from "./address.ts";
import { type AddressPool, commonPool, nodePool } from "./address-pool.ts";
import type { BuiltNetwork, NetworkParts } from "./built-network.ts";
import { checkCollisions } from "./collisions.ts";
import { dhcpRows } from "./dhcp.ts";
import { NameCollisionError } from "./errors.ts";
import type {
  AttachmentInput,
  IpamClaimInput,
  NodeInput,
  Observed,
  ObservedPort,
  TopologyOptions,
} from "./inputs.ts";
import { layer2Rows } from "./layer2.ts";
import { layer3NodeRows, layer3Rows } from "./layer3.ts";
import { localnetRows } from "./localnet.ts";
import { layer2SwitchName, localnetSwitchName, namePrefix, nodeSwitchName, podPortName } from "./names.ts";
import { isOf2023, type NetworkContext } from "./network-context.ts";
import type { NetworkSpec } from "./network-spec.ts";
import { grantSubnets, type NodeGrant } from "./node-grants.ts";
import { type Allocation, type AttachmentSite, allocateAddresses } from "./pod-addresses.ts";
import { addressElement, podPortRow } from "./pod-port.ts";
import { primaryRows, withoutLeftovers } from "./primary-rows.ts";
import { rowKey } from "./row-key.ts";
import { checkedName } from "./spec.ts";
import { fault } from "./spec-field.ts";
import { standingRows } from "./standing-rows.ts";
import { zoneKeys } from "./zone-keys.ts";
import { checkRecord, checkTunnelIds, elsewhere } from "./zone-pod.ts";
import { checkZones, zoneRows } from "./zone-rows.ts";
import { checkMode, hasPortHere, splitNodes } from "./zones.ts";

/** What of a network is to be built; what is left out is there already and nobody looks at it. */
export interface BuildScope {
  /**
   * Primary networks: the nodes' gateways and management ports; in mode interconnect also what joins the zones. Without them
   * nodes need not say how they are reached.
   */
  readonly gateways: boolean;
  /** IPAMClaims of the network: nobody else gets their addresses. Default: none. */
  readonly claims?: readonly IpamClaimInput[];
}

/** What {@link buildParts} is to build. */
export interface PartScope extends BuildScope {
  /** Of the rows only the pods' ports, and what they are told by DHCP. @default false */
  readonly portsOnly?: boolean;
}

/**
 * Makes the rows of one network, as OVN-Kubernetes makes them (reference: go-controller/pkg/ovn). A pure function: what was
 * allocated before comes in by `observed`, and inputs may come in any order.
 *
 * @throws SpecError for inputs that make no sense, AddressError for addresses and subnets that cannot be had,
 *   NameCollisionError when two inputs get one name.
 */
export function buildNetwork(
  spec: NetworkSpec,
  observed: Observed,
  nodes: readonly NodeInput[],
  attachments: readonly AttachmentInput[],
  options: TopologyOptions,
  scope: BuildScope = { gateways: true },
): BuiltNetwork {
  const { standing, ...built } = buildParts(spec, observed, nodes, attachments, options, scope);
  return { ...built, rows: [...standing.flat(), ...built.rows] };
}

/** The same, with the rows that every plan of the network has apart from the others. */
export function buildParts(
  spec: NetworkSpec,
  observed: Observed,
  nodes: readonly NodeInput[],
  attachments: readonly AttachmentInput[],
  options: TopologyOptions,
  { portsOnly = false, ...scope }: PartScope,
): NetworkParts {
  checkMode(options);
  const sortedNodes = sortNodes(nodes);
  const { local, remote } = splitNodes(sortedNodes, options);
  const byName = new Map(sortedNodes.map((node) => [node.name, node]));
  const sorted = sortAttachments(attachments);
  for (const input of sorted) {
    if (byName.has(input.node)) continue;
    // Nothing but its name is needed where nodes have no rows of their own, as when a pod is attached.
    if (spec.topology === "layer3" || spec.primary || options.mode !== "central") {
      throw fault(`${podPath(input)}.node`, input.node, "is not among `nodes`", input.source);
    }
    byName.set(input.node, { name: input.node });
  }
  const hasZones = options.mode === "interconnect" && scope.gateways;
  if (hasZones) checkZones(spec, sortedNodes, options, observed);
  const notes = new Set<string>();
  const keys = hasZones ? zoneKeys(spec, sortedNodes) : undefined;
  const remoteNames = new Set(remote.map(({ name }) => name));
  const context: NetworkContext = {
    spec,
    options,
    observed,
    remote: remoteNames,
    keys,
    hasManyNodes: options.mode === "central" || local.length > 1,
    note: (text) => notes.add(text),
  };
  const grants: ReadonlyMap<string, NodeGrant> =
    spec.topology === "layer3" ? grantSubnets(spec, sortedNodes, observed) : new Map();
  const subnets = new Map([...grants].map(([name, grant]) => [name, grant.subnets]));
  if (options.mode === "interconnect") {
    for (const input of sorted) checkRecord(spec, input);
    checkTunnelIds(spec, sorted);
  }
  const here = sorted.filter((input) => hasPortHere(spec, input, remoteNames));
  const sites = makeSites(spec, here, subnets);
  checkOwners(sites, observed.ports);
  const allocations = allocateAddresses(spec, sites, observed, scope.claims);
  noteNewClaims(context, allocations);
  noteDisplaced(context, allocations.filter(({ displaced }) => displaced).length);
  const dhcp = dhcpRows(context, allocations, scope.gateways);
  const rows = [
    ...(portsOnly ? [] : networkRows(context)),
    ...dhcp.rows,
    ...(portsOnly ? [] : local).flatMap((node) => {
      const own = grants.get(node.name);
      return own ? layer3NodeRows(context, node, own) : [];
    }),
    ...allocations.flatMap((allocation) => {
      const node = byName.get(allocation.site.input.node);
      return node ? [podPortRow(context, node, allocation, dhcp.columnsOf(allocation))] : [];
    }),
    ...(spec.primary && scope.gateways ? primaryRows(context, local, subnets) : []),
    ...zoneRows(context, { local, remote }, subnets),
  ];
  const hasRoutes = hasZones || (spec.primary && scope.gateways);
  const built = {
    standing: portsOnly ? [] : standingRows(spec, options.profile),
    rows: hasRoutes ? withoutLeftovers(context, rows, sortedNodes, subnets) : rows,
    removals: [...leftoverGroups(context), ...dhcp.removals],
    nodes: [...grants]
      .filter(([name]) => !remoteNames.has(name))
      .map(([name, { subnets: own, isNew, exclusive }]) => ({
        name,
        subnets: own.map(({ text }) => text),
        isNew,
        exclusive,
      })),
    attachments: allocations.map((allocation) => ({
      input: allocation.site.input,
      portName: allocation.site.portName,
      addresses: addressElement(allocation),
      mac: allocation.mac,
      ips: allocation.ips.map((ip) => `${ip.address}/${ip.prefix}`),
      exclusive: allocation.exclusive,
      switchKey: rowKey("Logical_Switch", allocation.site.switchName),
      isRemote: remoteNames.has(allocation.site.input.node),
    })),
    elsewhere: sorted.filter((input) => !hasPortHere(spec, input, remoteNames)).map(elsewhere),
    notes: [...notes],
  };
  checkCollisions([built]);
  return built;
}

function networkRows(context: NetworkContext): readonly DesiredRow[] {
  switch (context.spec.topology) {
    case "layer3":
      return layer3Rows(context);
    case "layer2":
      return layer2Rows(context);
    case "localnet":
      return localnetRows(context);
  }
}

function sortNodes(nodes: readonly NodeInput[]): NodeInput[] {
  const names = new Set<string>();
  for (const node of nodes) {
    checkedName("nodes", node.name);
    if (names.has(node.name)) {
      throw fault("nodes", node.name, "are given twice");
    }
    names.add(node.name);
    if (node.chassisId !== undefined && node.chassisId !== "") {
      const path = `nodes[${node.name}].chassisId`;
      // `requested-chassis` is a list with commas (ovn-nb(5), Logical_Switch_Port).
      if (/[\s,]/.test(checkedName(path, node.chassisId)))
        throw fault(path, node.chassisId, "must be one chassis: no spaces and commas");
    }
  }
  return nodes.toSorted((a, b) => order(a.name, b.name));
}

function sortAttachments(attachments: readonly AttachmentInput[]): AttachmentInput[] {
  const seen = new Set<string>();
  for (const input of attachments) {
    checkedName("pods.namespace", input.namespace, input.source);
    checkedName("pods.name", input.name, input.source);
    const parts = checkedName(`${podPath(input)}.nad`, input.nad, input.source).split("/");
    if (parts.length < 2 || parts.length > 3 || parts.includes("")) {
      throw fault(
        `${podPath(input)}.nad`,
        input.nad,
        "must be namespace/name or namespace/name/index",
        input.source,
      );
    }
    const key = [input.namespace, input.name, input.nad].join("\n");
    if (seen.has(key)) {
      throw fault(`${podPath(input)}.nad`, input.nad, "is attached twice under one key", input.source);
    }
    seen.add(key);
  }
  return attachments.toSorted(
    (a, b) => order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.nad, b.nad),
  );
}

/** Where every attachment's port goes. Pools are shared: one per subnet. */
function makeSites(
  spec: NetworkSpec,
  attachments: readonly AttachmentInput[],
  subnets: ReadonlyMap<string, readonly Cidr[]>,
): AttachmentSite[] {
  if (attachments.length === 0) return [];
  const nodePools = new Map<string, readonly AddressPool[]>();
  const poolsOf = (node: string): readonly AddressPool[] => {
    const pools = nodePools.get(node) ?? (subnets.get(node) ?? []).map(nodePool);
    nodePools.set(node, pools);
    return pools;
  };
  const commonPools = spec.subnets.map((subnet) => commonPool(spec, subnet));
  return attachments.map((input) => ({
    input,
    portName: podPortName(input.nad, input.namespace, input.name),
    switchName: podSwitchName(spec, input.node),
    pools: spec.topology === "layer3" ? poolsOf(input.node) : commonPools,
  }));
}

/** The switch on which a pod of this node has its port. */
export function podSwitchName(spec: NetworkSpec, node: string): string {
  switch (spec.topology) {
    case "layer3":
      return nodeSwitchName(spec.name, node);
    case "layer2":
      return layer2SwitchName(spec.name);
    case "localnet":
      return localnetSwitchName(spec.name);
  }
}

/** `a-b/c` and `a.b/c` give one name: to two attachments of this call, or to one and a port in the database. */
function checkOwners(sites: readonly AttachmentSite[], ports: readonly ObservedPort[]): void {
  const owners = new Map<string, AttachmentInput>();
  for (const { input, portName } of sites) {
    const owner = owners.get(portName);
    if (owner) {
      throw new NameCollisionError("Logical_Switch_Port", portName, [describePod(owner), describePod(input)]);
    }
    owners.set(portName, input);
  }
  for (const port of ports) {
    const input = owners.get(port.name);
    if (input === undefined) continue;
    const nad = port.externalIds["k8s.ovn.org/nad"];
    // Any other difference is drift, to be repaired.
    if (nad !== undefined && nad !== input.nad && namePrefix(nad) === namePrefix(input.nad)) {
      throw new NameCollisionError("Logical_Switch_Port", port.name, [
        describePod(input),
        `the existing port of ${nad}`,
      ]);
    }
  }
}

/** Nobody who only meant to change a network's subnets may expect that pods which run have other addresses then. */
function noteDisplaced({ spec, note }: NetworkContext, ports: number): void {
  if (ports === 0) return;
  const get = ports === 1 ? "1 port gets a new address" : `${ports} ports get new addresses`;
  const why = ports === 1 ? "its own is" : "their own are";
  note(`network "${spec.name}": ${get}: ${why} outside of the subnets`);
}

/** Only the claim itself remembers what was given out; who made it has to write that down. */
function noteNewClaims({ note }: NetworkContext, allocations: readonly Allocation[]): void {
  for (const { site, ips } of allocations) {
    const { claim } = site.input;
    if (claim === undefined || claim.ips.length > 0 || ips.length === 0) continue;
    const texts = ips.map(({ address, prefix }) => `${address}/${prefix}`).join(", ");
    note(
      `IPAMClaim ${claim.namespace}/${claim.name} has no addresses yet: its status.ips should be ${texts}`,
    );
  }
}

/** Groups that today's profile made; one that serves load balancers stays, and a note says so. */
function leftoverGroups(context: NetworkContext): Removal[] {
  const groups = isOf2023(context) ? (context.observed.groups ?? []) : [];
  return groups.flatMap((group): Removal[] => {
    const { users = [] } = group;
    if (group.loadBalancers.length > 0 || users.length > 0) {
      const reason = users.length > 0 ? `is used by ${someOf(users)}` : "has load balancers";
      context.note(`load balancer group ${group.name} stays because it ${reason}`);
      return [];
    }
    return [
      {
        table: "Load_Balancer_Group",
        uuid: group.uuid,
        name: group.name,
        kind: "load balancer group",
        network: context.spec.name,
        guards: { load_balancer: [] },
      },
    ];
  });
}

/** Of a network that is migrated node by node, all other nodes may use a group. */
function someOf(users: readonly string[]): string {
  const told = users.slice(0, 3).join(", ");
  return users.length > 3 ? `${told} and ${users.length - 3} more` : told;
}

function describePod(input: AttachmentInput): string {
  return `pod ${input.namespace}/${input.name} on ${input.nad}`;
}

function podPath(input: AttachmentInput): string {
  return `pods[${input.namespace}/${input.name}]`;
}

/** Plain code unit order: the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
