import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import { type AddressPool, commonPool, nodePool } from "../addresses/address-pool.ts";
import { grantSubnets, type NodeGrant } from "../addresses/node-grants.ts";
import { type Allocation, type AttachmentSite, allocateAddresses } from "../addresses/pod-addresses.ts";
import type { Cidr } from "../description/address.ts";
import { NameCollisionError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { checkedName } from "../description/spec.ts";
import { fault } from "../description/spec-field.ts";
import { dhcpRows } from "../dhcp/dhcp.ts";
import {
  layer2SwitchName,
  localnetSwitchName,
  namePrefix,
  nodeSwitchName,
  podPortName,
} from "../naming/names.ts";
import { order } from "../naming/order.ts";
import { rowKey } from "../naming/row-key.ts";
import { nodesHere } from "../primary/nodes-here.ts";
import { primaryRows, withoutLeftovers } from "../primary/primary-rows.ts";
import type {
  AttachmentInput,
  IpamClaimInput,
  NodeInput,
  Observed,
  ObservedPort,
  TopologyOptions,
} from "../request/inputs.ts";
import { zoneKeys } from "../request/zone-keys.ts";
import { checkMode, checkZone, hasPortHere, splitNodes } from "../request/zones.ts";
import type { BuiltAttachment, BuiltNetwork, BuiltNode, NetworkParts } from "../rows/built-network.ts";
import { sharedChassisNotes } from "../rows/chassis-notes.ts";
import { layer2Rows } from "../rows/layer2.ts";
import { layer3NodeRows, layer3Rows } from "../rows/layer3.ts";
import { localnetRows } from "../rows/localnet.ts";
import { isOf2023, type NetworkContext } from "../rows/network-context.ts";
import { standingRows } from "../rows/standing-rows.ts";
import { checkRecord, checkTunnelIds, elsewhere } from "../zones/zone-pod.ts";
import { checkZones, zoneRows } from "../zones/zone-rows.ts";
import { checkCollisions } from "./collisions.ts";
import { checkMacs } from "./mac-conflicts.ts";
import { addressElement, podPortRow } from "./pod-port.ts";

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
  /** Of the rows only the pods' ports, and what they are told by DHCP; addresses go to pods in the order given. @default false */
  readonly portsOnly?: boolean;
  /** Whether the nodes are some of many: then all may be in other zones. @default false */
  readonly isPart?: boolean;
}

/** All rows of one network, in one list; the public `buildNetwork` without its checks. */
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
  scope: PartScope,
): NetworkParts {
  const { portsOnly = false, isPart = false } = scope;
  checkMode(options);
  const sortedNodes = sortNodes(nodes);
  const { local, remote } = splitNodes(sortedNodes, options);
  const pods =
    attachments.length === 0 ? noPods : sortPods(spec, sortedNodes, attachments, options, portsOnly);
  const hasZones = options.mode === "interconnect" && scope.gateways;
  if (hasZones) {
    if (!isPart) checkZone(sortedNodes, options);
    checkZones(spec, sortedNodes, options, observed);
  }
  const notes = new Set<string>();
  const keys = hasZones ? zoneKeys(spec, sortedNodes) : undefined;
  const remoteNames = new Set(remote.map(({ name }) => name));
  const context: NetworkContext = {
    spec,
    options,
    observed,
    remote: remoteNames,
    keys,
    hasManyNodes: options.mode === "central" || nodesHere(spec.name, local, observed).length > 1,
    note: (text) => notes.add(text),
  };
  for (const note of sharedChassisNotes(sortedNodes)) context.note(note);
  const grants: ReadonlyMap<string, NodeGrant> =
    spec.topology === "layer3" ? grantSubnets(spec, sortedNodes, observed) : new Map();
  const subnets = new Map<string, readonly Cidr[]>();
  for (const [name, grant] of grants) subnets.set(name, grant.subnets);
  const ports =
    attachments.length === 0 && (scope.claims ?? []).length === 0
      ? noPorts
      : placePorts(context, pods.sorted, subnets, scope.claims);
  const dhcp = dhcpRows(context, ports.allocations, scope.gateways);
  const hasRoutes = hasZones || (spec.primary !== undefined && scope.gateways);
  const rows: DesiredRow[] = portsOnly ? [] : [...networkRows(context)];
  for (const row of dhcp.rows) rows.push(row);
  if (!portsOnly && grants.size > 0)
    for (const node of local) {
      const own = grants.get(node.name);
      if (own) rows.push(...layer3NodeRows(context, node, own));
    }
  for (const allocation of ports.allocations) {
    const node = pods.nodes.get(allocation.site.input.node);
    if (node) rows.push(podPortRow(context, node, allocation, dhcp.columnsOf(allocation)));
  }
  if (spec.primary && scope.gateways) for (const row of primaryRows(context, local, subnets)) rows.push(row);
  if (hasZones) for (const row of zoneRows(context, { local, remote }, subnets)) rows.push(row);
  const built = {
    standing: portsOnly ? [] : standingRows(spec, options.profile),
    rows: hasRoutes ? withoutLeftovers(context, rows, sortedNodes, subnets) : rows,
    removals: [...leftoverGroups(context), ...dhcp.removals],
    nodes: builtNodes(grants, remoteNames),
    attachments: ports.allocations.map((allocation) => builtPort(allocation, remoteNames)),
    elsewhere: ports.elsewhere.map(elsewhere),
    notes: [...notes],
  };
  checkCollisions([built]);
  return built;
}

