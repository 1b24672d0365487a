import { meantKey, unknownKey } from "../../jsonrpc/index.ts";
import { checkKeys, type KeysOf, stranger } from "./known-keys.ts";
import type { NetworkInput, SubnetSpec } from "./network-spec.ts";

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
  const key = unknownKey(subnet, SUBNET);
  // So a UserDefinedNetwork calls it.
  if (key === "hostSubnet") throw stranger("subnets.hostSubnet", subnet, key, "hostPrefix");
  checkKeys("subnets", subnet, SUBNET);
}
