import {
  COMMIT_OPTIONS,
  type CommitOptions,
  type Database,
  DEFAULT_APPLY_TIMEOUT,
  deadlineOf,
  type ReadView,
  type Tables,
} from "../database/index.ts";
import { checkBooleans, checkFunctions, checkOptions, UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import { applyPlans } from "./apply-plans.ts";
import { checkDatabase, checkKinds } from "./check-arguments.ts";
import { checkWanted } from "./check-wanted.ts";
import type { PlanOptions } from "./context.ts";
import type { Change, OmittedColumn, RowKinds, Wanted } from "./desired.ts";
import { planRows } from "./plan-rows.ts";

/** How {@link applyRows} works. `wait`, `signal`, `dryRun` and `lock` are those of any transaction. */
export interface ApplyRowsOptions extends CommitOptions, Pick<PlanOptions, "isOurs" | "model" | "merge"> {
  /**
   * Milliseconds for everything: plans, repetitions, lost connections, and the wait. `Infinity` is no limit.
   * @default 60000, whatever the connection's `requestTimeout` is
   */
  readonly timeout?: number | undefined;
}

const OPTIONS: Readonly<Record<keyof ApplyRowsOptions, true>> = {
  ...COMMIT_OPTIONS,
  isOurs: true,
  model: true,
  merge: true,
};

/** What {@link applyRows} did. */
export interface RowsApplied {
  /** False when nothing had to change. */
  readonly changed: boolean;
  /** What was changed. After a lost reply, what was wanted and is there then counts as done by us. */
  readonly changes: readonly Change[];
  /** Columns that were left out, as their rows allow, because the server's schema lacks them. */
  readonly omitted: readonly OmittedColumn[];
  /** How often a plan was made: more than once when others were faster, or the connection was lost. */
  readonly attempts: number;
}

/**
 * Makes a database hold desired rows: plans with {@link planRows}, sends the difference as one transaction, and does so anew
 * on fresh data when somebody else was faster or the connection was lost, until the time (60 seconds by default) is over.
 *
 * `want` says what is wanted, from what the database holds; it may run several times.
 *
 * Throws what `want` and `planRows` throw, `UsageError` for what is no such function and no row kinds, and `ConstraintError`,
 * `ConflictError`, `OutcomeUnknownError`, `TimeoutError`, `LockLostError`, `UnconfirmedError` of the transaction; `ClosedError`,
 * and the reason of `options.signal`.
 */
export async function applyRows<T extends Tables<T>>(
  db: Database<T>,
  kinds: RowKinds,
  want: (view: ReadView) => Wanted,
  options: ApplyRowsOptions = {},
): Promise<RowsApplied> {
  checkOptions(options, OPTIONS);
  checkBooleans(options, ["merge"]);
  checkFunctions(options, ["isOurs"]);
  checkDatabase(db);
  checkKinds(kinds);
  if (typeof want !== "function") throw notWanted("is given by a function", want);
  const { isOurs, model, merge = false, ...transactOptions } = options;
  const plan = async () => {
    const wanted = want(db.view);
    if (!Array.isArray(wanted?.rows)) throw notWanted("is an object with a list of rows", wanted);
    checkWanted(wanted, kinds);
    const { rows, removals = [] } = wanted;
    const made = planRows(db.view, kinds, rows, removals, {
      schema: db.schema,
      uuidSupported: db.takesChosenUuids,
      merge,
      ...(isOurs === undefined ? {} : { isOurs }),
      ...(model === undefined ? {} : { model }),
    });
    return { plan: made, guards: [] };
  };
  const deadline = deadlineOf(options, DEFAULT_APPLY_TIMEOUT);
  const outcome = await applyPlans(db, plan, transactOptions, deadline);
  const { changes, attempts } = outcome;
  return { changed: changes.length > 0, changes, omitted: outcome.plan.omitted, attempts };
}

/** Plain JavaScript may give the rows themselves. */
function notWanted(what: string, given: unknown): UsageError {
  return new UsageError(`what is wanted ${what}, as in () => ({ rows: [] }), and not ${sketch(given)}`);
}
