import type { Operation, WrittenOperations } from "../../ovsdb/index.ts";
import type { Change, OmittedColumn, RowPlan } from "../../reconcile/index.ts";
import type { PlannedAttachment, PlannedNode } from "./draft-network.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import type { NetworkPair } from "./group-networks.ts";

/** The difference between what was asked for and what the database holds at one moment. */
export interface DraftPlan {
  readonly changes: readonly Change[];
  readonly isEmpty: boolean;
  readonly operations: readonly Operation[];
  /** What is sent: the operations as text, and before them what guards or marks rows for plans that are made at the same time. */
  readonly written: WrittenOperations;
  readonly omitted: readonly OmittedColumn[];
  readonly bytes: number;
  /** As {@link RowPlan.sizes}. */
  readonly sizes: RowPlan["sizes"];
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
  readonly nodes: readonly PlannedNode[];
  /** Uuids of rows that claim addresses and subnets: a plan that makes the same claims is refused after this one. */
  readonly claims: readonly string[];
  /** Rows that nobody else may change meanwhile: something was given out that no row's uuid claims. */
  readonly exclusive: readonly ExclusiveRow[];
  /** Networks of which one takes what the other gives up, so that one transaction has to hold both. Absent: none. */
  readonly together?: readonly NetworkPair[] | undefined;
}

/** What is to be said about a plan of rows besides the rows. */
type About = Pick<
  DraftPlan,
  "omitted" | "notes" | "kept" | "absent" | "attachments" | "nodes" | "claims" | "exclusive" | "together"
> & {
  /** Operations that go before the others: marks on rows, and what fails the transaction if others set such. Absent: none. */
  readonly guards?: WrittenOperations | undefined;
};

/**
 * A plan of rows with what is to be said about it. What takes long to tell waits until somebody asks; a class, since an object
 * with getters of its own is slow to make.
 */
export class DraftOfRows implements DraftPlan {
  readonly isEmpty: boolean;
  readonly omitted: readonly OmittedColumn[];
  readonly notes: readonly string[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
  readonly attachments: readonly PlannedAttachment[];
  readonly nodes: readonly PlannedNode[];
  readonly claims: readonly string[];
  readonly exclusive: readonly ExclusiveRow[];
  readonly together: readonly NetworkPair[] | undefined;
  readonly #guards: WrittenOperations | undefined;
  readonly #planned: RowPlan;

  constructor(planned: RowPlan, about: About) {
    this.isEmpty = planned.isEmpty;
    this.omitted = about.omitted;
    this.notes = about.notes;
    this.kept = about.kept;
    this.absent = about.absent;
    this.attachments = about.attachments;
    this.nodes = about.nodes;
    this.claims = about.claims;
    this.exclusive = about.exclusive;
    this.together = about.together;
    this.#guards = about.guards;
    this.#planned = planned;
  }

  get changes(): readonly Change[] {
    return this.#planned.changes;
  }

  get operations(): readonly Operation[] {
    return this.#planned.operations;
  }

  get written(): WrittenOperations {
    const { written } = this.#planned;
    return this.#guards === undefined || this.isEmpty ? written : this.#guards.followedBy(written);
  }

  get bytes(): number {
    return this.#planned.bytes;
  }

  get sizes(): RowPlan["sizes"] {
    return this.#planned.sizes;
  }
}

/**
 * The claims of what a plan writes. One that needs rows for itself is made again when it has them, and nobody else takes anything
 * there then.
 */
export function toReserve({ isEmpty, exclusive, claims }: DraftPlan): readonly string[] {
  return isEmpty || exclusive.length > 0 ? [] : claims;
}
