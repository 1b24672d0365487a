import type { ReadView } from "../database/index.ts";
import { type Json, stringifyJson } from "../jsonrpc/index.ts";
import { randomUuid } from "../ovsdb/index.ts";
import { type ColumnChanges, changeRow } from "./change-row.ts";
import { checkDesired } from "./check-desired.ts";
import { checkSupport } from "./check-support.ts";
import type { PlanContext, PlanOptions } from "./context.ts";
import type { Change, DesiredRow, Removal, RowKinds, RowPlan } from "./desired.ts";
import { insertRow } from "./insert-row.ts";
import { KindTargets } from "./kind-targets.ts";
import { type Linked, linkRow } from "./link-row.ts";
import { matchRows } from "./match-rows.ts";
import type { Placement } from "./placement.ts";
import { removeRows } from "./remove-rows.ts";
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
    uuidSupported: options.uuidSupported ?? true,
    random: options.random ?? randomUuid,
  };
  const rows = checkDesired(context, desired, removals);
  const omitted = checkSupport(context, rows);
  const placements = matchRows(context, rows);
  const names = new RowNames(view, placements);
  const draft = new TransactionDraft(context.uuidSupported);
  const stage: Stage = { context, placements, names, draft, kinds: new KindTargets(context.schema) };
  const changes = [...planDesired(stage), ...removeRows(stage, removals)];
  const operations = stage.draft.operations();
  return {
    changes,
    operations,
    omitted,
    // Not before somebody asks: to know it, all of it has to be written.
    get bytes() {
      return operations.length === 0 ? 0 : byteLength(operations);
    },
  };
}

function planDesired(stage: Stage): readonly Change[] {
  const { placements, draft } = stage;
  const told = new Map<Placement, { columns: ColumnChanges; carried: readonly string[] }>();
  for (const { existing, uuid } of placements) if (existing === undefined) draft.announce(uuid);
  // All inserts first: elements given to an inserted row become part of its insert.
  for (const placement of placements) {
    if (placement.existing === undefined) told.set(placement, insertRow(stage, placement));
  }
  for (const placement of placements) {
    if (placement.existing === undefined) continue;
    told.set(placement, { columns: changeRow(stage, placement, placement.existing), carried: [] });
  }
  return [...placements].flatMap((placement) => {
    const { columns = new Map(), carried = [] } = told.get(placement) ?? {};
    return changesOf(stage, placement, columns, carried, linkRow(stage, placement));
  });
}

function changesOf(
  stage: Stage,
  { row, kind, uuid, existing, replaced }: Placement,
  columns: ColumnChanges,
  carried: readonly string[],
  linked: Linked | undefined,
): readonly Change[] {
  if (existing !== undefined && columns.size === 0 && linked === undefined) return [];
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
  const change: Change = {
    action: existing === undefined ? "insert" : "update",
    ...about,
    ...((existing !== undefined || stage.context.uuidSupported) && { uuid }),
    ...(linked !== undefined && { parent: linked.parent }),
    columns: Object.fromEntries(columns),
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
  };
  if (replaced === undefined) return [change];
  const reason = `gives way to ${stage.context.uuidSupported ? uuid : "a new row"}`;
  return [{ action: "delete", ...about, uuid: replaced._uuid, columns: {}, reason }, change];
}

function byteLength(operations: Json): number {
  return new TextEncoder().encode(stringifyJson(operations)).length;
}
