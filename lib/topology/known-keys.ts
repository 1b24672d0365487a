import { type KnownKeys, meantKey, notKnown, unknownKey } from "../jsonrpc/index.ts";
import type { DeletionRequest } from "./deletion.ts";
import type { DhcpInput } from "./dhcp-spec.ts";
import { SpecError } from "./errors.ts";
import type {
  AttachmentInput,
  DefaultPortInput,
  GatewayInput,
  IpamClaimInput,
  NodeInput,
  PodRecord,
  VirtualMachineInput,
} from "./inputs.ts";
import type { Network, NetworkPlanInput, PodAttachment } from "./network.ts";
import type { PodOverview } from "./network-overview.ts";
import type { NetworkInput, SubnetSpec } from "./network-spec.ts";
import type { NetworkRequest, PlanOptions, TopologyRequest } from "./request.ts";

/** A pod whose ports shall go, as `Network.detach` takes it. */
type LeavingPod = Parameters<Network["detach"]>[1];

/** All keys of X: a literal of this type that lacks one, or has another, does not compile. */
type KeysOf<X> = Readonly<Record<keyof X, true>>;

const NETWORK: KeysOf<NetworkInput> = {
  name: true,
  nad: true,
  role: true,
  subnets: true,
  excludeSubnets: true,
  mtu: true,
  underlayMtu: true,
  vlanID: true,
  physicalNetworkName: true,
  allowPersistentIPs: true,
  joinSubnet: true,
  transitSubnet: true,
  reservedSubnets: true,
  infrastructureSubnets: true,
  defaultGatewayIPs: true,
  networkId: true,
  dhcp: true,
  tunnelKeys: true,
};

const SUBNET: KeysOf<SubnetSpec> = { cidr: true, hostPrefix: true };

const DHCP: KeysOf<DhcpInput> = {
  serves: true,
  dnsServers: true,
  router: true,
  leaseTime: true,
  domainName: true,
};

/** Nodes of manifests also say where they were written. */
const NODE: KeysOf<NodeInput> & KnownKeys = {
  name: true,
  chassisId: true,
  subnets: true,
  gatewayMtuSupport: true,
  zone: true,
  transitAddresses: true,
  id: true,
  gateway: true,
  hostAddresses: true,
  masqueradeSubnets: true,
  networkIds: true,
  source: true,
  fields: true,
};

const GATEWAY: KeysOf<GatewayInput> = {
  mode: true,
  bridge: true,
  mac: true,
  ips: true,
  nextHops: true,
  nodePort: true,
  vlan: true,
};

const POD: KeysOf<AttachmentInput & PodAttachment> = {
  namespace: true,
  name: true,
  node: true,
  nad: true,
  ips: true,
  mac: true,
  uid: true,
  recorded: true,
  labels: true,
  ports: true,
  vm: true,
  defaultPort: true,
  claim: true,
  source: true,
};

/** A pod as `listNetworks` tells of it. */
const LISTED_POD: KeysOf<AttachmentInput & PodOverview> = {
  ...POD,
  chassis: true,
  port: true,
  portUuid: true,
  switch: true,
};

const RECORD: KeysOf<PodRecord> = { ips: true, mac: true, tunnelId: true };
const MACHINE: KeysOf<VirtualMachineInput> = { name: true, peer: true, active: true };
const DEFAULT_PORT: KeysOf<DefaultPortInput> = { ips: true, mac: true, openPorts: true };
const CLAIM: KeysOf<IpamClaimInput> = { namespace: true, name: true, ips: true, source: true };

/** How rows are to look. */
export const PLAN_OPTIONS: KeysOf<PlanOptions> = {
  profile: true,
  mode: true,
  zone: true,
  gatewayMode: true,
  clusterMtu: true,
  migrate: true,
};

const PLAN: KeysOf<NetworkPlanInput> = {
  nodes: true,
  pods: true,
  claims: true,
  prune: true,
  merge: true,
  ...PLAN_OPTIONS,
};

const REQUEST: KeysOf<TopologyRequest> = {
  networks: true,
  prune: true,
  merge: true,
  pruneNetworks: true,
  ...PLAN_OPTIONS,
};

const NETWORK_REQUEST: KeysOf<NetworkRequest> = {
  spec: true,
  nodes: true,
  attachments: true,
  claims: true,
  policies: true,
  services: true,
};

const DELETION: KeysOf<DeletionRequest> = {
  networks: true,
  pods: true,
  policies: true,
  services: true,
  force: true,
};

