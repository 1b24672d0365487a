import type { Labels } from "../description/label-selector.ts";
import type { HeldAddresses } from "./held-addresses.ts";
import type { ContainerPort } from "./policy-input.ts";
import type { SubnetHolders } from "./subnet-holders.ts";

/** What the rows look like: as today's OVN-Kubernetes writes them, or as it did in mid-2023. */
export type Profile = "ovn-kubernetes" | "ovn-kubernetes-2023";

/** One northbound database for all nodes, or one per zone. */
export type Mode = "central" | "interconnect";

/**
 * How traffic leaves a node in OVN-Kubernetes: by its gateway router (`shared`), or through the node itself (`local`). Of secondary
 * networks `local` adds one option to the routers of layer3 ones.
 */
export type GatewayMode = "shared" | "local";

/** What all networks of a cluster share. */
export interface TopologyOptions {
  /** Default where it may be left out: `ovn-kubernetes`. */
  readonly profile: Profile;
  /** Default where it may be left out: `central`. */
  readonly mode: Mode;
  /** The zone of this database, see {@link NodeInput.zone}. Needed in mode interconnect, and refused in the other. */
  readonly zone?: string | undefined;
  /** Default where it may be left out: `shared`. */
  readonly gatewayMode: GatewayMode;
  /** Bytes, 68 to 65535; becomes `gateway_mtu` of layer3 router ports. Default where it may be left out: 1400. */
  readonly clusterMtu: number;
}

/** A node of the cluster. */
export interface NodeInput {
  readonly name: string;
  /** Annotation `k8s.ovn.org/node-chassis-id`. Without it the node's name is used, with a note. Not used by the 2023 profile. */
  readonly chassisId?: string | undefined;
  /** Annotation `k8s.ovn.org/node-subnets`: by network, what the node was given in the past. */
  readonly subnets?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Annotation `k8s.ovn.org/gateway-mtu-support`. Default true. */
  readonly gatewayMtuSupport?: boolean | undefined;
  /**
   * Mode interconnect: annotation `k8s.ovn.org/zone-name`.
   * @default the node's name: today's OVN-Kubernetes has a zone for every node, and the annotation no more
   */
  readonly zone?: string | undefined;
  /**
   * Annotation `k8s.ovn.org/node-transit-switch-port-ifaddr`: its addresses between the zones, `address/length`, one of each
   * family. Layer3 networks in mode interconnect need it.
   */
  readonly transitAddresses?: readonly string[] | undefined;
  /** Annotation `k8s.ovn.org/node-id`, from 1. Primary networks need it, and layer3 ones in mode interconnect. */
  readonly id?: number | undefined;
  /** Annotation `k8s.ovn.org/l3-gateway-config`, of its network `default`. Primary networks need it. */
  readonly gateway?: GatewayInput | undefined;
  /** Annotation `k8s.ovn.org/host-cidrs`: all of the node's own addresses, `address` or `address/length`; services' node ports are there. Default: those of `gateway`. */
  readonly hostAddresses?: readonly string[] | undefined;
  /** Annotation `k8s.ovn.org/node-masquerade-subnet`: one range of each family. Primary networks need those of their families. */
  readonly masqueradeSubnets?: readonly string[] | undefined;
  /** Annotation `k8s.ovn.org/network-ids`: by network. */
  readonly networkIds?: Readonly<Record<string, number>> | undefined;
}

/** How a node reaches the outside. */
export interface GatewayInput {
  readonly mode: GatewayMode;
  /** Name of the Open vSwitch bridge. */
  readonly bridge: string;
  /** MAC of that bridge. */
  readonly mac: string;
  /** The node's addresses on it, `address/length`. */
  readonly ips: readonly string[];
  /** Its default gateways. */
  readonly nextHops: readonly string[];
  /** Whether the node serves NodePorts. @default true */
  readonly nodePort?: boolean | undefined;
  /** VLAN of the outside; 0 or absent: untagged. */
  readonly vlan?: number | undefined;
}

/** What a pod was given on one network: an entry of the annotation `k8s.ovn.org/pod-networks`. */
export interface PodRecord {
  /** `address/length`, or `address` alone: the length is that of its subnet. */
  readonly ips: readonly string[];
  readonly mac?: string | undefined;
  /** `tunnel_id`, from 1 to 32767: the key of its port in all zones. Layer2 networks in mode interconnect need it. */
  readonly tunnelId?: number | undefined;
}

