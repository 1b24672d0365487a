import type { Operation } from "../../ovsdb/index.ts";
import type { Change, OmittedColumn } from "../../reconcile/index.ts";
import { checkNorthbound, checkRequest } from "../request/check-request.ts";
import type { Northbound, TopologyRequest } from "../request/request.ts";
import { type Applied, type ApplyOptions, applyPlan, type Planner } from "./apply.ts";
import type { PlannedAttachment } from "./draft-network.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { draftTopology, networksOfRequest } from "./draft-plan.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import { remembered } from "./remembered.ts";

/** What would change, before anything is sent; and the way to change it. */
export class Plan implements Omit<DraftPlan, "sizes" | "isEmpty" | "written"> {
  readonly #nb: Northbound;
  readonly #planner: Planner;
  readonly #networks: readonly string[];
  readonly #draft: DraftPlan;

  /** Made by {@link planTopology} and {@link planDeletion}. */
  constructor(nb: Northbound, planner: Planner, networks: readonly string[]) {
    this.#nb = nb;
    this.#planner = remembered(nb, planner);
    this.#networks = networks;
    this.#draft = this.#planner();
  }

  /**
   * Names of the networks that the plan is about: those that were asked for, then those that `pruneNetworks` takes away.
   * These are the names that {@link ApplyOptions.onProgress} tells.
   */
  get networks(): readonly string[] {
    return this.#networks;
  }

  /** Row by row, column by column; empty when nothing has to change. */
  get changes(): readonly Change[] {
    return this.#draft.changes;
  }

  /** The same as one transaction in RFC 7047's form. */
  get operations(): readonly Operation[] {
    return this.#draft.operations;
  }

  /** Columns that are left out because the server's schema lacks them. */
  get omitted(): readonly OmittedColumn[] {
    return this.#draft.omitted;
  }

  /** Bytes of JSON that would be sent. */
  get bytes(): number {
    return this.#draft.bytes;
  }

  /** What people should know although it is no error. */
  get notes(): readonly string[] {
    return this.#draft.notes;
  }

  /** What pruning leaves, because rows of somebody else hang on it or we did not make it. */
  get kept(): readonly string[] {
    return this.#draft.kept;
  }

  /** What was to be removed and is not there. */
  get absent(): readonly string[] {
    return this.#draft.absent;
  }

  /** The ports of the pods that were asked for, with the addresses that they would have. */
  get attachments(): readonly PlannedAttachment[] {
    return this.#draft.attachments;
  }

  /** Rows that must not change between the plan and its transaction; `apply` sees to that. */
  get exclusive(): readonly ExclusiveRow[] {
    return this.#draft.exclusive;
  }

  /**
   * Makes the changes in one guarded transaction. When the database has changed since the plan was made, or changes
   * meanwhile, the plan is made again on what is there then; what was done is in the result.
   *
   * Throws what planning throws, and `ConstraintError`, `ConflictError`, `OutcomeUnknownError`, `TimeoutError`, `LockLostError` of the
   * transaction; `UnconfirmedPlanError` when `wait` did not end well; `ClosedError`, and the reason of `options.signal`.
   */
  apply(options: ApplyOptions = {}): Promise<Applied> {
    return applyPlan(this.#nb, this.#planner, this.#networks, options);
  }
}

/**
 * Plans networks, their nodes and their pods. Adds and repairs; removes only what `prune` and `pruneNetworks` ask for.
 *
 * Throws `SpecError`, `AddressError`, `NameCollisionError`, `ProfileMismatchError`, `ForeignParentError`,
 * `AmbiguousRowError`, `UnsupportedError` and `ValidationError`; nothing has been sent then.
 */
export function planTopology(nb: Northbound, request: TopologyRequest): Plan {
  checkNorthbound(nb);
  checkRequest(request);
  return planChecked(nb, request);
}

/** The same for a request that was made here, of what was checked. */
export function planChecked(nb: Northbound, request: TopologyRequest): Plan {
  return new Plan(nb, (only) => draftTopology(nb, request, only), networksOfRequest(nb, request));
}
