import type { Cidr } from "./address.ts";

/** How a network forwards: a router with a switch per node, one switch for all, or one switch bridged to a physical network. */
export type TopologyName = "layer3" | "layer2" | "localnet";

/** One subnet as a user gives it. */
export interface SubnetSpec {
  /** `address/length`; host bits are cleared. */
  readonly cidr: string;
  /** Layer3 only: length of each node's part. Default 24 (IPv4) or 64 (IPv6, where nothing else is possible). */
  readonly hostPrefix?: number;
}

/** What a user says about a network; the fields of a NAD's configuration under the same names (reference: upstream's pkg/cni/types). */
export interface NetworkInput {
  /** The network's name, from which all row names are made. */
  readonly name: string;
  /** NADs that define the network, `namespace/name`; the first is the default of `attach`. */
  readonly nad?: string | readonly string[];
  readonly role?: "secondary";
  /** A comma-separated text (`10.33.0.0/16/24,fd00:10::/48`) or a list. Without subnets ports have a MAC only; layer3 needs one. */
  readonly subnets?: string | readonly (string | SubnetSpec)[];
  /** Ranges that are never given out by themselves, each within one subnet. Ignored for layer3, as upstream does. */
  readonly excludeSubnets?: string | readonly string[];
  /** Bytes. Default, and 0: the cluster's MTU. No row holds it. */
  readonly mtu?: number;
  /** Localnet only: 1 to 4094, 0 for untagged (default). */
  readonly vlanID?: number;
  /** Localnet only: name of the physical network in `ovn-bridge-mappings`. Default: the network's name. */
  readonly physicalNetworkName?: string;
  /** Layer2 and localnet only. Changes no row. */
  readonly allowPersistentIPs?: boolean;
}

/** A subnet of a validated network. */
export interface Subnet extends Cidr {
  /** Layer3 only: length of each node's part. */
  readonly hostPrefix?: number;
}

/** A validated network. Frozen. */
export interface NetworkSpec {
  readonly topology: TopologyName;
  readonly name: string;
  readonly nads: readonly string[];
  readonly role: "secondary";
  readonly subnets: readonly Subnet[];
  readonly excludes: readonly Cidr[];
  readonly mtu?: number;
  readonly vlan?: number;
  readonly physicalNetworkName?: string;
  readonly allowPersistentIPs: boolean;
}