/** One pod on one network. */
export interface AttachmentInput {
  readonly namespace: string;
  /** The pod's name. */
  readonly name: string;
  /** The pod's uid. Without it, or with an empty one, an existing port keeps the one it has. */
  readonly uid?: string | undefined;
  /** Name of the node that the pod runs on. */
  readonly node: string;
  /** NAD key: `namespace/name`, and `/1`, `/2` for the second and third attachment of a pod to the same NAD. */
  readonly nad: string;
  /** Requested MAC. */
  readonly mac?: string | undefined;
  /** Requested addresses, `address` or `address/length`; the length is that of its subnet, if it has one. */
  readonly ips?: readonly string[] | undefined;
  /** Annotation `k8s.ovn.org/pod-networks`: what the pod was given in the past. */
  readonly recorded?: PodRecord | undefined;
  /** The pod's labels; policies select by them. Default: none. */
  readonly labels?: Labels | undefined;
  /** Ports of the pod's containers that have names; policies may use those. Default: none. */
  readonly ports?: readonly ContainerPort[] | undefined;
  /** The virtual machine that the pod runs. Absent: it runs none. */
  readonly vm?: VirtualMachineInput | undefined;
  /** Primary networks: the pod's port on the cluster's own network, which upstream gives it besides. Absent: it has none. */
  readonly defaultPort?: DefaultPortInput | undefined;
  /** Its addresses are those of this claim, unless the pod was given others. */
  readonly claim?: IpamClaimInput | undefined;
  /** Where this was written (file and line), for messages. */
  readonly source?: string | undefined;
}

/** What OVN-Kubernetes gave a pod on the cluster's own network. Only the nodes reach it there, and everybody its open ports. */
export interface DefaultPortInput {
  /** Annotation `k8s.ovn.org/pod-networks`, its `default`: `address` or `address/length`, one at least. */
  readonly ips: readonly string[];
  /** Of the same. Default: made from the first address. */
  readonly mac?: string | undefined;
  /** Annotation `k8s.ovn.org/open-default-ports`. Default: none. */
  readonly openPorts?: readonly OpenPort[] | undefined;
}

/** A port of a pod that is open to the cluster's own network; ICMP has no number. */
export type OpenPort =
  | { readonly protocol: "icmp" }
  | { readonly protocol: "tcp" | "udp" | "sctp"; readonly port: number };

/** A virtual machine of KubeVirt. */
export interface VirtualMachineInput {
  /** Its name in the pod's namespace: annotation `kubevirt.io/domain`. DHCP tells it as the host's name. */
  readonly name: string;
  /**
   * Name of its other pod while it moves from one to the other: both have one address. Needed if that one is not in the same
   * request.
   */
  readonly peer?: string | undefined;
  /**
   * In and after a live migration on layer2 and localnet: whether the machine is in this pod. The port of the other one is
   * disabled and has no `addresses`, as upstream has it. Absent: it never moved.
   */
  readonly active?: boolean | undefined;
}

/** An IPAMClaim: addresses that stay with a virtual machine, whatever pod it runs in. */
export interface IpamClaimInput {
  readonly namespace: string;
  readonly name: string;
  /** Its `status.ips`, `address` or `address/length`; empty as long as nothing was given out. */
  readonly ips: readonly string[];
  /** Where this was written (file and line), for messages. */
  readonly source?: string | undefined;
}

/** A node switch of a layer3 network as the database shows it. */
export interface ObservedNode {
  readonly name: string;
  /** Candidates in order of trust, see `readNodeSubnets`; the first valid one of each family counts. */
  readonly subnets: readonly string[];
}

/** A Logical_Switch_Port on one of the network's switches, ours or not. */
export interface ObservedPort {
  readonly uuid: string;
  readonly name: string;
  readonly switchName: string;
  /** Column `addresses`. For ports to a foreign router: the addresses of that router's port may be added. */
  readonly addresses: readonly string[];
  readonly portSecurity: readonly string[];
  readonly externalIds: Readonly<Record<string, string>>;
  /** Column `options`; lets an attachment without a uid keep the `iface-id-ver` of its port. */
  readonly options?: Readonly<Record<string, string>>;
  /** Column `enabled`; lets the port of a virtual machine that moved keep it. */
  readonly enabled?: boolean | null;
  /** Column `dynamic_addresses`: what ovn-northd gave to a foreign port. */
  readonly dynamicAddresses?: string | null;
}

/** A Load_Balancer_Group with one of the network's names. */
export interface ObservedGroup {
  readonly uuid: string;
  readonly name: string;
  /** Uuids in its `load_balancer`. */
  readonly loadBalancers: readonly string[];
  /** Switches and routers of others that use it, for people; the server would not let it go. Default: none. */
  readonly users?: readonly string[];
}

