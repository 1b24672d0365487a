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
    readonly network?: string;
    /**
     * The pod's uid. A port whose `options:iface-id-ver` is another one belongs to a later pod of the same name, and stays.
     * @default any
     */
    readonly uid?: string;
  }[];
  /** Policies, from all networks of a role. Address sets that nothing else needs go along. Default: none. */
  readonly policies?: readonly PolicyName[];
  /** Services, from all primary networks. Default: none. */
  readonly services?: readonly ServiceName[];
  /** Take along rows of others that hang on what is removed. @default false */
  readonly force?: boolean;
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
