import type { Mode, Profile } from "../request/inputs.ts";
import type { PodOverview } from "../request/pod-overview.ts";
import type { ForeignRow } from "./foreign-rows.ts";

/** A network as the database shows it. Every list is sorted, so that two looks at the same rows are equal. */
export interface NetworkOverview {
  readonly name: string;
  /** `layer3`, `layer2` or `localnet`; empty when no row says it. */
  readonly topology: string;
  /** `primary` or `secondary`; empty where the profile does not write it. */
  readonly role: string;
  /** Undefined when the rows do not tell. */
  readonly profile: Profile | undefined;
  /** Undefined when both modes write the same. */
  readonly mode: Mode | undefined;
  /** Of the network's one switch; empty on layer3, where only the parts of the nodes are in the database. An IPv6 prefix has no length there. */
  readonly subnets: readonly string[];
  /** NADs by which pods are attached, `namespace/name`. */
  readonly nads: readonly string[];
  readonly routers: readonly RouterOverview[];
  readonly switches: readonly SwitchOverview[];
  /** Layer3 only. */
  readonly nodes: readonly NodeOverview[];
  readonly pods: readonly PodOverview[];
  readonly policies: readonly PolicyOverview[];
  readonly services: readonly ServiceOverview[];
  /** Rows of somebody else that hang on the network's switches and routers, and would go with them. */
  readonly foreign: readonly ForeignRow[];
}

/** A router of a network. */
export interface RouterOverview {
  readonly uuid: string;
  readonly name: string;
  readonly ports: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly mac: string;
    /** Addresses with prefix length. */
    readonly networks: readonly string[];
  }[];
}

/** A switch of a network. */
export interface SwitchOverview {
  readonly uuid: string;
  readonly name: string;
  /** The node that the switch is for, on layer3. */
  readonly node?: string;
  readonly subnets: readonly string[];
  /** Its ports without those of pods and those of somebody else. */
  readonly ports: readonly SwitchPortOverview[];
}

/** A port that joins a switch to something. */
export interface SwitchPortOverview {
  readonly uuid: string;
  readonly name: string;
  /** Column `type`, such as `router` and `localnet`. */
  readonly type: string;
  /** The router port it leads to. */
  readonly peer?: string;
  /** The physical network it leads to, as in `ovn-bridge-mappings`. */
  readonly physicalNetwork?: string;
  readonly vlan?: number;
}

/** A node's part of a layer3 network; in mode interconnect also the way to a node of another zone. */
export interface NodeOverview {
  readonly name: string;
  readonly subnets: readonly string[];
  /** The chassis that the router's port to the node is bound to, or the port to its zone; empty when there is none. */
  readonly chassis: string;
  /** The node is in another zone. Absent: no. */
  readonly isRemote?: true;
}

/** A NetworkPolicy or MultiNetworkPolicy on a network. */
export interface PolicyOverview {
  readonly namespace: string;
  readonly name: string;
  /** Names of the ports of the pods that it is about. */
  readonly ports: readonly string[];
  /** How many ACLs its rules are. */
  readonly acls: number;
}

/** A service on a primary network. */
export interface ServiceOverview {
  readonly namespace: string;
  readonly name: string;
  /** How many load balancers it is. */
  readonly balancers: number;
}
