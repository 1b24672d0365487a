import {
  type Cidr,
  containsAddress,
  containsRange,
  overlaps,
  parseAddress,
  parseCidr,
} from "../../topology/index.ts";
import type { FieldPath } from "../text/field-path.ts";
import type { UdnConfig, UdnTopology } from "./udn-schema.ts";

/** A field that breaks a rule, and the rule. */
export type Broken = readonly [FieldPath, string];

/**
 * The rules of the API between fields of one topology's part; those within one field are in its schema.
 *
 * Source: the CEL rules of go-controller/pkg/crd/userdefinednetwork/v1. What changes of an object are allowed is the API
 * server's affair: a manifest shows one moment.
 */
export function brokenRules(topology: UdnTopology, config: UdnConfig): readonly Broken[] {
  return [
    ...subnetsAndIpam(topology, config),
    ...lowMtu(config),
    ...onlyOnPrimary(config),
    ...(topology === "Layer3" ? layer3Subnets(config) : []),
    ...inSubnets(config),
    ...infrastructure(config),
  ];
}

function subnetsAndIpam(topology: UdnTopology, { role, subnets, excludeSubnets, ipam }: UdnConfig): Broken[] {
  if (topology === "Layer3") return [];
  const disabled = ipam?.mode === "Disabled";
  const broken: Broken[] = [];
  if (!disabled && subnets === undefined)
    broken.push([["subnets"], "is missing: needed unless ipam.mode is Disabled"]);
  if (disabled && subnets !== undefined)
    broken.push([["subnets"], "must not be set when ipam.mode is Disabled"]);
  if (disabled && role === "Primary")
    broken.push([["ipam", "mode"], "must not be Disabled on a primary network"]);
  if (disabled && ipam.lifecycle === "Persistent")
    broken.push([["ipam", "lifecycle"], "must not be set when ipam.mode is Disabled"]);
  if (excludeSubnets !== undefined && subnets === undefined)
    broken.push([["excludeSubnets"], "must not be set without subnets"]);
  return broken;
}

/** The least that IPv6 allows (RFC 8200, section 5). */
const IPV6_MTU = 1280;

function lowMtu({ mtu, subnets = [] }: UdnConfig): Broken[] {
  const hasIpv6 = subnets.some((subnet) => textOf(subnet).includes(":"));
  return mtu !== undefined && mtu < IPV6_MTU && hasIpv6
    ? [[["mtu"], `must be at least ${IPV6_MTU} with an IPv6 subnet`]]
    : [];
}

function onlyOnPrimary(config: UdnConfig): Broken[] {
  if (config.role === "Primary") return [];
  const fields = ["joinSubnets", "reservedSubnets", "infrastructureSubnets", "defaultGatewayIPs"] as const;
  return fields
    .filter((field) => config[field] !== undefined)
    .map((field) => [[field], "is only possible on a primary network"]);
}

function layer3Subnets({ role, subnets = [] }: UdnConfig): Broken[] {
  const broken: Broken[] = [];
  const entries = subnets.map((subnet, index) => ({
    index,
    range: parseCidr(textOf(subnet)),
    length: typeof subnet === "string" ? undefined : subnet.hostSubnet,
  }));
  if (role === "Secondary" && entries.length > 2)
    broken.push([["subnets"], "must have at most two entries on a secondary network"]);
  if (role === "Secondary" && entries.length === 2 && entries[0]?.range?.family === entries[1]?.range?.family)
    broken.push([["subnets"], "must be of different families when there are two on a secondary network"]);
  for (const { index, range, length } of entries) {
    if (range === undefined) continue;
    if (length !== undefined && length <= range.prefix)
      broken.push([
        ["subnets", index, "hostSubnet"],
        `must be longer than the subnet's own length, ${range.prefix}`,
      ]);
    if (length !== undefined && range.family === 4 && length >= 32)
      broken.push([["subnets", index, "hostSubnet"], "must be less than 32 on an IPv4 subnet"]);
    const earlier = entries.slice(0, index).filter((other) => other.range?.family === range.family);
    const same = earlier.find((other) => other.range && overlaps(other.range, range));
    if (same !== undefined)
      broken.push([["subnets", index, "cidr"], `overlaps with the entry before it, ${same.range?.text}`]);
    if (earlier.some((other) => other.length !== length))
      broken.push([["subnets", index, "hostSubnet"], "must be the same for all subnets of one family"]);
  }
  return broken;
}

/** Reserved ranges, ranges for infrastructure and gateways lie within the subnets. */
function inSubnets(config: UdnConfig): Broken[] {
  const { subnets = [], reservedSubnets = [], infrastructureSubnets = [], defaultGatewayIPs } = config;
  const outer = subnets.flatMap((subnet) => parseCidr(textOf(subnet)) ?? []);
  const broken: Broken[] = [];
  for (const [field, texts] of Object.entries({ reservedSubnets, infrastructureSubnets })) {
    for (const [index, text] of texts.entries()) {
      const range = parseCidr(text);
      if (range === undefined) continue;
      if (!outer.some((subnet) => containsRange(subnet, range)))
        broken.push([[field, index], "must lie within one of the subnets"]);
      // Written otherwise than it counts, it would be a range that nobody reads in it.
      else if (!isMasked(text, range))
        broken.push([[field, index], `must have no host bits: ${range.text} is meant`]);
    }
  }
  for (const [index, text] of (defaultGatewayIPs ?? []).entries()) {
    const address = parseAddress(text);
    if (address === undefined || !outer.some((subnet) => containsAddress(subnet, address)))
      broken.push([["defaultGatewayIPs", index], "must lie within one of the subnets"]);
  }
  if (defaultGatewayIPs !== undefined && defaultGatewayIPs.length !== subnets.length)
    broken.push([["defaultGatewayIPs"], "must have one entry for each of the subnets"]);
  return broken;
}

function infrastructure(config: UdnConfig): Broken[] {
  const { reservedSubnets = [], infrastructureSubnets, defaultGatewayIPs = [] } = config;
  if (infrastructureSubnets === undefined) return [];
  const ranges = infrastructureSubnets.map(parseCidr);
  const reserved = reservedSubnets.flatMap((text) => parseCidr(text) ?? []);
  const broken: Broken[] = ranges.flatMap((range, index): Broken[] => {
    const other = range && reserved.find((each) => overlaps(each, range));
    return other === undefined
      ? []
      : [[["infrastructureSubnets", index], `overlaps with the reserved subnet ${other.text}`]];
  });
  for (const [index, text] of defaultGatewayIPs.entries()) {
    const address = parseAddress(text);
    if (address !== undefined && !ranges.some((range) => range && containsAddress(range, address)))
      broken.push([["defaultGatewayIPs", index], "must lie within one of the infrastructureSubnets"]);
  }
  return broken;
}

function isMasked(text: string, range: Cidr): boolean {
  const address = parseAddress(text.split("/")[0] ?? "");
  return address?.value === range.first;
}

function textOf(subnet: NonNullable<UdnConfig["subnets"]>[number]): string {
  return typeof subnet === "string" ? subnet : subnet.cidr;
}
