import type { Cidr } from "../description/address.ts";
import type { Subnet } from "../description/network-spec.ts";

/** A subnet and the node that has it. */
export interface Holding {
  readonly subnet: Cidr;
  readonly node: string;
}

/** Nodes of a layer3 network by their subnets, with the work of looking at all of them done before. */
export interface SubnetHolders {
  /** One of the nodes that `counts` is true of which has a part of the subnet. */
  holder(subnet: Cidr, counts: (node: string) => boolean): Holding | undefined;
  /** No part of the range that is numbered lower is free, not even when these nodes do not count. */
  firstFree(range: Subnet, leftOut: Iterable<string>): bigint;
}