/** Pods in order, and the nodes that they may be on, by name. */
interface SortedPods {
  readonly sorted: readonly AttachmentInput[];
  readonly nodes: ReadonlyMap<string, NodeInput>;
}

/** A plan of nodes alone has none. */
const noPods: SortedPods = { sorted: [], nodes: new Map() };

function sortPods(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  attachments: readonly AttachmentInput[],
  options: TopologyOptions,
  isInOrder: boolean,
): SortedPods {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  checkAttachments(attachments);
  const sorted = isInOrder ? attachments : sortAttachments(attachments);
  for (const input of sorted) {
    if (byName.has(input.node)) continue;
    // Nothing but its name is needed where nodes have no rows of their own, as when a pod is attached.
    if (spec.topology === "layer3" || spec.primary || options.mode !== "central") {
      throw fault(`${podPath(input)}.node`, input.node, "is not among `nodes`", input.source);
    }
    byName.set(input.node, { name: input.node });
  }
  return { sorted, nodes: byName };
}

/** Pods that have ports in this database, with their addresses, and all others. */
interface PlacedPorts {
  readonly allocations: readonly Allocation[];
  readonly elsewhere: readonly AttachmentInput[];
}

const noPorts: PlacedPorts = { allocations: [], elsewhere: [] };

function placePorts(
  context: NetworkContext,
  pods: readonly AttachmentInput[],
  subnets: ReadonlyMap<string, readonly Cidr[]>,
  claims: readonly IpamClaimInput[] | undefined,
): PlacedPorts {
  const { spec, options, observed, remote } = context;
  if (options.mode === "interconnect") {
    for (const input of pods) checkRecord(spec, input);
    checkTunnelIds(spec, pods);
  }
  const here = pods.filter((input) => hasPortHere(spec, input, remote));
  const sites = makeSites(spec, here, subnets);
  checkOwners(sites, observed.ports);
  const allocations = allocateAddresses(spec, sites, observed, claims);
  checkMacs(context, allocations);
  noteNewClaims(context, allocations);
  noteDisplaced(context, allocations.filter(({ displaced }) => displaced).length);
  return { allocations, elsewhere: pods.filter((input) => !hasPortHere(spec, input, remote)) };
}

function builtNodes(grants: ReadonlyMap<string, NodeGrant>, remote: ReadonlySet<string>): BuiltNode[] {
  const nodes: BuiltNode[] = [];
  for (const [name, { subnets, isNew, exclusive, unseen }] of grants) {
    if (remote.has(name)) continue;
    nodes.push({ name, subnets: subnets.map(({ text }) => text), isNew, exclusive, unseen });
  }
  return nodes;
}

function builtPort(allocation: Allocation, remote: ReadonlySet<string>): BuiltAttachment {
  const { input, portName, switchName } = allocation.site;
  return {
    input,
    portName,
    addresses: addressElement(allocation),
    mac: allocation.mac,
    ips: allocation.ips.map((ip) => `${ip.address}/${ip.prefix}`),
    exclusive: allocation.exclusive,
    unseen: allocation.exclusive && allocation.existing !== undefined && !allocation.replaces,
    switchKey: rowKey("Logical_Switch", switchName),
    isRemote: remote.has(input.node),
  };
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

function checkAttachments(attachments: readonly AttachmentInput[]): void {
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
}

function sortAttachments(attachments: readonly AttachmentInput[]): readonly AttachmentInput[] {
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
