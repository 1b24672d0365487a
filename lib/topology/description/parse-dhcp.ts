import { type Address, containsAddress, formatAddress, parseAddress } from "./address.ts";
import type { DhcpInput, DhcpSpec } from "./dhcp-spec.ts";
import { checkKeys, type KeysOf } from "./known-keys.ts";
import { LONGEST_LEASE } from "./limits.ts";
import type { NetworkInput, NetworkRole, Subnet, TopologyName } from "./network-spec.ts";
import { entries, fault } from "./spec-field.ts";

const DHCP: KeysOf<DhcpInput> = {
  serves: true,
  dnsServers: true,
  router: true,
  leaseTime: true,
  domainName: true,
};

/** Upstream's (go-controller/pkg/kubevirt/dhcp.go). */
const LEASE_TIME = 3500;

/** Labels of letters, digits and hyphens, joined by dots (RFC 1035, section 2.3.1; RFC 1123, section 2.1). */
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;

/**
 * Checks who is served by DHCP and what they are told. `undefined`: nobody is.
 *
 * Virtual machines on a primary layer2 network are served without being asked for, as upstream does.
 */
export function parseDhcp(
  topology: TopologyName,
  role: NetworkRole,
  input: NetworkInput["dhcp"],
  subnets: readonly Subnet[],
): DhcpSpec | undefined {
  const isUsual = topology === "layer2" && role === "primary";
  if (input === false || (input === undefined && !isUsual)) return undefined;
  if (input !== undefined) {
    if (input !== true && (typeof input !== "object" || input === null || Array.isArray(input)))
      throw fault("dhcp", input, "must be true, false or a map");
    if (topology === "layer3") throw fault("dhcp", input, "is for layer2 and localnet networks only");
    if (subnets.length === 0) throw fault("dhcp", input, "needs subnets: there are no addresses to give");
  }
  const fields: DhcpInput = typeof input === "object" ? input : {};
  checkKeys("dhcp", fields, DHCP);
  const {
    serves = role === "primary" ? "virtual-machines" : "all",
    leaseTime = LEASE_TIME,
    domainName,
  } = fields;
  if (serves !== "all" && serves !== "virtual-machines")
    throw fault("dhcp.serves", serves, "must be all or virtual-machines");
  if (!(Number.isInteger(leaseTime) && leaseTime >= 60 && leaseTime <= LONGEST_LEASE))
    throw fault("dhcp.leaseTime", leaseTime, "must be a whole number of seconds from 60 to 4294967295");
  if (domainName !== undefined && !(typeof domainName === "string" && DOMAIN.test(domainName)))
    throw fault("dhcp.domainName", domainName, "must be the name of a domain");
  const router = parseRouter(role, fields.router, subnets);
  return Object.freeze({
    serves,
    dnsServers: Object.freeze(parseServers(fields.dnsServers)),
    ...(router && { router }),
    leaseTime,
    ...(domainName !== undefined && { domainName }),
  });
}

/** The same on both sides of a comparison of specs. */
export function dhcpText(dhcp: DhcpSpec | undefined): string {
  if (dhcp === undefined) return "";
  const { serves, dnsServers, router, leaseTime, domainName } = dhcp;
  const addresses = [...dnsServers.map(formatAddress), router ? `by ${formatAddress(router)}` : ""];
  return JSON.stringify([serves, addresses, leaseTime, domainName]);
}

function parseServers(input: DhcpInput["dnsServers"]): Address[] {
  return entries<string>("dhcp.dnsServers", input).map((text) => {
    const address = typeof text === "string" ? parseAddress(text.trim()) : undefined;
    if (!address) throw fault("dhcp.dnsServers", text, "must be an IP address");
    return address;
  });
}

function parseRouter(
  role: NetworkRole,
  input: string | undefined,
  subnets: readonly Subnet[],
): Address | undefined {
  if (input === undefined) return undefined;
  if (role === "primary")
    throw fault("dhcp.router", input, "is not for a primary network, which has a gateway of its own");
  const address = typeof input === "string" ? parseAddress(input.trim()) : undefined;
  if (address?.family !== 4) throw fault("dhcp.router", input, "must be an IPv4 address");
  if (!subnets.some((subnet) => containsAddress(subnet, address)))
    throw fault("dhcp.router", input, "must lie within one of the subnets");
  return address;
}
