import { Database, DEFAULT_APPLY_TIMEOUT, type Deadline, deadlineOf } from "../../database/index.ts";
import { showAs, UsageError } from "../../jsonrpc/index.ts";
import type { Operation } from "../../ovsdb/index.ts";
import type { Change, OmittedColumn } from "../../reconcile/index.ts";
import { NotSyncedError } from "../../session/index.ts";
import { checkNorthbound, checkRequest } from "../request/check-request.ts";
import type { Northbound, TopologyRequest } from "../request/request.ts";
import { type Applied, type ApplyOptions, applyPlan, checkApplyOptions, type Planner } from "./apply.ts";
import type { PlannedAttachment, PlannedNode } from "./draft-network.ts";
import { type DraftPlan, toReserve } from "./draft-of-rows.ts";
import { draftTopology, networksOfRequest } from "./draft-plan.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import { type PodTest, planInOrder, podTest } from "./pod-order.ts";
import { remembered } from "./remembered.ts";
import { Reservation } from "./reservation.ts";
import { shownOf } from "./shown-plan.ts";

/** What would change, before anything is sent; and the way to change it. */
export class Plan implements Omit<DraftPlan, "sizes" | "isEmpty" | "written" | "claims"> {
  readonly #nb: Northbound;
  readonly #make: PlanMaker;
  readonly #networks: readonly string[];
  readonly #isAbout: PodTest;
  readonly #draft: DraftPlan;
  readonly #reservation: Reservation;
  #planner: Planner;
  /** Calls of `apply` that are under way; without dry runs, which take nothing. */
  #underWay = 0;

  static {
    showAs(Plan.prototype, "Plan", (plan) => {
      const { networks, bytes } = plan;
      return { networks, bytes, ...shownOf(plan) };
    });
  }

  /** Made by {@link planTopology} and {@link planDeletion}. */
  constructor(nb: Northbound, make: PlanMaker, networks: readonly string[], isAbout: PodTest) {
    this.#nb = nb;
    this.#make = make;
    this.#networks = networks;
    this.#isAbout = isAbout;
    this.#reservation = new Reservation(nb);
    this.#planner = this.#newPlanner();
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

  /** The nodes that were asked for and have subnets of their own in this database, with those. */
  get nodes(): readonly PlannedNode[] {
    return this.#draft.nodes;
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
  async apply(options: ApplyOptions = {}): Promise<Applied> {
    if (options instanceof Database)
      throw new UsageError(
        "a plan writes to the database that it was made for: apply takes options, or nothing",
      );
    checkApplyOptions(options);
    const deadline = deadlineOf(options, DEFAULT_APPLY_TIMEOUT);
    return planInOrder(this.#nb, this.#isAbout, { ...options, deadline }, () =>
      this.#apply(options, deadline),
    );
  }

  async #apply(options: ApplyOptions, deadline: Deadline): Promise<Applied> {
    const apply = (): Promise<Applied> =>
      applyPlan(this.#nb, this.#planner, this.#networks, options, deadline);
    if (options.dryRun === true) return await apply();
    this.#underWay += 1;
    try {
      this.#reserve();
      return await apply();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#reservation.release();
    }
  }

  /**
   * Only what is applied is reserved: a plan that was made to be shown may never be. Nor does that one look past what others have
   * reserved: of many in one turn each would look past all before it, where later turns find most of that in the database.
   */
  #newPlanner(): Planner {
    return remembered(this.#nb, (only) => {
      if (this.#underWay === 0) return this.#make(only);
      const draft = this.#make(only, this.#reservation.others());
      this.#reservation.reserve(toReserve(draft));
      return draft;
    });
  }

  /** What was chosen when the plan was made may be what another one, which is applied already, has chosen too. */
  #reserve(): void {
    const draft = this.#made();
    if (draft === undefined) return;
    const claims = toReserve(draft);
    const isTaken = this.#reservation.others();
    if (isTaken !== undefined && claims.some(isTaken)) this.#planner = this.#newPlanner();
    else this.#reservation.reserve(claims);
  }

  /** The plan, if it is still what would be made. */
  #made(): DraftPlan | undefined {
    try {
      return this.#planner.made?.();
    } catch (error) {
      // It is made again when the connection is there again.
      if (error instanceof NotSyncedError) return undefined;
      throw error;
    }
  }
}

/** Makes a plan on fresh data, for all networks or for some, without what others are about to take. */
type PlanMaker = (only?: ReadonlySet<string>, isTaken?: (claim: string) => boolean) => DraftPlan;

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
  return new Plan(
    nb,
    (only, isTaken) => draftTopology(nb, request, { only, isTaken }),
    networksOfRequest(nb, request),
    podsOfRequest(request),
  );
}

/** Those that it names, and where it prunes all that are on its networks. */
function podsOfRequest({ networks, prune = false }: TopologyRequest): PodTest {
  const named = function* () {
    for (const { spec, attachments } of networks)
      for (const { namespace, name } of attachments) yield { network: spec.name, namespace, name };
  };
  return podTest(named, new Set(prune ? networks.map(({ spec }) => spec.name) : []));
}
