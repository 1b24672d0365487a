import type { GraphBoxKind } from "./graph.ts";

/** One thing that the database holds, before anything is folded. */
export interface Part {
  /** Uuid of a row, or what else tells it from all others. */
  readonly key: string;
  readonly kind: GraphBoxKind;
  /** What it is without its node: `gateway router`. */
  readonly what: string;
  /** Name of the row; empty when it is none. */
  readonly name: string;
  readonly lines: readonly string[];
  /** What is listed here, in order; of many the first are named. Absent: the part is one thing. */
  readonly entries?: readonly string[];
  /** The switch or router where those are, by its key. */
  readonly at?: string;
  /** Empty for rows of no network; absent for physical networks. */
  readonly network?: string;
  readonly node?: string;
}

/** Two parts that are connected. */
export interface Wire {
  readonly ends: readonly [string, string];
  readonly labels: readonly string[];
}

/** All parts of a database, and how they are connected. */
export interface Parts {
  readonly parts: readonly Part[];
  readonly wires: readonly Wire[];
}
