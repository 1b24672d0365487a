import type { AnyRow, ReadView } from "../database/index.ts";
import type { Json } from "../jsonrpc/index.ts";
import { type Ref, uuidSeries, type WrittenOperations } from "../ovsdb/index.ts";
import { type ColumnChanges, changeRow } from "./change-row.ts";
import { checkDesired, resolveReferences } from "./check-desired.ts";
import { SupportCheck } from "./check-support.ts";
import type { PlanContext, PlanOptions } from "./context.ts";
import type { Change, ColumnChange, DesiredRow, Removal, RowKinds, RowPlan } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import { insertedColumns, insertRow, statesUuids } from "./insert-row.ts";
import { KindTargets } from "./kind-targets.ts";
import { linkRow } from "./link-row.ts";
import { matchRows } from "./match-rows.ts";
import { type Merged, mergeRows } from "./merge-rows.ts";
import type { Placement } from "./placement.ts";
import { removeRows } from "./remove-rows.ts";
import { RowMap } from "./row-map.ts";
import { RowNames } from "./row-names.ts";
import { type BlockPlan, noSettledRows, type SettledRows, settleRows } from "./settled-rows.ts";
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
    random: options.random ?? uuidSeries(),
  };
  const { settled, open } = settleRows(context, options.standing ?? [], (block) => planAlone(context, block));
  const wanted = open.length === 0 ? desired : [...open, ...desired];
  const { stage, omitted, namesakes, merged, steps } = compare(context, wanted, removals, settled);
  const { draft } = stage;
  const removed = removeRows(stage, removals);
  let changes: readonly Change[] | undefined;
  let written: WrittenOperations | undefined;
  const write = (): WrittenOperations => {
    written ??= draft.write();
    return written;
  };
  return {
    // Nobody may ever ask: who only applies a plan wants what is sent.
    get changes() {
      changes ??= [...(merged?.gone ?? []), ...changesOfAll(stage, steps), ...removed];
      return changes;
    },
    isEmpty: draft.isEmpty,
    get operations() {
      return write().list;
    },
    get written() {
      return write();
    },
    omitted,
    namesakes,
    get bytes() {
      return draft.isEmpty ? 0 : byteLength(write().text) + 2;
    },
    get sizes() {
      return sizesOf(stage, removals);
    },
  };
}

/** What the comparison of desired rows with the database came to. */
interface Comparison extends Pick<RowPlan, "omitted" | "namesakes"> {
  readonly stage: Stage;
  readonly merged: Merged | undefined;
  readonly steps: Steps;
}

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
  const draft = new TransactionDraft(context.uuidSupported);
  const resolve = (reference: Ref): Json => draft.reference(placements.uuidOf(reference));
  const writeRef = (reference: Ref): string => draft.referenceText(placements.uuidOf(reference));
  const stage: Stage = { context, placements, names, draft, kinds: targets, resolve, writeRef };
  const merged = placeFirst(stage, rows, support, removals);
  const steps = new Steps(stage, merged);
  for (const placement of rows.all) {
    resolveReferences(placement, rows);
    support.check(placement);
    placements.place(placement);
    steps.take(placement);
  }
  steps.linkRest();
  return { stage, omitted: support.omitted, namesakes, merged, steps };
}

/** Places all rows before anything is done about the first of them, where that depends on all. */
function placeFirst(
  { context, placements, draft, ...stage }: Stage,
  rows: DesiredRows,
  support: SupportCheck,
  removals: readonly Removal[],
): Merged | undefined {
  if (context.uuidSupported && !context.merge) return undefined;
  for (const placement of rows.all) {
    resolveReferences(placement, rows);
    support.check(placement);
  }
  placements.placeAll();
  if (!context.uuidSupported)
    for (const { existing, uuid } of rows.all) if (existing === undefined) draft.announce(uuid);
  return context.merge ? mergeRows({ context, placements, draft, ...stage }, removals) : undefined;
}

function planAlone(context: PlanContext, block: readonly DesiredRow[]): BlockPlan {
  const { stage, omitted, namesakes } = compare(context, block, [], noSettledRows);
  const isSettled = stage.draft.isEmpty && namesakes.length === 0;
  return { isSettled, placements: stage.placements.all, omitted };
}

