import { showAs } from "../jsonrpc/index.ts";
import type { WrittenOperations } from "../ovsdb/index.ts";
import { outlineChanges } from "./describe-changes.ts";
import type { Change, Removal, RowPlan } from "./desired.ts";
import { insertedColumns } from "./insert-row.ts";
import type { Merged } from "./merge-rows.ts";
import type { Placement } from "./placement.ts";
import { RowMap } from "./row-map.ts";
import type { Stage } from "./stage.ts";
import type { Steps } from "./steps.ts";

/** What the comparison of desired rows with the database came to. */
export interface Comparison extends Pick<RowPlan, "omitted" | "namesakes"> {
  readonly stage: Stage;
  readonly merged: Merged | undefined;
  readonly steps: Steps;
}

/**
 * The plan that a comparison comes to, which tells most of it once it is asked: who only applies a plan wants what is sent.
 *
 * @param removed What is told of the removals.
 */
export function plannedRows(
  { stage, merged, steps, omitted, namesakes }: Comparison,
  removals: readonly Removal[],
  removed: readonly Change[],
): RowPlan {
  const { draft } = stage;
  let changes: readonly Change[] | undefined;
  let written: WrittenOperations | undefined;
  const write = (): WrittenOperations => {
    written ??= draft.write();
    return written;
  };
  const plan: RowPlan = {
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
  showAs(plan, "RowPlan", ({ changes, isEmpty, bytes }) => ({
    changes: outlineChanges(changes),
    isEmpty,
    bytes,
    omitted,
    namesakes,
  }));
  return plan;
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
