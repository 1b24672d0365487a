/** What a box of a picture stands for; pictures give each kind its colour. */
export type GraphBoxKind =
  | "physical"
  | "gateway"
  | "router"
  | "switch"
  | "pods"
  | "ports"
  | "remote"
  | "policies"
  | "services";

/** One thing of a picture, or several that are folded into one. */
export interface GraphBox {
  /** A word of ASCII letters, digits and `_`, made from kind and name: the same thing keeps it from one picture to the next. */
  readonly id: string;
  readonly kind: GraphBoxKind;
  /** What it is, for people: `gateway router of n1`, `3 pods`, `95 more nodes`. */
  readonly title: string;
  /** Name of the row; empty where the box is no row or many. */
  readonly name: string;
  /** What else is known, a line each: subnets, NAT, pods with their addresses. */
  readonly lines: readonly string[];
  /** The network it belongs to; empty for rows of none. Absent for physical networks, where networks meet. */
  readonly network?: string;
  /** The node that it is for, if it is for one. */
  readonly node?: string;
  /** How many things it stands for; more than 1 where it is folded. */
  readonly count: number;
  /** How far from the outside it is, from 0: links lead from lower columns to higher ones, or stay in one. */
  readonly column: number;
}

/** Two boxes that are connected. */
export interface GraphLink {
  /** Ids of boxes. */
  readonly from: string;
  readonly to: string;
  /** Addresses of the router ports between them, VLANs; empty where links are folded. */
  readonly labels: readonly string[];
}

/** A network of a picture. */
export interface GraphNetwork {
  /** Empty for the rows that belong to none. */
  readonly name: string;
  /** `layer3`, `layer2` or `localnet`; empty when no row says it. */
  readonly topology: string;
  /** `primary` or `secondary`; empty when no row says it. */
  readonly role: string;
  /** All its nodes, also those that are folded. */
  readonly nodes: readonly string[];
}

/** A picture of networks before it is drawn. The same rows make the same picture, in the same order. */
export interface TopologyGraph {
  readonly networks: readonly GraphNetwork[];
  readonly boxes: readonly GraphBox[];
  readonly links: readonly GraphLink[];
}

/** What a picture shows. */
export interface GraphOptions {
  /** Only this network, with what it is connected to. Default: all of the database. */
  readonly network?: string | undefined;
  /** How many nodes of a network are drawn; one box stands for the rest, if that is more than one node. @default 5 */
  readonly nodes?: number | undefined;
  /** Nodes that are drawn beside those. Default: none. */
  readonly alsoNodes?: readonly string[] | undefined;
  /** How many pods, or other ports, are named at each place; a line counts the rest, if that is more than one. 0 only counts. @default 5 */
  readonly pods?: number | undefined;
}

/** Their names, for what plain JavaScript gives. */
export const GRAPH_OPTIONS: Readonly<Record<keyof GraphOptions, true>> = {
  network: true,
  nodes: true,
  alsoNodes: true,
  pods: true,
};
