import { checkObject } from "../../jsonrpc/index.ts";
import { nameProblem } from "../naming/names.ts";
import type { Cidr } from "./address.ts";
import { containsRange, formatAddress, overlaps, parseCidr } from "./address.ts";
import { checkSpec } from "./check-spec.ts";
import { cidrProblem } from "./cidr-problem.ts";
import { parseJoin } from "./cluster-ranges.ts";
import { noHosts } from "./interface-address.ts";
import { knownSpec } from "./known-specs.ts";
import { HIGHEST_MTU, HIGHEST_NETWORK_ID, HIGHEST_TUNNEL_KEY, HIGHEST_VLAN } from "./limits.ts";
import { checkNetworkKeys, checkSubnetKeys } from "./network-keys.ts";
import type { NetworkInput, NetworkSpec, Subnet, SubnetSpec, TopologyName } from "./network-spec.ts";
import { dhcpText, parseDhcp } from "./parse-dhcp.ts";
import { parsePrimary, refusePrimaryFields } from "./primary-spec.ts";
import { entries, fault } from "./spec-field.ts";

const topologies: readonly string[] = ["layer3", "layer2", "localnet"] satisfies TopologyName[];
const reservedNames: readonly string[] = ["default", "ovn-kubernetes"];

/**
 * Checks the description of a network and brings it into one form. Whether its ranges are the cluster's own is not asked, see
 * {@link checkNetworkRanges}: a network may be there already.
 *
 * @throws SpecError naming the first field that is wrong and what it holds; UsageError for what is no object.
 */
export function parseNetwork(topology: TopologyName, input: NetworkInput): NetworkSpec {
  return knownSpec(topology, input, parse);
}

function parse(topology: TopologyName, input: NetworkInput): NetworkSpec {
  if (!topologies.includes(topology)) {
    throw fault("topology", topology, `must be one of ${topologies.join(", ")}`);
  }
  checkObject("the description of a network", input);
  checkNetworkKeys(input);
  const name = checkedName("name", input.name);
  if (reservedNames.includes(name)) {
    throw fault("name", name, "names the cluster's default network");
  }
  const { role = "secondary" } = input;
  if (role !== "primary" && role !== "secondary") {
    throw fault("role", role, "must be primary or secondary");
  }
  const subnets = parseSubnets(topology, input.subnets);
  const mtu = parseInteger("mtu", input.mtu, HIGHEST_MTU);
  const vlan = parseInteger("vlanID", input.vlanID, HIGHEST_VLAN);
  const physicalNetworkName = parsePhysicalNetwork(input.physicalNetworkName);
  if (topology !== "localnet" && vlan) {
    throw fault("vlanID", vlan, "is for localnet networks only");
  }
  if (topology !== "localnet" && physicalNetworkName !== undefined) {
    throw fault("physicalNetworkName", physicalNetworkName, "is for localnet networks only");
  }
  const underlayMtu = input.underlayMtu ?? false;
  if (typeof underlayMtu !== "boolean") throw fault("underlayMtu", underlayMtu, "must be true or false");
  if (topology !== "localnet" && underlayMtu)
    throw fault("underlayMtu", true, "is for localnet networks only");
  const allowPersistentIPs = input.allowPersistentIPs ?? false;
  if (typeof allowPersistentIPs !== "boolean") {
    throw fault("allowPersistentIPs", allowPersistentIPs, "must be true or false");
  }
  if (topology === "layer3" && allowPersistentIPs) {
    throw fault("allowPersistentIPs", true, "is not for layer3 networks");
  }
  const networkId = parseInteger("networkId", input.networkId, HIGHEST_NETWORK_ID);
  if (networkId === 0) {
    throw fault("networkId", networkId, "is that of the cluster's default network");
  }
  const tunnelKeys = parseTunnelKeys(input.tunnelKeys, topology === "layer2" && role === "primary");
  if (role === "secondary") refusePrimaryFields(input);
  const dhcp = parseDhcp(topology, role, input.dhcp, subnets);
  const excludes = topology === "layer3" ? [] : parseExcludes(input.excludeSubnets, subnets);
  const keepsJoin = role === "secondary" && topology !== "localnet" && input.joinSubnet !== undefined;
  return Object.freeze({
    topology,
    name,
    nads: Object.freeze(parseNads(input.nad)),
    role,
    subnets: Object.freeze(subnets),
    excludes: Object.freeze(excludes),
    ...(mtu && { mtu }),
    ...(underlayMtu && !mtu && { underlayMtu }),
    ...(vlan && { vlan }),
    ...(physicalNetworkName !== undefined && { physicalNetworkName }),
    allowPersistentIPs,
    ...(networkId !== undefined && { networkId }),
    ...(dhcp && { dhcp }),
    ...(tunnelKeys && { tunnelKeys: Object.freeze(tunnelKeys) }),
    ...(keepsJoin && { joinSubnets: Object.freeze(parseJoin(input)) }),
    ...(role === "primary" && { primary: parsePrimary(topology, input, subnets, excludes) }),
  });
}

