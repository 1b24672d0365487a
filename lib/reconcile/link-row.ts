import { UsageError } from "../jsonrpc/index.ts";
import { wantedValue } from "./change-row.ts";
import type { DesiredRow } from "./desired.ts";
import { ForeignParentError } from "./errors.ts";
import { addToSet } from "./insert.ts";
import type { Placement } from "./placement.ts";
import type { Stage } from "./stage.ts";

/** A row that hung nowhere else. */
const nowhere: readonly string[] = [];

/**
 * Puts a row into its parent's set unless it is there, and takes it out of the set of another parent; where it is there and
 * elsewhere too, only if a merge was asked for. Tells the names of the parents that it left; undefined when nothing was done.
 *
 * Throws ForeignParentError when that other parent is not ours.
 */
export function linkRow(
  stage: Stage,
  placement: Placement,
  parent: Placement,
): readonly string[] | undefined {
  const { context, draft, names, placements } = stage;
  const { row, kind, uuid, existing, column } = placement;
  const { table } = parent.kind;
  const isStated = wantedValue(parent.row, column) !== undefined;
  if (!isStated && parent.kind.columns.includes(column) && parent.kind.shared !== true)
    throw new UsageError(emptied(row, parent, column));
  let from = nowhere;
  if (existing !== undefined) {
    const left: string[] = [];
    from = left;
    const isHome = parent.existing !== undefined && context.view.has(table, parent.uuid, column, uuid);
    if (isHome && (!context.merge || kind.shared === true)) return undefined;
    if (!isHome) draft.expectRow(kind.table, uuid);
    // Rows of root tables may hang in many sets at once; those of other tables have one home.
    for (const holder of kind.root ? [] : context.view.referrers(uuid, table, column)) {
      const name = names.of(table, holder._uuid);
      const isGoing = placements.isReplaced(table, holder._uuid);
      if (isHome && (isGoing || holder._uuid === parent.uuid)) continue;
      left.push(name);
      if (isGoing) continue;
      if (!context.isOurs(holder, row)) {
        throw new ForeignParentError(kind.table, row.name, { table, column, name, uuid: holder._uuid });
      }
      draft.removeElement(table, holder._uuid, column, uuid);
    }
    if (isHome) return left.length === 0 ? undefined : left;
  }
  // A column that the parent's row states as a whole says itself what is in it.
  if (isStated) return from;
  const { insert } = parent;
  const target = insert && stage.kinds.target(table, column);
  if (insert === undefined || target === undefined) draft.addElement(table, parent.uuid, column, uuid);
  else addToSet(insert, target, uuid);
  return from;
}

/** One plan would put the row into the set, and the next one take it out. */
function emptied(row: DesiredRow, parent: Placement, column: string): string {
  const { key, kind } = parent.row;
  return `desired row ${row.key}: kind ${kind} owns ${column} of its parent ${key} as a whole, and ${key} does not say what is in there: name its rows in columns, or let the kind not own the column`;
}
