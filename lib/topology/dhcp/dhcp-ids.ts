import type { Cidr } from "../description/address.ts";
import { controllerOf, type OwnerIds, ownerIds } from "../naming/owner-ids.ts";

/** `k8s.ovn.org/owner-type` of what a virtual machine is told. */
const VM_TYPE = "VirtualMachine";
/** `k8s.ovn.org/owner-type` of what all other pods of a network are told; ours, upstream has no such rows. */
export const NETWORK_TYPE = "NetworkDHCP";

/** The DHCP_Options of a network for one of its subnets. */
export function networkDhcpIds(network: string, subnet: Cidr): OwnerIds {
  return ownerIds(controllerOf(network), NETWORK_TYPE, [
    ["name", network],
    ["k8s.ovn.org/cidr", cidrKey(subnet)],
  ]);
}

/** The DHCP_Options of a virtual machine for one of its network's subnets (go-controller/pkg/kubevirt/dhcp.go). */
export function vmDhcpIds(network: string, vm: string, subnet: Cidr): OwnerIds {
  const { id, externalIds } = ownerIds(controllerOf(network), VM_TYPE, [
    ["name", vm],
    ["k8s.ovn.org/cidr", cidrKey(subnet)],
  ]);
  return { id, externalIds: { ...externalIds, "k8s.ovn.org/zone": "local" } };
}

/** What a virtual machine is called in ids. Names of namespaces hold no slash. */
export function vmKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Colons part the keys of an id. */
function cidrKey({ text }: Cidr): string {
  return text.replaceAll(":", ".");
}
