/** A pod's port on the cluster's own network as the database shows it. */
export interface ObservedDefaultPort {
  readonly uuid: string;
  /** The network that it says it belongs to; empty as it should be. */
  readonly network: string;
  /** Columns `addresses` and `port_security`. */
  readonly addresses: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** What the database holds of the cluster's own network, as far as pods of primary ones have to do with it. */
export interface ObservedIsolation {
  /** ACLs of the group that closes their ports there. */
  readonly acls: readonly { readonly uuid: string; readonly id: string; readonly match: string }[];
  /** Whether there is a meter for the log that limits something. */
  readonly hasMeter: boolean;
  /** Whether a node has a switch there. */
  readonly hasSwitch: (node: string) => boolean;
  /** The port of that name. */
  readonly port: (name: string) => ObservedDefaultPort | undefined;
}
