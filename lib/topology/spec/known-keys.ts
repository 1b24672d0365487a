import { type KnownKeys, meantKey, notKnown, unknownKey } from "../../jsonrpc/index.ts";
import type { DhcpInput } from "./dhcp-spec.ts";
import { SpecError } from "./errors.ts";
import type { NetworkInput, SubnetSpec } from "./network-spec.ts";
import { fault } from "./spec-field.ts";

/** All keys of X: a literal of this type that lacks one, or has another, does not compile. */
export type KeysOf<X> = Readonly<Record<keyof X, true>>;

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

/** Throws `SpecError` for what is neither true nor false: each text would be taken for true, "false" among them. */
export function checkFlags<X extends object>(given: X, names: readonly (keyof X & string)[]): void {
  for (const name of names) {
    const value: unknown = given[name];
    if (value !== undefined && typeof value !== "boolean") throw fault(name, value, "must be true or false");
  }
}

/** Throws `SpecError` for a key that nobody reads. `path` is where the object stands; empty for what the caller gave itself. */
export function checkKeys(path: string, given: object, known: KnownKeys): void {
  const key = unknownKey(given, known);
  if (key === undefined) return;
  throw stranger(path === "" ? key : `${path}.${key}`, given, key, meantKey(key, known));
}

function stranger(path: string, given: object, key: string, meant: string | undefined): SpecError {
  return new SpecError(`${path} ${notKnown(meant)}`, { path, value: given[key as never] });
}