/** Of a pod whose ports shall go: whoever has it as it was attached gives it as it is. */
const LEAVING_POD: KnownKeys = { ...POD, network: true };
const LISTED_LEAVING_POD: KnownKeys = { ...LISTED_POD, network: true };

/** Throws `SpecError` for a key of a network's description that nobody reads. */
export function checkNetworkKeys(input: NetworkInput): void {
  const key = unknownKey(input, NETWORK);
  if (key === undefined) return;
  const meant = meantKey(key, NETWORK);
  // What is said of each subnet is easily written beside them.
  const ofSubnet = meant === undefined ? meantKey(key, SUBNET) : undefined;
  throw stranger(key, input, key, ofSubnet === undefined ? meant : `${ofSubnet} in an entry of subnets`);
}

/** The same for one of its subnets. */
export function checkSubnetKeys(subnet: SubnetSpec): void {
  checkKeys("subnets", subnet, SUBNET);
}

/** The same for what it says of DHCP. */
export function checkDhcpKeys(dhcp: DhcpInput): void {
  checkKeys("dhcp", dhcp, DHCP);
}

/** The same for what a plan of one network is made from. */
export function checkPlanKeys(input: NetworkPlanInput): void {
  checkKeys("", input, PLAN);
}

/** The same for a request of several networks. */
export function checkRequestKeys(request: TopologyRequest): void {
  checkKeys("", request, REQUEST);
}

/** The same for one of them. */
export function checkNetworkRequestKeys(path: string, request: NetworkRequest): void {
  checkKeys(path, request, NETWORK_REQUEST);
}

/** The same for a request to remove something. */
export function checkDeletionKeys(request: DeletionRequest): void {
  checkKeys("", request, DELETION);
}

/** The same for a claim. */
export function checkClaimKeys(path: string, claim: IpamClaimInput): void {
  checkKeys(path, claim, CLAIM, claim.source);
}

/** The same for a node. `place` tells where it stands if it has no name. */
export function checkNodeKeys(place: () => string, node: NodeInput): void {
  const key = unknownKey(node, NODE);
  const inGateway = isObject(node.gateway) ? unknownKey(node.gateway, GATEWAY) : undefined;
  if (key === undefined && inGateway === undefined) return;
  const path = typeof node.name === "string" ? `nodes[${node.name}]` : place();
  checkKeys(path, node, NODE);
  checkPart(`${path}.gateway`, node.gateway, GATEWAY);
}

/** The same for a pod that is to have a port, in either form. `place` tells where it stands if it has no name. */
export function checkPodKeys(place: () => string, pod: AttachmentInput | PodAttachment): void {
  const known = "portUuid" in pod ? LISTED_POD : POD;
  const { recorded, vm, defaultPort, claim } = pod;
  const isPlain =
    recorded === undefined && vm === undefined && defaultPort === undefined && claim === undefined;
  if (isPlain && unknownKey(pod, known) === undefined) return;
  const path = podPath(place, pod);
  checkKeys(path, pod, known, pod.source);
  checkPart(`${path}.recorded`, recorded, RECORD, pod.source);
  checkPart(`${path}.vm`, vm, MACHINE, pod.source);
  checkPart(`${path}.defaultPort`, defaultPort, DEFAULT_PORT, pod.source);
  checkPart(`${path}.claim`, claim, CLAIM, pod.source);
}

/** The same for a pod whose ports shall go. */
export function checkLeavingPodKeys(path: string, pod: DeletionRequest["pods"][number] | LeavingPod): void {
  checkKeys(
    podPath(() => path, pod),
    pod,
    "portUuid" in pod ? LISTED_LEAVING_POD : LEAVING_POD,
  );
}

function podPath(
  place: () => string,
  { namespace, name }: Pick<AttachmentInput, "namespace" | "name">,
): string {
  return typeof namespace === "string" && typeof name === "string" ? `pods[${namespace}/${name}]` : place();
}

function checkPart(path: string, part: unknown, known: KnownKeys, source?: string): void {
  if (isObject(part)) checkKeys(path, part, known, source);
}

function checkKeys(path: string, given: object, known: KnownKeys, source?: string): void {
  const key = unknownKey(given, known);
  if (key === undefined) return;
  throw stranger(path === "" ? key : `${path}.${key}`, given, key, meantKey(key, known), source);
}

function stranger(
  path: string,
  given: object,
  key: string,
  meant: string | undefined,
  source?: string,
): SpecError {
  return new SpecError(`${path} ${notKnown(meant)}`, { path, value: given[key as never], source });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
