/** A port group of a network's policies as the database shows it. */
export interface ObservedGroup {
  readonly uuid: string;
  readonly name: string;
  /** `k8s.ovn.org/owner-type`: of one policy, or of a namespace. */
  readonly type: string;
  /** `k8s.ovn.org/name`: `namespace:policy`, or the namespace. */
  readonly subject: string;
  /** Key `direction`; empty on the group of a policy. */
  readonly direction: string;
  readonly ports: readonly { readonly uuid: string; readonly name: string }[];
  /** ACLs of somebody else, for people. */
  readonly strangers: readonly string[];
  /** Those of the network's own controller. */
  readonly acls: readonly { readonly uuid: string; readonly id: string; readonly match: string }[];
}

/** An address set of a network's policies. */
export interface ObservedSet {
  readonly uuid: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

/** What the database holds of one network's policies. */
export interface ObservedPolicies {
  readonly groups: readonly ObservedGroup[];
  readonly sets: readonly ObservedSet[];
  /** Whether there is a meter for the log that limits something. It stays as it is: how much is the cluster's choice. */
  readonly hasMeter: boolean;
  /** The addresses of a port of the network by its name, without the MAC; empty when there is none. */
  addressesOf(portName: string): readonly string[];
  /**
   * The addresses that the port is kept for while it is disabled and so has none, as that of a virtual machine which is in another
   * pod; empty for any other port.
   */
  addressesKeptFor(portName: string): readonly string[];
  /** Names of ports that hold the address, by address, on all switches of the network. May take as long as there are ports. */
  holders(): ReadonlyMap<string, readonly string[]>;
}

/** A database without policies. */
export const noPoliciesObserved: ObservedPolicies = Object.freeze({
  groups: [],
  sets: [],
  hasMeter: false,
  addressesOf: () => [],
  addressesKeptFor: () => [],
  holders: () => new Map(),
});
