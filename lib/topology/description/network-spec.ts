import type { Address, Cidr } from "./address.ts";
import type { DhcpInput, DhcpSpec } from "./dhcp-spec.ts";

/** How a network forwards: a router with a switch per node, one switch for all, or one switch bridged to a physical network. */
export type TopologyName = "layer3" | "layer2" | "localnet";

/** One subnet as a user gives it. */
export interface SubnetSpec {
  /** `address/length`; host bits are cleared. */
  readonly cidr: string;
  /** Layer3 only: length of each node's part. Default 24 (IPv4) or 64 (IPv6, where nothing else is possible). */
  readonly hostPrefix?: number | undefined;
}

/** What a user says about a network; the fields of a NAD's configuration under the same names (reference: upstream's pkg/cni/types). */
export interface NetworkInput {
  /** The network's name, from which all row names are made. */
  readonly name: string;
  /** NADs that define the network, `namespace/name`; the first is the default of `attach`. */
  readonly nad?: string | readonly string[] | undefined;
  /**
   * Primary: its pods have their traffic on it instead of the cluster's own network; layer3 and layer2 only.
   * @default "secondary"
   */
  readonly role?: NetworkRole | undefined;
  /** A comma-separated text (`10.33.0.0/16/24,fd00:10::/48`) or a list. Without subnets ports have a MAC only; layer3 and primary networks need one. */
  readonly subnets?: string | readonly (string | SubnetSpec)[] | undefined;
  /** Ranges that are never given out by themselves, each within one subnet. Ignored for layer3, as upstream does. */
  readonly excludeSubnets?: string | readonly string[] | undefined;
  /** Bytes. Default, and 0: the cluster's MTU. Rows of DHCP and of router advertisements hold it. */
  readonly mtu?: number | undefined;
  /**
   * Localnet only: without `mtu` it is not the cluster's but 100 bytes more, which no header of an overlay takes away. So
   * upstream has it on a ClusterUserDefinedNetwork, and not on a NAD (pkg/clustermanager/userdefinednetwork/template,
   * pkg/config/cni.go). @default false
   */
  readonly underlayMtu?: boolean | undefined;
  /** Localnet only: 1 to 4094, 0 for untagged (default). */
  readonly vlanID?: number | undefined;
  /** Localnet only: name of the physical network in `ovn-bridge-mappings`. Default: the network's name. */
  readonly physicalNetworkName?: string | undefined;
  /** Layer2 and localnet only: virtual machines keep their addresses. Changes no row. @default false */
  readonly allowPersistentIPs?: boolean | undefined;
  /** For the addresses between routers of a primary network, one range of a family at most; secondary ones keep it free. Default: 100.65.0.0/16, fd99::/64. */
  readonly joinSubnet?: string | readonly string[] | undefined;
  /**
   * Primary layer2 only: for the addresses between its transit router and the gateway routers, one range for each subnet.
   * Default: 100.88.0.0/16 and fd97::/64, or the next range of that size that overlaps with nothing of the network.
   */
  readonly transitSubnet?: string | readonly string[] | undefined;
  /** Primary layer2 only: given out on request, never by themselves; each within one subnet. */
  readonly reservedSubnets?: string | readonly string[] | undefined;
  /** Primary layer2 only: for gateway and management addresses, never for pods; each within one subnet. */
  readonly infrastructureSubnets?: string | readonly string[] | undefined;
  /** Primary layer2 only: the pods' gateway, one for each subnet. Default: the first of `infrastructureSubnets`, else of the subnet. */
  readonly defaultGatewayIPs?: string | readonly string[] | undefined;
  /**
   * Annotation `k8s.ovn.org/network-id` of its NAD, 1 to 4095. A primary network needs it, and every one but localnet in mode
   * interconnect; nodes may tell it, too.
   */
  readonly networkId?: number | undefined;
  /**
   * Layer2 and localnet with subnets: pods, and virtual machines in them, may ask for their addresses by DHCP. Ours, upstream
   * has it for virtual machines on primary layer2 networks only, which are served unless this is `false`. @default false
   */
  readonly dhcp?: boolean | DhcpInput | undefined;
  /**
   * Primary layer2 only: annotation `k8s.ovn.org/tunnel-keys` of its NAD, the keys of its switch and its transit router. Needed
   * in mode interconnect.
   */
  readonly tunnelKeys?: readonly number[] | undefined;
}

/** `primary` networks take the place of the cluster's own network for their pods, `secondary` ones are in addition to it. */
export type NetworkRole = "primary" | "secondary";

/** A subnet of a validated network. */
export interface Subnet extends Cidr {
  /** Layer3 only: length of each node's part. */
  readonly hostPrefix?: number;
}

/** A validated network. Frozen. */
export interface NetworkSpec {
  readonly topology: TopologyName;
  readonly name: string;
  /** `namespace/name`; the first is the default of `attach`. */
  readonly nads: readonly string[];
  readonly role: NetworkRole;
  readonly subnets: readonly Subnet[];
  /** Ranges that are never given out by themselves. */
  readonly excludes: readonly Cidr[];
  /** Bytes. Absent: the cluster's. */
  readonly mtu?: number;
  /** Without `mtu`: 100 bytes more than the cluster's. Never beside `mtu`. */
  readonly underlayMtu?: true;
  /** Localnet: 1 to 4094. Absent: untagged. */
  readonly vlan?: number;
  /** Localnet: as in `ovn-bridge-mappings`. Absent: the network's name. */
  readonly physicalNetworkName?: string;
  readonly allowPersistentIPs: boolean;
  /** 1 to 4095, where it was told. */
  readonly networkId?: number;
  /** Absent: nobody is served. */
  readonly dhcp?: DhcpSpec;
  /** Of switch and transit router. */
  readonly tunnelKeys?: readonly number[];
  /** Of a secondary layer2 or layer3 network that says so: one of each family that its subnets leave free. Absent: upstream's. */
  readonly joinSubnets?: readonly Cidr[];
  /** What only primary networks have. */
  readonly primary?: PrimarySpec;
}

/** The part of a validated network that only primary ones have. */
export interface PrimarySpec {
  /** One of each family, IPv4 first. */
  readonly joinSubnets: readonly Cidr[];
  /** Layer2: in the order of the subnets. */
  readonly transitSubnets: readonly Cidr[];
  /** Layer2: given out on request only. */
  readonly reserved: readonly Cidr[];
  /** Layer2: never for pods. */
  readonly infrastructure: readonly Cidr[];
  /** Layer2: the pods' gateway in each subnet. */
  readonly gateways: readonly Address[];
  /** Layer2: the nodes' management address in each subnet. */
  readonly managements: readonly Address[];
}
