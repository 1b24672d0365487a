import type { NetworkRole } from "../description/network-spec.ts";

/** What `planDeletion` is asked for. */
export interface DeletionRequest {
  /** Names of networks, which go with their nodes' parts and all their pods' ports. */
  readonly networks: readonly string[];
  /** Ports of pods, by NAD key (`namespace/name`, `/1` and on for repeated attachments). */
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly nad: string;
    /** Take the port only if it is on this network. @default any */
    readonly network?: string | undefined;
    /**
     * The pod's uid. A port whose `options:iface-id-ver` is another one belongs to a later pod of the same name, and stays.
     * @default any
     */
    readonly uid?: string | undefined;
  }[];
  /** Nodes, from some networks or all; the networks stay. Default: none. */
  readonly nodes?: readonly LeavingNode[] | undefined;
  /** Policies, from all networks of a role. Address sets that nothing else needs go along. Default: none. */
  readonly policies?: readonly PolicyName[] | undefined;
  /** Services, from all primary networks. Default: none. */
  readonly services?: readonly ServiceName[] | undefined;
  /** Take along rows of others that hang on what is removed. @default false */
  readonly force?: boolean | undefined;
}

/**
 * A node that is to leave networks. Where nodes have rows of their own, these go, with the ports of the pods on its switch; on a switch
 * that all nodes share, layer2 and localnet, the ports of the pods whose `options:requested-chassis` is the node's.
 */
export interface LeavingNode {
  /** The node. */
  readonly name: string;
  /** The network that it leaves. @default all of the database */
  readonly network?: string | undefined;
  /**
   * Annotation `k8s.ovn.org/node-chassis-id`: by that and by the node's name pods on layer2 and localnet networks are known to be
   * there.
   * @default what the rows of any network of the database tell
   */
  readonly chassisId?: string | undefined;
}

/** A policy that is to go, from all networks of a role on which it is. */
export interface PolicyName {
  readonly namespace: string;
  readonly name: string;
  /** A NetworkPolicy is about primary networks, a MultiNetworkPolicy about secondary ones. */
  readonly role: NetworkRole;
}

/** A service that is to go, from all primary networks on which it is. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}
