import type { Address, Cidr } from "./address.ts";
import { addressIn, interfaceAt } from "./interface-address.ts";

/**
 * Addresses that stand for a node's host and a network's routers towards each other; each has the same on every node
 * (go-controller/pkg/config/config.go and pkg/generator/udn/masquerade_ips.go).
 */
export interface Masquerade {
  readonly subnet: Cidr;
  /** The host. */
  readonly host: Address;
  /** Where routers send what is for the host. Nobody has it; its MAC is written down. */
  readonly dummyNextHop: Address;
  /** The source of what a service sends back to the pod that asked. */
  readonly hairpin: Address;
  /** The network's gateway router. */
  readonly gatewayRouter: Address;
  /** The network's management port. */
  readonly managementPort: Address;
}

/** The first address that belongs to a network; those before are the cluster's own. */
const NETWORKS_BASE = 10;

/** The addresses of a network in one masquerade range; undefined when the range is too small for its id. */
export function masqueradeOf(subnet: Cidr, networkId: number): Masquerade | undefined {
  const host = addressIn(subnet, 2);
  const dummyNextHop = addressIn(subnet, 4);
  const hairpin = addressIn(subnet, 5);
  // The host has the range on an interface, and would take its last address for all that there are.
  const gatewayRouter = interfaceAt(subnet, NETWORKS_BASE + 2 * networkId - 1)?.address;
  const managementPort = addressIn(subnet, NETWORKS_BASE + 2 * networkId);
  return host && dummyNextHop && hairpin && gatewayRouter && managementPort
    ? { subnet, host, dummyNextHop, hairpin, gatewayRouter, managementPort }
    : undefined;
}