/**
 * Names the first field in which two descriptions of one network differ, in the spelling of {@link NetworkInput}.
 *
 * Several NADs may define one network only if this returns undefined. Which NADs they are does not count.
 *
 * @throws SpecError for what no {@link parseNetwork} made; it names the field.
 */
export function networkDifference(a: NetworkSpec, b: NetworkSpec): string | undefined {
  checkSpec("a", a);
  checkSpec("b", b);
  const fields: readonly (readonly [string, (spec: NetworkSpec) => string])[] = [
    ["name", (spec) => spec.name],
    ["topology", (spec) => spec.topology],
    ["role", (spec) => spec.role],
    ["subnets", (spec) => spec.subnets.map((subnet) => `${subnet.text}/${subnet.hostPrefix}`).join()],
    ["excludeSubnets", (spec) => spec.excludes.map((range) => range.text).join()],
    ["mtu", (spec) => `${spec.mtu}`],
    ["vlanID", (spec) => `${spec.vlan}`],
    ["physicalNetworkName", (spec) => `${spec.physicalNetworkName}`],
    ["allowPersistentIPs", (spec) => `${spec.allowPersistentIPs}`],
    ["dhcp", (spec) => dhcpText(spec.dhcp)],
    ["joinSubnet", (spec) => texts(spec.primary?.joinSubnets)],
    ["transitSubnet", (spec) => texts(spec.primary?.transitSubnets)],
    ["reservedSubnets", (spec) => texts(spec.primary?.reserved)],
    ["infrastructureSubnets", (spec) => texts(spec.primary?.infrastructure)],
    ["defaultGatewayIPs", (spec) => (spec.primary?.gateways ?? []).map(formatAddress).join()],
  ];
  return fields.find(([, read]) => read(a) !== read(b))?.[0];
}

function texts(ranges: readonly Cidr[] = []): string {
  return ranges.map(({ text }) => text).join();
}

/** Returns a text that may be part of a name; throws a SpecError for an empty one or one with control characters. */
export function checkedName(path: string, value: unknown, source?: string): string {
  const problem = nameProblem(value);
  if (problem !== undefined || typeof value !== "string") {
    throw fault(path, value, problem ?? "must be a text", source);
  }
  return value;
}

function parseNads(nad: NetworkInput["nad"]): string[] {
  const nads = nad === undefined ? [] : typeof nad === "string" ? [nad] : nad;
  if (!Array.isArray(nads)) throw fault("nad", nad, "must be a text or a list");
  for (const each of nads) {
    const parts = checkedName("nad", each).split("/");
    if (parts.length !== 2 || parts.includes("")) {
      throw fault("nad", each, "must be namespace/name");
    }
  }
  return [...new Set(nads)];
}

function parseSubnets(topology: TopologyName, input: NetworkInput["subnets"]): Subnet[] {
  const subnets = entries<string | SubnetSpec>("subnets", input).map((entry) => parseSubnet(topology, entry));
  for (const [index, subnet] of subnets.entries()) {
    const other = subnets.slice(0, index).find((earlier) => overlaps(earlier, subnet));
    if (other) {
      throw fault("subnets", subnet.text, `overlap with ${other.text}`);
    }
  }
  if (topology !== "layer3") {
    return subnets;
  }
  if (subnets.length === 0) {
    throw fault("subnets", input, "are needed by a layer3 network");
  }
  const lengths = new Set(subnets.flatMap((subnet) => (subnet.family === 4 ? [subnet.hostPrefix] : [])));
  if (lengths.size > 1) {
    throw fault("subnets", input, "of IPv4 must all have the same host prefix");
  }
  return subnets;
}

