import type { ReadView } from "../database/index.ts";
import { type Json, stringifyJson } from "../jsonrpc/index.ts";
import { type Ref, randomUuid } from "../ovsdb/index.ts";
import { type ColumnChanges, changeRow } from "./change-row.ts";
import { checkDesired } from "./check-desired.ts";
import { checkSupport } from "./check-support.ts";
import type { PlanContext, PlanOptions } from "./context.ts";
import type { Change, ColumnChange, DesiredRow, Removal, RowKinds, RowPlan } from "./desired.ts";
import { insertedColumns, insertRow, statesUuids } from "./insert-row.ts";
import { KindTargets } from "./kind-targets.ts";
import { type Linked, linkRow } from "./link-row.ts";
import { matchRows } from "./match-rows.ts";
import { type Merged, mergeRows } from "./merge-rows.ts";
import type { Placement } from "./placement.ts";
import { removeRows } from "./remove-rows.ts";
import { RowMap } from "./row-map.ts";
import { RowNames } from "./row-names.ts";
import type { Stage } from "./stage.ts";
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
  const context: PlanContext = {
    view,
    kinds,
    schema: options.schema,
    model: options.model ?? options.schema,
    isOurs: options.isOurs ?? (() => false),
    onFound: options.onFound,
    uuidSupported: options.uuidSupported ?? true,
    merge: options.merge ?? false,
    random: options.random ?? randomUuid,
  };
  const targets = KindTargets.of(context.schema);
  const rows = checkDesired(context, desired, removals);
  const omitted = checkSupport(context, targets, rows);
  const { placements, namesakes } = matchRows(context, rows);
  const names = new RowNames(view, placements);
  const draft = new TransactionDraft(context.uuidSupported);
  const resolve = (reference: Ref): Json => draft.reference(placements.uuidOf(reference));
  const stage: Stage = { context, placements, names, draft, kinds: targets, resolve };
  const merged = context.merge ? mergeRows(stage, removals) : undefined;
  const steps = planDesired(stage, merged);
  const removed = removeRows(stage, removals);
  const operations = Array.from(draft.written(), ({ operation }) => operation);
  let changes: readonly Change[] | undefined;
  return {
    // Nobody may ever ask: who only applies a plan wants the operations.
    get changes() {
      changes ??= [...(merged?.gone ?? []), ...steps.flatMap((step) => changesOf(stage, step)), ...removed];
      return changes;
    },
    operations,
    omitted,
    namesakes,
    // Not before somebody asks: to know it, all of it has to be written.
    get bytes() {
      return operations.length === 0 ? 0 : byteLength(operations);
    },
    get sizes() {
      return sizesOf(stage, removals);
    },
  };
}

/** What is done about one row, as far as it is known from the database; the rest is in the desired row. */
interface Step {
  readonly placement: Placement;
  /** Absent: the row is inserted, and what that writes is told when somebody asks. */
  readonly columns: ColumnChanges | undefined;
  readonly carried: readonly string[];
  readonly linked: Linked | undefined;
}

const nothing: readonly string[] = [];

function planDesired(stage: Stage, merged: Merged | undefined): readonly Step[] {
  const { placements, draft } = stage;
  const carried = new Map<Placement, readonly string[]>();
  const changed = new Map<Placement, ColumnChanges>();
  for (const { existing, uuid } of placements.all) if (existing === undefined) draft.announce(uuid);
  // All inserts first: elements given to an inserted row become part of its insert.
  for (const placement of placements.all) {
    if (placement.existing !== undefined) continue;
    const told = insertRow(stage, placement);
    if (told.length > 0) carried.set(placement, told);
    // What is not of this plan may be gone when somebody asks for its name.
    if (statesUuids(stage, placement)) changed.set(placement, insertedColumns(stage, placement));
  }
  // Of many rows few change: the others share one map, which stays empty.
  let changes: ColumnChanges = new Map();
  for (const placement of placements.all) {
    if (placement.existing === undefined) continue;
    changeRow(stage, placement, placement.existing, changes);
    for (const [column, gain] of merged?.gained.get(placement) ?? []) addGain(changes, column, gain);
    if (changes.size === 0) continue;
    changed.set(placement, changes);
    changes = new Map();
  }
  const steps: Step[] = [];
  for (const placement of placements.all) {
    const linked = linkRow(stage, placement);
    const columns = changed.get(placement);
    if (placement.existing !== undefined && columns === undefined && linked === undefined) continue;
    steps.push({ placement, columns, carried: carried.get(placement) ?? nothing, linked });
  }
  return steps;
}

/** A set may get elements both because they are wanted and from a duplicate. */
function addGain(changes: ColumnChanges, column: string, gain: ColumnChange): void {
  const { added = [], ...rest } = changes.get(column) ?? {};
  changes.set(column, {
    ...rest,
    ...gain,
    ...(gain.added !== undefined && { added: [...new Set([...added, ...gain.added])] }),
  });
}

function changesOf(stage: Stage, { placement, columns, carried, linked }: Step): readonly Change[] {
  const { row, kind, uuid, existing, replaced } = placement;
  const { table } = kind;
  const about = {
    table,
    kind: row.kind,
    name: row.name,
    ...(row.network !== undefined && { network: row.network }),
  };
  const reasons: string[] = [];
  if (replaced !== undefined) reasons.push(`replaces ${replaced._uuid}`);
  if (carried.length > 0) reasons.push(`carries over ${carried.join(", ")}`);
  if (linked !== undefined && linked.from.length > 0) reasons.push(`moved from ${linked.from.join(", ")}`);
  const told = columns ?? (existing === undefined ? insertedColumns(stage, placement) : []);
  const change: Change = {
    action: existing === undefined ? "insert" : "update",
    ...about,
    ...((existing !== undefined || stage.context.uuidSupported) && { uuid }),
    ...(linked !== undefined && { parent: linked.parent }),
    columns: Object.fromEntries(told),
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
  };
  if (replaced === undefined) return [change];
  const reason = `gives way to ${stage.context.uuidSupported ? uuid : "a new row"}`;
  return [{ action: "delete", ...about, uuid: replaced._uuid, columns: {}, reason }, change];
}

/** How much of the operations is about which network. */
function sizesOf(
  { placements, draft }: Stage,
  removals: readonly Removal[],
): ReadonlyMap<string | undefined, number> {
  const going = new RowMap<string | undefined>();
  for (const { table, uuid, parent, network } of removals) {
    going.set(table, uuid, network);
    // That it leaves a set is told of the row that has the set.
    if (parent !== undefined) going.set(parent.table, parent.uuid, network);
  }
  const sizes = new Map<string | undefined, number>();
  for (const { about, operation } of draft.written()) {
    const { table, uuid } = about;
    const placement = placements.byUuid(table, uuid);
    const own = placement?.kind.shared === true ? undefined : placement?.row.network;
    const network = placement === undefined ? going.get(table, uuid) : own;
    sizes.set(network, (sizes.get(network) ?? 0) + byteLength(operation) + 1);
  }
  return sizes;
}

function byteLength(operations: Json): number {
  return new TextEncoder().encode(stringifyJson(operations)).length;
}