/** A Gateway_Chassis of one of the network's router ports. */
export interface ObservedGatewayChassis {
  readonly uuid: string;
  readonly name: string;
  /** One that differs from ours, 1, was given by somebody else, whose row it then is. Default 1. */
  readonly priority?: number;
}

/** What a router of the network holds, as far as it says that it is of this network. */
export interface ObservedRouter {
  readonly name: string;
  readonly children: readonly ObservedChild[];
}

/** A route, a policy or a NAT of a router. */
export interface ObservedChild {
  readonly uuid: string;
  /** The set that holds it. */
  readonly column: "static_routes" | "policies" | "nat";
  /** The node of another zone that it leads to. Default: none. */
  readonly node?: string;
  /** Its columns that hold texts and numbers; an empty optional one is null. */
  readonly values: Readonly<Record<string, string | number | null>>;
}

/** What a primary network has in the database for the nodes of the call as they were. */
export interface FormerWays {
  /** Addresses that routes to them lead to: of their gateway routers, and of their own interfaces. */
  readonly hops: ReadonlySet<string>;
  /** What lets their own interfaces through on the switches: `external_ids:k8s.ovn.org/id` of ACLs. */
  readonly acls: readonly { readonly uuid: string; readonly id: string; readonly switchName: string }[];
  /** Uuids of the load balancer group of gateway routers, which those of nodes without node ports leave. */
  readonly routerGroups: readonly string[];
}

/** Logical_Router_Port rows, by which the subnets of nodes are claimed. */
export interface ObservedRouterPorts {
  /** Name of the row with this uuid. */
  readonly nameOf: (uuid: string) => string | undefined;
  /** Whether there is a row of this name. */
  readonly has: (name: string) => boolean;
}

/** A DHCP_Options row of the network's controller. */
export interface ObservedDhcp {
  readonly uuid: string;
  /** `external_ids:k8s.ovn.org/id`. */
  readonly id: string;
  /** Column `options`; lets a row keep what the request does not say. */
  readonly options: Readonly<Record<string, string>>;
  /** Ports that refer to it. */
  readonly users: () => readonly { readonly uuid: string; readonly name: string }[];
}

/** What the database holds for one network before the call. */
export interface Observed {
  readonly nodes: readonly ObservedNode[];
  /** Nodes that are not in `nodes`, by their subnets; those that are in the call do not count. Default: none. */
  readonly others?: SubnetHolders | undefined;
  /** Ports on the network's switches; where there is `held`, only those that have to be looked at themselves. */
  readonly ports: readonly ObservedPort[];
  /** What ports on the switch hold that are not in `ports`; it may know of those, too. Default: nothing. */
  readonly held?: HeldAddresses;
  /** Whether any Logical_Switch_Port row has this uuid. */
  readonly claims: (uuid: string) => boolean;
  /**
   * Rows with this uuid go in the same transaction: their addresses and subnets are free, though not their uuids. Default: none.
   */
  readonly leaving?: ((uuid: string) => boolean) | undefined;
  /** Load_Balancer_Group rows with the network's names; the 2023 profile, which has none, takes them away. Default: none. */
  readonly groups?: readonly ObservedGroup[] | undefined;
  /** Gateway_Chassis rows of the network's router ports; those of a chassis that the node no longer has are taken away. Default: none. */
  readonly gatewayChassis?: readonly ObservedGatewayChassis[];
  /** Layer3: who claims nodes' subnets. Default: nobody. */
  readonly routerPorts?: ObservedRouterPorts;
  /**
   * Whether somebody is about to claim an address or a node's subnet with this uuid. It is not given out then, but those who ask
   * for it or have it recorded get it, with the claim: the database decides between the two. Default: nobody.
   */
  readonly reserved?: ((uuid: string) => boolean) | undefined;
  /** Routers of the network; what of theirs is not wanted any more is taken away. Default: none. */
  readonly routers?: readonly ObservedRouter[] | undefined;
  /** Primary networks: what is there for the nodes as they were, and goes where they are so no more. Default: nothing. */
  readonly former?: FormerWays | undefined;
  /** What the network's ports are told by DHCP. Default: nothing. */
  readonly dhcp?: readonly ObservedDhcp[];
}

/** A database that holds nothing of the network yet. */
export const nothingObserved: Observed = Object.freeze({ nodes: [], ports: [], claims: () => false });