function parseSubnet(topology: TopologyName, entry: string | SubnetSpec): Subnet {
  const { cidrText, hostPrefix } = splitSubnet(entry);
  const cidr = parseCidr(cidrText);
  if (!cidr) {
    throw fault("subnets", entry, cidrProblem(cidrText));
  }
  const range = noHosts.find((each) => containsRange(each, cidr));
  if (range)
    throw fault("subnets", entry, `must not lie in ${range.text}, which holds no addresses of hosts`);
  if (topology !== "layer3") {
    if (hostPrefix !== undefined) {
      throw fault("subnets", entry, `have no host prefix in a ${topology} network`);
    }
    return cidr;
  }
  const length = hostPrefix ?? (cidr.family === 4 ? 24 : 64);
  if (cidr.family === 6 && length !== 64) {
    throw fault("subnets", entry, "of IPv6 have a host prefix of 64");
  }
  // A node's part holds its router port and its management address; in anything smaller they would lie outside.
  if (cidr.family === 4 && !(Number.isInteger(length) && length <= 30)) {
    throw fault("subnets", entry, "of IPv4 have a host prefix of at most 30");
  }
  if (length <= cidr.prefix) {
    throw fault("subnets", entry, `have a host prefix longer than their own (${length} is not)`);
  }
  return Object.freeze({ ...cidr, hostPrefix: length });
}

function splitSubnet(entry: string | SubnetSpec): { cidrText: string; hostPrefix: number | undefined } {
  if (typeof entry === "string") {
    const [address = "", prefix = "", hostPrefix, ...more] = entry.trim().split("/");
    if (more.length > 0 || (hostPrefix !== undefined && !/^\d{1,3}$/.test(hostPrefix))) {
      throw fault("subnets", entry, "must be address/length or address/length/host-prefix");
    }
    return {
      cidrText: `${address}/${prefix}`,
      hostPrefix: hostPrefix === undefined ? undefined : Number(hostPrefix),
    };
  }
  if (typeof entry !== "object" || entry === null || typeof entry.cidr !== "string") {
    throw fault("subnets", entry, "must be texts, or objects with a cidr");
  }
  checkSubnetKeys(entry);
  if (entry.hostPrefix !== undefined && !Number.isInteger(entry.hostPrefix)) {
    throw fault("subnets", entry, "have a whole number as host prefix");
  }
  return { cidrText: entry.cidr.trim(), hostPrefix: entry.hostPrefix };
}

function parseExcludes(input: NetworkInput["excludeSubnets"], subnets: readonly Subnet[]): Cidr[] {
  return entries<string>("excludeSubnets", input).map((entry) => {
    const cidr = typeof entry === "string" ? parseCidr(entry.trim()) : undefined;
    if (!cidr) {
      throw fault("excludeSubnets", entry, cidrProblem(entry));
    }
    if (!subnets.some((subnet) => containsRange(subnet, cidr))) {
      throw fault("excludeSubnets", entry, "must lie within one of the subnets");
    }
    return cidr;
  });
}

function parseInteger(path: string, value: number | undefined, highest: number): number | undefined {
  if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= highest)) {
    throw fault(path, value, `must be a whole number from 0 to ${highest}`);
  }
  return value;
}

/** Keys of datapaths have 24 bits (ovn-sb(5), `Datapath_Binding.tunnel_key`). */
function parseTunnelKeys(value: readonly number[] | undefined, isPossible: boolean): number[] | undefined {
  if (value === undefined) return undefined;
  if (!isPossible) throw fault("tunnelKeys", value, "are for primary layer2 networks only");
  const isKey = (key: unknown): boolean =>
    Number.isInteger(key) && Number(key) >= 1 && Number(key) <= HIGHEST_TUNNEL_KEY;
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isKey))
    throw fault("tunnelKeys", value, "must be two whole numbers from 1 to 16777215");
  return [...value];
}

function parsePhysicalNetwork(value: string | undefined): string | undefined {
  if (value === undefined || value === "") {
    return undefined;
  }
  const name = checkedName("physicalNetworkName", value);
  // `ovn-bridge-mappings` is a list of name:bridge pairs joined by commas.
  if (name.length > 253 || /[,:]/.test(name)) {
    throw fault(
      "physicalNetworkName",
      name,
      "must have at most 253 characters, none of them a comma or a colon",
    );
  }
  return name;
}
