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
  parseCidr,
} from "./address.ts";
import type { NetworkInput, PrimarySpec, Subnet, TopologyName } from "./network-spec.ts";
import { entries, fault } from "./spec-field.ts";

/** Upstream's ranges for what has no addresses of the user's (go-controller/pkg/types/const.go, pkg/config/config.go). */
const JOIN: Readonly<Record<Family, string>> = { 4: "100.65.0.0/16", 6: "fd99::/64" };
const TRANSIT: Readonly<Record<Family, string>> = { 4: "100.88.0.0/16", 6: "fd97::/64" };
const CLUSTER_JOIN: readonly string[] = ["100.64.0.0/16", "fd98::/64"];

const ATTEMPTS = 10;

/** Fields of a network that only primary ones have. */
export const PRIMARY_FIELDS = [
  "joinSubnet",
  "transitSubnet",
  "reservedSubnets",
  "infrastructureSubnets",
  "defaultGatewayIPs",
] as const;

/** Refuses on a secondary network what only primary ones have. `joinSubnet` is let stand on them, as upstream does. */
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
): PrimarySpec {
  if (topology === "localnet") throw fault("role", input.role, "must be secondary on a localnet network");
  if (subnets.length === 0) throw fault("subnets", input.subnets, "are needed by a primary network");
  if (topology === "layer3")
    for (const field of PRIMARY_FIELDS)
      if (field !== "joinSubnet" && field !== "transitSubnet" && entries(field, input[field]).length > 0)
        throw fault(field, input[field], "is for layer2 networks only");
  const joinSubnets = parseJoin(input);
  checkApart(subnets, joinSubnets, input);
  if (topology === "layer3")
    return Object.freeze({
      joinSubnets,
      transitSubnets: [],
      reserved: [],
      infrastructure: [],
      gateways: [],
      managements: [],
    });
  return Object.freeze({ joinSubnets, ...parseLayer2(input, subnets, joinSubnets) });
}

function parseJoin(input: NetworkInput): Cidr[] {
  const given = ranges("joinSubnet", input.joinSubnet);
  return ([4, 6] as const).map((family) => {
    const own = given.filter((range) => range.family === family);
    if (own.length > 1) throw fault("joinSubnet", input.joinSubnet, "has one range of a family at most");
    const range = own[0] ?? parseCidr(JOIN[family]);
    if (range === undefined) throw new Error(`the default ${JOIN[family]} is no range`);
    return range;
  });
}

/** What a router has on two sides it could not route. */
function checkApart(subnets: readonly Cidr[], joins: readonly Cidr[], input: NetworkInput): void {
  const taken = [...joins, ...CLUSTER_JOIN.flatMap((text) => parseCidr(text) ?? [])];
  for (const [index, range] of taken.entries()) {
    const subnet = subnets.find((each) => overlaps(each, range));
    if (subnet) throw fault("subnets", subnet.text, `overlap with the join subnet ${range.text}`);
    const other = taken.slice(0, index).find((each) => overlaps(each, range));
    if (other) throw fault("joinSubnet", input.joinSubnet, `overlaps with the join subnet ${other.text}`);
  }
}

function parseLayer2(
  input: NetworkInput,
  subnets: readonly Cidr[],
  joins: readonly Cidr[],
): Omit<PrimarySpec, "joinSubnets"> {
  const families = subnets.map(({ family }) => family);
  if (new Set(families).size < families.length)
    throw fault("subnets", input.subnets, "of a primary layer2 network are one of a family at most");
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
    transitSubnets: parseTransit(input, subnets, joins),
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
  if (asked) taken.add(asked.value);
  const gateway = asked ?? next() ?? addressAt(subnet, 1n);
  taken.add(gateway.value);
  const usual = addressAt(subnet, gateway.value === subnet.first + 2n ? 1n : 2n);
  return { gateway, management: next() ?? usual };
}

function parseTransit(input: NetworkInput, subnets: readonly Cidr[], joins: readonly Cidr[]): Cidr[] {
  const given = ranges("transitSubnet", input.transitSubnet);
  const taken = [...subnets, ...joins, ...CLUSTER_JOIN.flatMap((text) => parseCidr(text) ?? [])];
  return subnets.map(({ family }) => {
    const own = given.filter((range) => range.family === family);
    if (own.length > 1)
      throw fault("transitSubnet", input.transitSubnet, "has one range of a family at most");
    const [range] = own;
    if (range === undefined) return freeTransit(family, taken, input);
    const clash = taken.find((each) => overlaps(each, range));
    if (clash) throw fault("transitSubnet", range.text, `overlaps with ${clash.text}`);
    return range;
  });
}

/** Upstream's usual range, or the one after whatever overlaps with it. */
function freeTransit(family: Family, taken: readonly Cidr[], input: NetworkInput): Cidr {
  let range = parseCidr(TRANSIT[family]);
  for (let attempt = 0; range !== undefined && attempt < ATTEMPTS; attempt += 1) {
    const { prefix } = range;
    const current = range;
    const clash = taken.find((each) => overlaps(each, current));
    if (clash === undefined) return range;
    const last = clash.prefix < prefix ? clash.last : range.last;
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
  return ranges(path, input).map((range) => {
    if (!subnets.some((subnet) => containsRange(subnet, range)))
      throw fault(path, range.text, "must lie within one of the subnets");
    return range;
  });
}

function ranges(path: string, input: string | readonly string[] | undefined): Cidr[] {
  return entries<string>(path, input).map((text) => {
    const range = typeof text === "string" ? parseCidr(text.trim()) : undefined;
    if (!range) throw fault(path, text, "must be address/length");
    return range;
  });
}
