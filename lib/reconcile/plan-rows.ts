import { checkView, type ReadView } from "../database/index.ts";
import type { Json } from "../jsonrpc/index.ts";
import { type Ref, uuidSeries, ValidationError } from "../ovsdb/index.ts";
import { checkKinds, checkList, checkPlanOptions } from "./check-arguments.ts";
import { checkDesired, resolveReferences } from "./check-desired.ts";
import { SupportCheck } from "./check-support.ts";
import type { PlanContext, PlanOptions } from "./context.ts";
import type { DesiredRow, Removal, RowKinds, RowPlan } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import { KindTargets } from "./kind-targets.ts";
import { matchRows } from "./match-rows.ts";
import { type Merged, mergeRows } from "./merge-rows.ts";
import { type Comparison, plannedRows } from "./planned-rows.ts";
import { removeRows } from "./remove-rows.ts";
import { namesOfReused } from "./reused-uuids.ts";
import { RowNames } from "./row-names.ts";
import { type BlockPlan, noSettledRows, type SettledRows, settleRows } from "./settled-rows.ts";
import type { Stage } from "./stage.ts";
import { Steps } from "./steps.ts";
import { TransactionDraft } from "./transaction-draft.ts";

/**
 * Compares desired rows with what a database holds, and makes the one transaction that removes the difference.
 *
 * Only what {@link RowKinds} names is compared and written. The transaction fails as a whole, without harm, when what it
 * was made for has changed: a row it touches is gone, a name or an address is taken, a set under removal holds more.
 * Planning again on fresh data is the answer to that. The same input gives the same plan, apart from random uuids.
 *
 * Throws before anything could be sent: UnsupportedError (the server's schema lacks a column), ValidationError (it does
 * not allow a value), AmbiguousRowError, ForeignParentError, UsageError (the rows make no sense together).
 */
export function planRows(
  view: ReadView,
  kinds: RowKinds,
  desired: readonly DesiredRow[],
  removals: readonly Removal[],
  options: PlanOptions,
): RowPlan {
  checkView(view);
  checkKinds(kinds);
  checkPlanOptions(options);
  checkList("desired rows", desired);
  checkList("removals", removals);
  const context: PlanContext = {
    view,
    kinds,
    schema: options.schema,
    model: options.model ?? options.schema,
    isOurs: options.isOurs ?? (() => false),
    isGoing: options.isGoing,
    onFound: options.onFound,
    uuidSupported: options.uuidSupported ?? true,
    merge: options.merge ?? false,
    random: options.random ?? freshUuids,
  };
  const { settled, open } = settleRows(context, options.standing ?? [], (block) => planAlone(context, block));
  const wanted = open.length === 0 ? desired : [...open, ...desired];
  const comparison = compare(context, wanted, removals, settled);
  return plannedRows(comparison, removals, removeRows(comparison.stage, removals));
}

/** One series for all plans: most have a row or two without a chosen uuid, for which a random one would be made each time. */
const freshUuids: () => string = uuidSeries();

function compare(
  context: PlanContext,
  desired: readonly DesiredRow[],
  removals: readonly Removal[],
  settled: SettledRows,
): Comparison {
  const targets = KindTargets.of(context.schema);
  const rows = checkDesired(context, targets, desired, removals, settled);
  const support = new SupportCheck(context, targets, settled);
  const { placements, namesakes } = matchRows(context, rows);
  const names = new RowNames(context.view, placements);
  const draft = new TransactionDraft(context.uuidSupported, namesOfReused(context));
  const resolve = (reference: Ref): Json => draft.reference(placements.uuidOf(reference));
  const writeRef = (reference: Ref): string => draft.referenceText(placements.uuidOf(reference));
  const stage: Stage = { context, placements, names, draft, kinds: targets, resolve, writeRef };
  const merged = placeFirst(stage, rows, support, removals);
  const steps = new Steps(stage, merged);
  let at: DesiredRow | undefined;
  try {
    for (const placement of rows.all) {
      at = placement.row;
      resolveReferences(placement, rows);
      support.check(placement);
      placements.place(placement);
      steps.take(placement);
    }
  } catch (error) {
    throw error instanceof ValidationError && at !== undefined ? inRow(error, at) : error;
  }
  steps.linkRest();
  return { stage, omitted: support.omitted, namesakes, merged, steps };
}

/** The same error, which says of which row it is: of a hundred thousand, most are of one table. */
function inRow(error: ValidationError, { key }: DesiredRow): ValidationError {
  const { table, column, value, message } = error;
  if (message.includes(`desired row ${key}`)) return error;
  const problem = message.slice(`${table}.${column}: `.length);
  return new ValidationError(table, column, value, `${problem}, in the desired row ${key}`);
}

/** Places all rows before anything is done about the first of them, where that depends on all. */
function placeFirst(
  stage: Stage,
  rows: DesiredRows,
  support: SupportCheck,
  removals: readonly Removal[],
): Merged | undefined {
  const { context, placements, draft } = stage;
  if (context.uuidSupported && !context.merge) return undefined;
  for (const placement of rows.all) {
    resolveReferences(placement, rows);
    support.check(placement);
  }
  placements.placeAll();
  if (!context.uuidSupported)
    for (const { existing, uuid } of rows.all) if (existing === undefined) draft.announce(uuid);
  return context.merge ? mergeRows(stage, removals) : undefined;
}

function planAlone(context: PlanContext, block: readonly DesiredRow[]): BlockPlan {
  const alone = { ...context, isGoing: undefined };
  const { stage, omitted, namesakes } = compare(alone, block, [], noSettledRows);
  const isSettled = stage.draft.isEmpty && namesakes.length === 0;
  return { isSettled, placements: stage.placements.all, omitted };
}
