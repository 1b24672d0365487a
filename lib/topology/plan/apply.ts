import {
  boundsOf,
  COMMIT_OPTIONS,
  type CommitOptions,
  DEFAULT_APPLY_TIMEOUT,
  type Deadline,
  deadlineOf,
  UnconfirmedError,
  type Until,
  whenSynced,
} from "../../database/index.ts";
import { checkFunctions, checkOptions, showAs, TimeoutError } from "../../jsonrpc/index.ts";
import { type Condition, type Operation, selectOp, waitOp } from "../../ovsdb/index.ts";
import {
  applyPlans,
  type Change,
  type Guarded,
  type OmittedColumn,
  type PlanOutcome,
} from "../../reconcile/index.ts";
import { checkBytes, type OutcomeUnknownError } from "../../session/index.ts";
import type { Northbound } from "../request/request.ts";
import type { PlannedAttachment, PlannedNode } from "./draft-network.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { describeRow, type ExclusiveRow } from "./exclusive-rows.ts";
import { ExclusiveTurn } from "./exclusive-turns.ts";
import { groupNetworks } from "./group-networks.ts";
import { inTurn } from "./plan-turn.ts";
import { shownOf } from "./shown-plan.ts";

/** How a plan is applied. `wait`, `signal`, `dryRun` and `lock` are those of any transaction. */
export interface ApplyOptions extends CommitOptions {
  /**
   * Milliseconds for everything: plans, all transactions with their repetitions, lost connections, and the wait. `Infinity`
   * is no limit.
   * @default 60000, whatever the connection's `requestTimeout` is
   */
  readonly timeout?: number | undefined;
  /**
   * Largest transaction in bytes of JSON. A plan over several networks that is larger is applied in groups of networks, as
   * few as fit by what each of them takes of the whole plan; what is planned for a group alone, later, may be a little
   * more or less. One network always is one transaction, and so are networks of which one takes a tunnel key or masquerade
   * address that another one gives up, however large.
   * @default 4000000
   */
  readonly maxBytes?: number | undefined;
  /** Called after each transaction of a plan that needed several, with the networks it was about. */
  readonly onProgress?: ((networks: readonly string[]) => void) | undefined;
}

/** What applying may be told. */
export const APPLY_OPTIONS: Readonly<Record<keyof ApplyOptions, true>> = {
  ...COMMIT_OPTIONS,
  maxBytes: true,
  onProgress: true,
};

/** What applying did. */
export interface Applied {
  /** False when nothing had to change. */
  readonly changed: boolean;
  /**
   * What was changed. After a lost reply it is found out by planning again: what the plan wanted and is there then counts as
   * done by us, although somebody else may have wanted the same at that moment.
   */
  readonly changes: readonly Change[];
  /** Transactions that changed something. */
  readonly transactions: number;
  /** How often a plan was made: more than the number of transactions when others were faster. */
  readonly attempts: number;
  /** Columns that were left out because the server's schema lacks them. */
  readonly omitted: readonly OmittedColumn[];
  /** What people should know although it is no error. */
  readonly notes: readonly string[];
  /** What pruning left, because rows of somebody else hang on it or we did not make it. */
  readonly kept: readonly string[];
  /** What was to be removed and was not there. */
  readonly absent: readonly string[];
  /** The ports of pods, with their addresses. */
  readonly attachments: readonly PlannedAttachment[];
  /** The nodes that were asked for and have subnets of their own in this database, with those. */
  readonly nodes: readonly PlannedNode[];
}

/** How the message of an {@link UnconfirmedError} begins. */
const COMMITTED = "the transaction was committed;";

/**
 * Everything was committed, and then the `wait` did not end well; see `UnconfirmedError`. Applying again finds nothing left
 * to do, so that this is the one place that tells what was done. Retryable for the same reason: to apply again is to wait again.
 */
export class UnconfirmedPlanError extends UnconfirmedError {
  static override readonly name: string = "UnconfirmedPlanError";
  override readonly retryable: boolean = true;
  /** What was done. */
  readonly applied: Applied;

  constructor(applied: Applied, { message, cause, result }: UnconfirmedError) {
    // Without changes only the number was written that is waited for.
    const done = applied.changed ? message : message.replace(COMMITTED, "nothing had to change;");
    super(done, { cause, result });
    this.applied = applied;
  }
}

/** Bytes of JSON that {@link ApplyOptions.maxBytes} allows by default. */
export const DEFAULT_MAX_BYTES = 4_000_000;

/** Makes a plan on fresh data, for all networks or for some. */
export interface Planner {
  (only?: ReadonlySet<string>): DraftPlan;
  /** The plan, if it is made already, on what the database holds now. Absent: it never is. */
  made?(only?: ReadonlySet<string>): DraftPlan | undefined;
  /** To be called before the next plan when the last one came to nothing, as somebody else was faster. Absent: all stays as it is. */
  overtaken?(): void;
  /**
   * To be called when the reply to the last plan was lost, with what it is to whoever does not wait to learn more, and with what has
   * been changed if it is carried out.
   */
  lost?(error: OutcomeUnknownError, changes: readonly Change[]): void;
}

/**
 * Applies a plan. It is made anew from fresh data each time somebody else was faster, and when the connection was lost
 * before the reply came, until the time is over.
 *
 * @param begun The deadline of a call that has begun already.
 */
