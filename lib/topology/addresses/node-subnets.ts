import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";
import {
  addressAt,
  type Cidr,
  containsRange,
  type Family,
  formatAddress,
  parseCidr,
} from "../description/address.ts";
import { AddressError } from "../description/errors.ts";
import { macOfAddress } from "../description/mac.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { NodeSubnetRange } from "../description/node-subnet-range.ts";
import type { NodeInput, ObservedNode } from "../request/inputs.ts";
import type { Holding, SubnetHolders } from "../request/subnet-holders.ts";
import { SubnetLedger } from "../request/subnet-ledger.ts";

/** What takes away what nodes have that are not in the request; the command line says it in its own words. */
export const OF_FORMER_NODES = "the option prune removes such, and removeNode takes one out";

/**
 * Gives every node of a layer3 network one subnet per family, IPv4 first.
 *
 * Recorded subnets come first, then those the database shows, then the lowest free one in upstream's numbering, nodes in
 * order of their names. A node that is not in this call keeps what it has.
 *
 * @param others Nodes that are not in `observed`; those in this call do not count.
 * @param isClaimed Whether a free subnet is not to be given to a node for now. Asked of first subnets only: those of a second
 *   family are not claimed.
 * @throws AddressError for a recorded subnet outside the network or of two nodes, and when no subnet is left.
 */
export function allocateNodeSubnets(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  observed: readonly ObservedNode[],
  isClaimed: (subnet: Cidr, node: string) => boolean,
  others?: SubnetHolders,
): ReadonlyMap<string, readonly Cidr[]> {
  const ledger = new SubnetLedger(spec.subnets);
  const given = new Map<string, Cidr[]>();
  for (const { name } of nodes) given.set(name, []);
  const observedByName = new Map<string, ObservedNode>();
  for (const node of observed) {
    if (given.has(node.name)) observedByName.set(node.name, node);
    else ledger.observe(node);
  }
  const isElsewhere = (node: string): boolean => !given.has(node);
  const holderOf: HolderOf = (subnet, node) =>
    ledger.holder(subnet, (other) => other !== node) ?? others?.holder(subnet, isElsewhere);
  const holderElsewhere = (subnet: Cidr): Holding | undefined =>
    ledger.holder(subnet, isElsewhere) ?? others?.holder(subnet, isElsewhere);
  const give = (subnet: Cidr, node: string): void => {
    ledger.give(subnet, node);
    given.get(node)?.push(subnet);
  };
  for (const node of nodes) {
    for (const subnet of recordedSubnets(spec, node, holderOf, isElsewhere)) give(subnet, node.name);
  }
  for (const { name } of nodes) {
    const known = observedByName.get(name);
    for (const subnet of known === undefined ? [] : ledger.subnetsOf(known)) {
      if (ofFamily(given.get(name), subnet.family) === undefined && !holderOf(subnet, name))
        give(subnet, name);
    }
  }
  let made: readonly NodeSubnetRange[] | undefined;
  // Not before somebody needs one: most nodes have theirs.
  const ranges = (): readonly NodeSubnetRange[] => {
    made ??= spec.subnets.map(
      (subnet) => new NodeSubnetRange(subnet, others?.firstFree(subnet, given.keys())),
    );
    return made;
  };
  const families = ([4, 6] as const).filter((family) =>
    spec.subnets.some((range) => range.family === family),
  );
  const allocated = new Map<string, readonly Cidr[]>();
  for (const { name } of nodes) {
    const own = given.get(name) ?? [];
    for (const family of families) {
      if (ofFamily(own, family) !== undefined) continue;
      const isFirst = family === families[0];
      const isFree = (candidate: Cidr): boolean =>
        holderOf(candidate, name) === undefined && !(isFirst && isClaimed(candidate, name));
      const subnet = lowestFree(family, ranges(), isFree);
      if (subnet === undefined) throw noneLeft(spec, name, family, holderElsewhere);
      give(subnet, name);
    }
    allocated.set(name, own.length < 2 ? own : own.toSorted((one, other) => one.family - other.family));
  }
  return allocated;
}

function ofFamily(subnets: readonly Cidr[] | undefined, family: Family): Cidr | undefined {
  return subnets?.find((subnet) => subnet.family === family);
}

/**
 * Reads which subnets a node switch has, from everything in the database that tells of them.
 *
 * The switch's `other_config` and the networks of the router port on it say the same unless someone changed one of them;
 * then `exclude_ips` (the second address of the IPv4 subnet) or the router port's MAC (from the first address) decides.
 * A router port that is not there is an empty list and an empty text.
 *
 * @returns Candidates for {@link ObservedNode.subnets}, the one to be believed first.
 * @throws UsageError for what is no such column.
 */