/** What is done about rows, as far as it is known from the database; the rest is in the desired rows. */
class Steps {
  /** What changes in rows that exist, and of what is inserted that which cannot be told later. */
  readonly columns = new Map<Placement, ColumnChanges>();
  /** What inserted rows took over from rows that they replace. */
  readonly carried = new Map<Placement, readonly string[]>();
  /** Rows that exist and were put into a set, with the names of those whose sets they left. */
  readonly linked = new Map<Placement, readonly string[]>();
  readonly #stage: Stage;
  readonly #merged: Merged | undefined;
  /** Rows that come before the one whose set holds them. */
  readonly #early: Placement[] = [];
  /** For the next row that exists: few of many change, and the others share one map, which stays empty. */
  #changes: ColumnChanges = new Map();

  constructor(stage: Stage, merged: Merged | undefined) {
    this.#stage = stage;
    this.#merged = merged;
  }

  /** Does what is to be done about a row that was placed. */
  take(placement: Placement): void {
    const { existing, parent } = placement;
    if (existing === undefined) this.#insert(placement);
    else this.#change(placement, existing);
    if (parent === undefined) return;
    // Elements given to an inserted row become part of its insert.
    if (parent.existing === undefined && parent.insert === undefined) this.#early.push(placement);
    else this.#link(placement, parent);
  }

  /** Puts rows into the sets of rows that came after them. */
  linkRest(): void {
    for (const placement of this.#early)
      if (placement.parent !== undefined) this.#link(placement, placement.parent);
  }

  #insert(placement: Placement): void {
    const told = insertRow(this.#stage, placement);
    if (told.length > 0) this.carried.set(placement, told);
    // What is not of this plan may be gone when somebody asks for its name.
    if (statesUuids(this.#stage, placement))
      this.columns.set(placement, insertedColumns(this.#stage, placement));
  }

  #change(placement: Placement, existing: AnyRow): void {
    const changes = this.#changes;
    changeRow(this.#stage, placement, existing, changes);
    const gains = this.#merged?.gained.get(placement);
    if (gains !== undefined) for (const [column, gain] of gains) addGain(changes, column, gain);
    if (changes.size === 0) return;
    this.columns.set(placement, changes);
    this.#changes = new Map();
  }

  #link(placement: Placement, parent: Placement): void {
    const from = linkRow(this.#stage, placement, parent);
    if (from !== undefined && placement.existing !== undefined) this.linked.set(placement, from);
  }
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

function changesOfAll(stage: Stage, steps: Steps): readonly Change[] {
  return stage.placements.all.flatMap((placement) => {
    const isAffected =
      placement.existing === undefined || steps.columns.has(placement) || steps.linked.has(placement);
    return isAffected ? changesOf(stage, placement, steps) : [];
  });
}

function changesOf(stage: Stage, placement: Placement, steps: Steps): readonly Change[] {
  const { row, kind, uuid, existing, replaced } = placement;
  const carried = steps.carried.get(placement) ?? [];
  const from = steps.linked.get(placement);
  const parent = existing === undefined || from !== undefined ? placement.parent : undefined;
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
  if (from !== undefined && from.length > 0) reasons.push(`moved from ${from.join(", ")}`);
  const told =
    steps.columns.get(placement) ?? (existing === undefined ? insertedColumns(stage, placement) : []);
  const change: Change = {
    action: existing === undefined ? "insert" : "update",
    ...about,
    ...((existing !== undefined || stage.context.uuidSupported) && { uuid }),
    ...(parent !== undefined && {
      parent: { table: parent.kind.table, name: parent.row.name, column: placement.column },
    }),
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
  draft.forEach((_op, { table, uuid }, text) => {
    const placement = placements.byUuid(table, uuid);
    const own = placement?.kind.shared === true ? undefined : placement?.row.network;
    const network = placement === undefined ? going.get(table, uuid) : own;
    sizes.set(network, (sizes.get(network) ?? 0) + byteLength(text) + 1);
  });
  return sizes;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
