import { type Cidr, containsRange, type Family, familyBits, overlaps, parseCidr } from "./address.ts";
import { checkSpec } from "./check-spec.ts";
import { cidrProblem } from "./cidr-problem.ts";
import type { NetworkInput, NetworkSpec, TopologyName } from "./network-spec.ts";
import { entries, fault, networkFault } from "./spec-field.ts";

/** Upstream's ranges for what has no addresses of the user's (go-controller/pkg/types/const.go, pkg/config/config.go). */
const JOIN: Readonly<Record<Family, Cidr>> = { 4: constant("100.65.0.0/16"), 6: constant("fd99::/64") };
const TRANSIT: Readonly<Record<Family, Cidr>> = { 4: constant("100.88.0.0/16"), 6: constant("fd97::/64") };
const CLUSTER_JOIN: readonly Cidr[] = [constant("100.64.0.0/16"), constant("fd98::/64")];
const MASQUERADE: readonly Cidr[] = [constant("169.254.169.0/29"), constant("fd69::/125")];

/** A range that is taken, and what for. */
interface Taken {
  readonly range: Cidr;
  readonly use: string;
}

const LAYER2: readonly Taken[] = [
  ...CLUSTER_JOIN.map((range) => ({ range, use: "the cluster's join subnet" })),
  ...MASQUERADE.map((range) => ({ range, use: "the cluster's masquerade subnet" })),
];
const LAYER3: readonly Taken[] = [
  ...LAYER2,
  ...Object.values(TRANSIT).map((range) => ({ range, use: "the cluster's transit subnet" })),
];

/** The range between gateway routers and transit router of a layer2 network, if it is free. */
export function usualTransit(family: Family): Cidr {
  return TRANSIT[family];
}

/** Ranges that no layer2 or layer3 network may have, whatever its role. */
export function clusterRanges(topology: TopologyName): readonly Taken[] {
  // The transit subnet of a layer2 network moves out of the way.
  return topology === "layer3" ? LAYER3 : LAYER2;
}

/** The ranges between the routers of a network, one of each family, IPv4 first: the user's, else upstream's. */
export function parseJoin({ joinSubnet }: NetworkInput): Cidr[] {
  const given = parseRanges("joinSubnet", joinSubnet);
  return ([4, 6] as const).map((family) => {
    const own = given.filter((range) => range.family === family);
    if (own.length > 1) throw fault("joinSubnet", joinSubnet, "has one range of a family at most");
    const [range = JOIN[family]] = own;
    if (range.prefix > familyBits(family) - 2)
      throw fault(
        "joinSubnet",
        range.text,
        "is too small for a cluster router and the gateway router of a node",
      );
    return range;
  });
}

/**
 * Refuses a network whose ranges are in use otherwise, as upstream does on every network that has tunnels, also a secondary
 * one, which has no join subnet (go-controller/pkg/util/multi_network.go, `SubnetOverlapCheck`). What nobody is to have is
 * no matter. The cluster's own ranges are taken to be upstream's default ones; those of its pods and services are not known
 * here.
 *
 * Only making such a network is refused: one that is there can be described, and so taken away.
 *
 * @throws SpecError naming `subnets` or `joinSubnet`, the range and the network, or the field of what no {@link parseNetwork} made.
 */
export function checkNetworkRanges(spec: NetworkSpec): void {
  if (checked.has(spec)) return;
  checkSpec("spec", spec);
  checkRanges(spec);
  checked.add(spec);
}

const checked = new WeakSet<NetworkSpec>();

function checkRanges(spec: NetworkSpec): void {
  const { topology, name, subnets, excludes } = spec;
  if (topology === "localnet") return;
  const isMeant = (range: Cidr): boolean => !excludes.some((each) => containsRange(each, range));
  const cluster = clusterRanges(topology).filter(({ range }) => isMeant(range));
  const joins = (spec.primary?.joinSubnets ?? spec.joinSubnets ?? Object.values(JOIN))
    .filter(isMeant)
    .map((range) => ({ range, use: "the network's join subnet" }));
  for (const { range, use } of [...joins, ...cluster]) {
    const subnet = subnets.filter(isMeant).find((each) => overlaps(each, range));
    if (subnet) throw networkFault(name, "subnets", subnet.text, `overlap with ${range.text}, ${use}`);
  }
  for (const { range } of joins) {
    const other = cluster.find((each) => overlaps(each.range, range));
    if (other)
      throw networkFault(name, "joinSubnet", range.text, `overlaps with ${other.range.text}, ${other.use}`);
  }
}

/** Ranges of one field, a comma-separated text or a list. Throws SpecError. */
export function parseRanges(path: string, input: string | readonly string[] | undefined): Cidr[] {
  return entries<string>(path, input).map((text) => {
    const range = typeof text === "string" ? parseCidr(text.trim()) : undefined;
    if (!range) throw fault(path, text, cidrProblem(text));
    return range;
  });
}

function constant(text: string): Cidr {
  const range = parseCidr(text);
  if (range === undefined) throw new Error(`${text} is no range`);
  return range;
}