export function readNodeSubnets(
  otherConfig: Readonly<Record<string, string>>,
  routerPort: { readonly networks: readonly string[]; readonly mac: string },
): string[] {
  if (typeof otherConfig !== "object" || otherConfig === null)
    throw new UsageError(`other_config is an object, and not ${sketch(otherConfig)}`);
  if (!Array.isArray(routerPort?.networks) || typeof routerPort.mac !== "string")
    throw new UsageError(
      `a router port has networks, a list, and mac, a text; one that is not there has none: ${sketch(routerPort)}`,
    );
  const candidates: Cidr[] = [];
  for (const text of routerPort.networks) addRange(candidates, text);
  addRange(candidates, otherConfig["subnet"]);
  const prefix6 = otherConfig["ipv6_prefix"];
  if (prefix6) addRange(candidates, `${prefix6}/64`);
  const [first] = candidates;
  // Nearly always: where all say the same, nothing has to be decided.
  if (first === undefined || candidates.every(({ text }) => text === first.text))
    return first === undefined ? [] : [first.text];
  const vouched = (subnet: Cidr): boolean =>
    otherConfig["exclude_ips"] === formatAddress(addressAt(subnet, 2n)) ||
    routerPort.mac.toLowerCase() === macOfAddress(addressAt(subnet, 1n));
  const believed = [...candidates.filter(vouched), ...candidates.filter((subnet) => !vouched(subnet))];
  return [...new Set(believed.map((subnet) => subnet.text))];
}

function addRange(ranges: Cidr[], text: string | undefined): void {
  const range = text === undefined ? undefined : parseCidr(text);
  if (range !== undefined) ranges.push(range);
}

type HolderOf = (subnet: Cidr, node: string) => Holding | undefined;

function recordedSubnets(
  spec: NetworkSpec,
  node: NodeInput,
  holderOf: HolderOf,
  isElsewhere: (node: string) => boolean,
): readonly Cidr[] {
  const texts = node.subnets?.[spec.name];
  if (texts === undefined) return [];
  const recorded: Cidr[] = [];
  for (const text of texts) {
    const subnet = parseCidr(text.trim());
    if (!subnet) {
      throw recordFault(spec, node, text, "is not address/length");
    }
    if (!spec.subnets.some((range) => containsRange(range, subnet))) {
      const ranges = spec.subnets.map((range) => range.text).join(", ");
      throw recordFault(spec, node, text, `is not in ${ranges}`);
    }
    if (ofFamily(recorded, subnet.family) !== undefined) {
      throw recordFault(spec, node, text, "is the second of its family; a node has one");
    }
    const other = holderOf(subnet, node.name);
    if (other) {
      const problem =
        other.subnet.text === subnet.text
          ? `belongs to node ${other.node}`
          : `overlaps with ${other.subnet.text} of node ${other.node}`;
      // As a rule one that was renamed or replaced: who asks for its subnet does not see it anywhere else.
      const why = isElsewhere(other.node) ? `, which is not in the request; ${OF_FORMER_NODES}` : "";
      throw recordFault(spec, node, text, `${problem}${why}`);
    }
    recorded.push(subnet);
  }
  return recorded;
}

function recordFault(spec: NetworkSpec, node: NodeInput, text: string, problem: string): AddressError {
  return new AddressError(`node ${node.name}: subnet ${text} of network "${spec.name}" ${problem}`, {
    path: `nodes[${node.name}].subnets`,
    value: text,
  });
}

function lowestFree(
  family: Family,
  ranges: readonly NodeSubnetRange[],
  isFree: (candidate: Cidr) => boolean,
): Cidr | undefined {
  for (const range of ranges) {
    const subnet = range.family === family ? range.next(isFree) : undefined;
    if (subnet !== undefined) return subnet;
  }
  return undefined;
}

function noneLeft(
  { name: network, subnets }: NetworkSpec,
  node: string,
  family: Family,
  holderElsewhere: (range: Cidr) => Holding | undefined,
): AddressError {
  const ranges = subnets.filter((range) => range.family === family);
  const full = ranges.map(({ text }) => text).join(", ");
  // Who has to make room does not see these anywhere else.
  const isHeld = ranges.some((range) => holderElsewhere(range) !== undefined);
  const why = isHeld ? `; some are of nodes that are not in the request: ${OF_FORMER_NODES}` : "";
  return new AddressError(`node ${node}: network "${network}" has no free subnet left in ${full}${why}`, {
    path: `nodes[${node}].subnets`,
    value: full,
  });
}