export async function applyPlan(
  nb: Northbound,
  planner: Planner,
  networks: readonly string[],
  options: ApplyOptions,
  begun?: Deadline,
): Promise<Applied> {
  checkApplyOptions(options);
  const deadline = begun ?? deadlineOf(options, DEFAULT_APPLY_TIMEOUT);
  const { maxBytes = DEFAULT_MAX_BYTES, onProgress, ...transactOptions } = options;
  const until: Until = { deadline, signal: transactOptions.signal };
  const whole = await whenSynced(nb, () => planOf(planner, undefined, until), until);
  const groups = groupNetworks(whole, networks, maxBytes);
  const sent: PlanOutcome<DraftPlan>[] = [];
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const only = group === undefined ? undefined : new Set(group);
    const turn = new ExclusiveTurn(nb, until);
    try {
      const outcome = await applyPlans(
        nb,
        (isOvertaken) => {
          if (isOvertaken) planner.overtaken?.();
          return guardedPlan(nb, planner, only, turn, until);
        },
        isLast ? transactOptions : { ...transactOptions, wait: "none" },
        deadline,
        {
          unconfirmed: (outcome) => sent.push(outcome),
          lost: (error, changes) => planner.lost?.(error, changes),
        },
      );
      sent.push(outcome);
    } catch (error) {
      throw error instanceof UnconfirmedError
        ? new UnconfirmedPlanError(appliedOf(sent), error)
        : turn.explain(error);
    } finally {
      turn.end();
    }
    if (group !== undefined) onProgress?.(group);
  }
  return appliedOf(sent);
}

/** Throws `UsageError` for an option that nobody reads, and for a value that is none. */
export function checkApplyOptions(options: ApplyOptions): void {
  checkOptions(options, APPLY_OPTIONS);
  const { maxBytes } = options;
  checkBytes("maxBytes", maxBytes);
  checkFunctions(options, ["onProgress"]);
}

function appliedOf(sent: readonly PlanOutcome<DraftPlan>[]): Applied {
  const plans = sent.flatMap(({ plan, earlier }) => (earlier === undefined ? [plan] : [earlier, plan]));
  let changes: readonly Change[] | undefined;
  const applied: Applied = {
    changed: plans.some(({ isEmpty }) => !isEmpty),
    // A plan tells its changes when somebody asks for them.
    get changes() {
      changes ??= sent.flatMap((each) => each.changes);
      return changes;
    },
    transactions: plans.filter(({ isEmpty }) => !isEmpty).length,
    attempts: sent.reduce((sum, { attempts }) => sum + attempts, 0),
    omitted: sent.flatMap(({ plan }) => plan.omitted),
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
    kept: [...new Set(sent.flatMap(({ plan }) => plan.kept))],
    // What an earlier plan removed is absent from the last one's point of view.
    absent: sent.flatMap(({ plan, earlier = plan }) => earlier.absent),
    attachments: sent.flatMap(({ plan }) => plan.attachments),
    nodes: sent.flatMap(({ plan }) => plan.nodes),
  };
  showApplied(applied);
  return applied;
}

/** Lets what is logged of it be short. */
export function showApplied(applied: Applied): void {
  showAs(applied, "Applied", (shown) => {
    const { changed, transactions, attempts } = shown;
    return { changed, transactions, attempts, ...shownOf(shown) };
  });
}

/** What is made already takes no time; what has to be made may have to wait. */
function planOf(
  planner: Planner,
  only: ReadonlySet<string> | undefined,
  until: Until,
): DraftPlan | Promise<DraftPlan> {
  return planner.made?.(only) ?? inTurn(() => planner(only), until);
}

/**
 * A plan, and guards that fail its transaction if somebody adds a port to a switch on which it gives out addresses that
 * no uuid claims (second families, requested ones), or a node to a router while it gives out a subnet.
 *
 * The guard is on the row's `_version`, which changes with every change of the row. It is read before the plan is made;
 * so the plan knows at least what that version knew.
 */
async function guardedPlan(
  nb: Northbound,
  planner: Planner,
  only: ReadonlySet<string> | undefined,
  turn: ExclusiveTurn,
  until: Until,
): Promise<Guarded<DraftPlan>> {
  let guards: ReadonlyMap<string, Operation> = new Map();
  for (;;) {
    turn.goOn();
    const made = planOf(planner, only, until);
    const plan = made instanceof Promise ? await made : made;
    const missing = !plan.isEmpty && plan.exclusive.some(({ uuid }) => !guards.has(uuid));
    if (!missing) {
      // Who has waited plans on what those before have done.
      if (guards.size === 0 && !plan.isEmpty && (await turn.pass(() => plan.operations))) continue;
      return { plan, guards: [...guards.values()], committed: () => turn.release() };
    }
    await turn.take(plan.exclusive);
    guards = await versionGuards(nb, plan.exclusive, until);
  }
}

async function versionGuards(
  nb: Northbound,
  rows: readonly ExclusiveRow[],
  until: Until,
): Promise<ReadonlyMap<string, Operation>> {
  const conditionOf = ({ uuid }: ExclusiveRow): readonly [Condition] => [["_uuid", "==", ["uuid", uuid]]];
  const { results } = await nb
    .transact((tx) => {
      for (const row of rows) tx.raw(selectOp(row.table, conditionOf(row), ["_version"]));
    }, boundsOf(until))
    .catch((error: unknown) => {
      // Of a transaction that the user did not write, and of the little time that was left for it.
      if (!(error instanceof TimeoutError)) throw error;
      throw until.deadline.error(`the version of ${rows.map(describeRow).join(" and ")}`, error);
    });
  return new Map(
    rows.map((row, index) => {
      const result = results[index];
      const expected = result?.op === "select" ? result.rows : [];
      const options = { columns: ["_version"], until: "==", rows: expected } as const;
      return [row.uuid, waitOp(row.table, conditionOf(row), options)];
    }),
  );
}
