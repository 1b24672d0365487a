import { type Address, type Cidr, containsAddress, familyBits, parseCidr } from "./address.ts";
import type { DhcpSpec } from "./dhcp-spec.ts";
import { checkShape, maybe, oneOf, type Shape, type ShapeOf } from "./input-shape.ts";
import {
  HIGHEST_MTU,
  HIGHEST_NETWORK_ID,
  HIGHEST_TUNNEL_KEY,
  HIGHEST_VLAN,
  LONGEST_LEASE,
} from "./limits.ts";
import type { NetworkSpec, PrimarySpec, Subnet } from "./network-spec.ts";
import { fault } from "./spec-field.ts";

const ADDRESS: ShapeOf<Address> = { family: oneOf(4, 6), value: "bigint" };

const RANGE: ShapeOf<Cidr> = {
  family: oneOf(4, 6),
  first: "bigint",
  last: "bigint",
  prefix: "number",
  text: "text",
};

const SUBNET: ShapeOf<Subnet> = { ...RANGE, hostPrefix: maybe("number") };

const DHCP: ShapeOf<DhcpSpec> = {
  serves: oneOf("all", "virtual-machines"),
  dnsServers: [ADDRESS],
  router: maybe(ADDRESS),
  leaseTime: "number",
  domainName: maybe("text"),
};

const PRIMARY: ShapeOf<PrimarySpec> = {
  joinSubnets: [RANGE],
  transitSubnets: [RANGE],
  reserved: [RANGE],
  infrastructure: [RANGE],
  gateways: [ADDRESS],
  managements: [ADDRESS],
};

const WITHOUT_FLAG: ShapeOf<Omit<NetworkSpec, "underlayMtu">> = {
  topology: oneOf("layer3", "layer2", "localnet"),
  name: "text",
  nads: ["text"],
  role: oneOf("primary", "secondary"),
  subnets: [SUBNET],
  excludes: [RANGE],
  mtu: maybe("number"),
  vlan: maybe("number"),
  physicalNetworkName: maybe("text"),
  allowPersistentIPs: "true or false",
  networkId: maybe("number"),
  dhcp: maybe(DHCP),
  tunnelKeys: maybe(["number"]),
  joinSubnets: maybe([RANGE]),
  primary: maybe(PRIMARY),
};

const SPEC: Shape = { ...WITHOUT_FLAG, underlayMtu: maybe("true or false") };

const NO_SPEC = "must be what `parseNetwork` makes of a description";

/** Those that nobody can change any more, as `parseNetwork` makes them. */
const wellFormed = new WeakSet<NetworkSpec>();

/**
 * Throws `SpecError` for what is no checked description, as plain JavaScript may give: put together by hand, or changed. `path` is
 * where it stands.
 */
export function checkSpec(path: string, spec: NetworkSpec): void {
  if (wellFormed.has(spec)) return;
  // Descriptions have `nad`.
  if (typeof spec !== "object" || spec === null || spec.nads === undefined) throw fault(path, spec, NO_SPEC);
  checkShape(path, spec, SPEC);
  const { primary, dhcp } = spec;
  checkNumber(`${path}.mtu`, spec.mtu, HIGHEST_MTU);
  checkNumber(`${path}.vlan`, spec.vlan, HIGHEST_VLAN);
  checkNumber(`${path}.networkId`, spec.networkId, HIGHEST_NETWORK_ID);
  checkNumber(`${path}.dhcp.leaseTime`, dhcp?.leaseTime, LONGEST_LEASE);
  for (const key of spec.tunnelKeys ?? []) checkNumber(`${path}.tunnelKeys`, key, HIGHEST_TUNNEL_KEY);
  checkSubnets(path, spec);
  checkRanges(`${path}.excludes`, spec.excludes);
  checkRanges(`${path}.joinSubnets`, spec.joinSubnets);
  checkAddresses(`${path}.dhcp.dnsServers`, dhcp?.dnsServers);
  checkAddresses(`${path}.dhcp.router`, dhcp?.router && [dhcp.router]);
  if ((spec.role === "primary") !== (primary !== undefined))
    throw fault(`${path}.primary`, primary, "is what primary networks have, and no others");
  if (primary !== undefined) checkPrimary(`${path}.primary`, primary, spec);
  if (Object.isFrozen(spec)) wellFormed.add(spec);
}

function checkNumber(path: string, value: number | undefined, highest: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= highest))
    throw fault(path, value, `must be a whole number from 1 to ${highest}`);
}

function checkSubnets(path: string, { topology, subnets }: NetworkSpec): void {
  checkRanges(`${path}.subnets`, subnets);
  if (topology !== "layer3") return;
  if (subnets.length === 0) throw fault(`${path}.subnets`, subnets, "are needed by a layer3 network");
  for (const [index, { family, prefix, hostPrefix = 0 }] of subnets.entries())
    if (!Number.isInteger(hostPrefix) || hostPrefix <= prefix || hostPrefix > familyBits(family) - 2)
      throw fault(
        `${path}.subnets[${index}].hostPrefix`,
        hostPrefix,
        "must be longer than the subnet's and leave two bits",
      );
}

function checkPrimary(path: string, primary: PrimarySpec, { topology, subnets }: NetworkSpec): void {
  checkRanges(`${path}.joinSubnets`, primary.joinSubnets);
  if (primary.joinSubnets.map(({ family }) => family).join() !== "4,6")
    throw fault(
      `${path}.joinSubnets`,
      primary.joinSubnets.map(({ text }) => text),
      "must be one of each family",
    );
  checkRanges(`${path}.transitSubnets`, primary.transitSubnets);
  checkRanges(`${path}.reserved`, primary.reserved);
  checkRanges(`${path}.infrastructure`, primary.infrastructure);
  if (topology !== "layer2") return;
  for (const name of ["transitSubnets", "gateways", "managements"] as const)
    if (primary[name].length !== subnets.length)
      throw fault(`${path}.${name}`, primary[name].length, "must be one for each subnet");
  for (const name of ["gateways", "managements"] as const)
    for (const [index, address] of primary[name].entries()) {
      const subnet = subnets[index];
      if (subnet === undefined || !containsAddress(subnet, address))
        throw fault(`${path}.${name}[${index}]`, address, "must lie in the subnet of its place");
    }
}

/** A range is its text; whoever counts its addresses would not come to an end in another one. */
function checkRanges(path: string, ranges: readonly Cidr[] = []): void {
  for (const [index, range] of ranges.entries()) {
    const written = parseCidr(range.text);
    const { family, first, last, prefix, text } = range;
    if (
      written?.text !== text ||
      written.family !== family ||
      written.first !== first ||
      written.last !== last ||
      written.prefix !== prefix
    )
      throw fault(`${path}[${index}].text`, text, "is not the range that stands beside it");
  }
}

function checkAddresses(path: string, addresses: readonly Address[] = []): void {
  for (const { family, value } of addresses)
    if (value < 0n || value >> BigInt(familyBits(family)) !== 0n)
      throw fault(path, value, `holds what is no address of IPv${family}`);
}
