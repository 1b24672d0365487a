import {
  type Address,
  addressAt,
  type Cidr,
  containsAddress,
  containsRange,
  type Family,
  familyBits,
  formatAddress,
  makeCidr,
  overlaps,
  parseAddress,
} from "./address.ts";
import { clusterRanges, parseJoin, parseRanges, usualTransit } from "./cluster-ranges.ts";
import type { NetworkInput, PrimarySpec, Subnet, TopologyName } from "./network-spec.ts";
import { entries, fault } from "./spec-field.ts";

const ATTEMPTS = 10;

/** Fields of a network that only primary ones have. */
export const PRIMARY_FIELDS = [
  "joinSubnet",
  "transitSubnet",
  "reservedSubnets",
  "infrastructureSubnets",
  "defaultGatewayIPs",
] as const;

/** Refuses on a secondary network what only primary ones have. `joinSubnet` may stand there, as upstream has it: `checkNetworkRanges` keeps it free. */
export function refusePrimaryFields(input: NetworkInput): void {
  for (const field of PRIMARY_FIELDS) {
    if (field !== "joinSubnet" && field !== "transitSubnet" && entries(field, input[field]).length > 0)
      throw fault(field, input[field], "is for primary networks only");
  }
}

/** Checks what only primary networks have. Throws SpecError. */
export function parsePrimary(
  topology: TopologyName,
  input: NetworkInput,
  subnets: readonly Subnet[],
  excludes: readonly Cidr[],
): PrimarySpec {
  if (topology === "localnet") throw fault("role", input.role, "must be secondary on a localnet network");
  if (subnets.length === 0) throw fault("subnets", input.subnets, "are needed by a primary network");
  if (topology === "layer3")
    for (const field of PRIMARY_FIELDS)
      if (field !== "joinSubnet" && field !== "transitSubnet" && entries(field, input[field]).length > 0)
        throw fault(field, input[field], "is for layer2 networks only");
  const joinSubnets = parseJoin(input);
  if (topology === "layer3")
    return Object.freeze({
      joinSubnets,
      transitSubnets: [],
      reserved: [],
      infrastructure: [],
      gateways: [],
      managements: [],
    });
  return Object.freeze({ joinSubnets, ...parseLayer2(input, { subnets, joins: joinSubnets, excludes }) });
}

/** What a network has beside the addresses between its routers and the outside. */
interface Ranges {
  readonly subnets: readonly Cidr[];
  readonly joins: readonly Cidr[];
  readonly excludes: readonly Cidr[];
}

function parseLayer2(input: NetworkInput, own: Ranges): Omit<PrimarySpec, "joinSubnets"> {
  const { subnets } = own;
  const families = subnets.map(({ family }) => family);
  if (new Set(families).size < families.length)
    throw fault("subnets", input.subnets, "of a primary layer2 network are one of a family at most");
  const small = subnets.find(({ family, prefix }) => prefix > familyBits(family) - 2);
  if (small)
    throw fault("subnets", small.text, "have no room for the gateway and the nodes' management address");
  const reserved = within("reservedSubnets", input.reservedSubnets, subnets);
  const infrastructure = within("infrastructureSubnets", input.infrastructureSubnets, subnets);
  const clash = infrastructure.find((range) => reserved.some((other) => overlaps(range, other)));
  if (clash) throw fault("infrastructureSubnets", clash.text, "overlaps with one of the reservedSubnets");
  const given = parseGateways(input, subnets);
  if (infrastructure.length > 0)
    for (const gateway of given)
      if (!infrastructure.some((range) => containsAddress(range, gateway)))
        throw fault(
          "defaultGatewayIPs",
          formatAddress(gateway),
          "must lie within one of the infrastructureSubnets",
        );
  const pairs = subnets.map((subnet) => infrastructureAddresses(subnet, given, infrastructure));
  return {
    transitSubnets: parseTransit(input, own),
    reserved,
    infrastructure,
    gateways: pairs.map(({ gateway }) => gateway),
    managements: pairs.map(({ management }) => management),
  };
}

