/** A pod's port, as `listNetworks` tells of it, and as whoever attaches or detaches pods may hand it on. */
export interface PodOverview {
  readonly namespace: string;
  readonly name: string;
  /** NAD key: `namespace/name`, with `/1`, `/2` when the pod has several ports by one NAD. */
  readonly nad: string;
  /** The node, if the database tells which one it is, else the chassis. */
  readonly node: string;
  /** Option `requested-chassis`: a chassis id or a node's name. */
  readonly chassis: string;
  readonly mac: string;
  /** Without prefix length. */
  readonly ips: readonly string[];
  /** Name of its Logical_Switch_Port. */
  readonly port: string;
  /** Uuid of that row. */
  readonly portUuid: string;
  /** Name of the Logical_Switch that it is on. */
  readonly switch: string;
}