function parseGateways(input: NetworkInput, subnets: readonly Cidr[]): Address[] {
  const gateways = entries<string>("defaultGatewayIPs", input.defaultGatewayIPs).map((text) => {
    const address = typeof text === "string" ? parseAddress(text.trim()) : undefined;
    if (!address) throw fault("defaultGatewayIPs", text, "must be an IP address");
    const subnet = subnets.find((each) => containsAddress(each, address));
    if (!subnet) throw fault("defaultGatewayIPs", text, "must lie within one of the subnets");
    if (address.value === subnet.first || (address.family === 4 && address.value === subnet.last))
      throw fault("defaultGatewayIPs", text, "is no address that an interface can have");
    return address;
  });
  if (gateways.length > 0 && gateways.length !== subnets.length)
    throw fault("defaultGatewayIPs", input.defaultGatewayIPs, "must be one for each of the subnets");
  if (new Set(gateways.map(({ family }) => family)).size < gateways.length)
    throw fault("defaultGatewayIPs", input.defaultGatewayIPs, "must be of different families");
  return gateways;
}

/**
 * The pods' gateway and the nodes' management address: from the ranges for infrastructure as far as they go, else the
 * first two of the subnet (go-controller/pkg/util/multi_network.go).
 */
function infrastructureAddresses(
  subnet: Cidr,
  given: readonly Address[],
  infrastructure: readonly Cidr[],
): { gateway: Address; management: Address } {
  const own = infrastructure.filter(({ family }) => family === subnet.family);
  const taken = new Set([subnet.first, ...(subnet.family === 4 ? [subnet.last] : [])]);
  const next = (): Address | undefined => {
    for (const range of own)
      for (let value = range.first; value <= range.last; value += 1n)
        if (!taken.has(value)) return { family: range.family, value };
    return undefined;
  };
  const asked = given.find(({ family }) => family === subnet.family);
  const gateway = asked ?? next() ?? addressAt(subnet, 1n);
  taken.add(gateway.value);
  const usual = addressAt(subnet, gateway.value === subnet.first + 2n ? 1n : 2n);
  return { gateway, management: next() ?? usual };
}

function parseTransit(input: NetworkInput, { subnets, joins, excludes }: Ranges): Cidr[] {
  const given = parseRanges("transitSubnet", input.transitSubnet);
  const all = [...subnets, ...joins, ...clusterRanges("layer2").map(({ range }) => range)];
  const isExcluded = (range: Cidr): boolean => excludes.some((each) => containsRange(each, range));
  const taken = all.filter((range) => !isExcluded(range));
  const clashOf = (range: Cidr): Cidr | undefined =>
    isExcluded(range) ? undefined : taken.find((each) => overlaps(each, range));
  return subnets.map(({ family }) => {
    const own = given.filter((range) => range.family === family);
    if (own.length > 1)
      throw fault("transitSubnet", input.transitSubnet, "has one range of a family at most");
    const [range] = own;
    if (range === undefined) return freeTransit(family, clashOf, input);
    const clash = clashOf(range);
    if (clash) throw fault("transitSubnet", range.text, `overlaps with ${clash.text}`);
    return range;
  });
}

/** Upstream's usual range, or the one after whatever overlaps with it. */
function freeTransit(family: Family, clashOf: (range: Cidr) => Cidr | undefined, input: NetworkInput): Cidr {
  let range: Cidr | undefined = usualTransit(family);
  for (let attempt = 0; range !== undefined && attempt < ATTEMPTS; attempt += 1) {
    const { prefix }: Cidr = range;
    const clash: Cidr | undefined = clashOf(range);
    if (clash === undefined) return range;
    const last: bigint = clash.prefix < prefix ? clash.last : range.last;
    range =
      last + 1n < 1n << BigInt(familyBits(family))
        ? makeCidr({ family, value: last + 1n }, prefix)
        : undefined;
  }
  throw fault(
    "transitSubnet",
    input.transitSubnet,
    "must be given: the usual range overlaps with the network's own",
  );
}

function within(
  path: string,
  input: string | readonly string[] | undefined,
  subnets: readonly Cidr[],
): Cidr[] {
  return parseRanges(path, input).map((range) => {
    if (!subnets.some((subnet) => containsRange(subnet, range)))
      throw fault(path, range.text, "must lie within one of the subnets");
    return range;
  });
}
