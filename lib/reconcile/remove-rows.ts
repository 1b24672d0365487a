import { UsageError } from "../jsonrpc/index.ts";
import { encodeElements, encodeValue, findColumn, type Value } from "../ovsdb/index.ts";
import { referringColumns } from "./carry-over.ts";
import type { Change, Removal } from "./desired.ts";
import type { Target } from "./kind-targets.ts";
import { RowMap } from "./row-map.ts";
import type { Stage } from "./stage.ts";

/** Removes rows that are still there; what hangs under a removed row goes with it and costs no operation. */
export function removeRows(stage: Stage, removals: readonly Removal[]): readonly Change[] {
  const { draft } = stage;
  const present = removals.filter((removal) => isThere(stage, removal));
  const going = new RowMap<Removal>();
  for (const removal of present) going.set(removal.table, removal.uuid, removal);
  const setsTo = new Map<string, readonly Target[]>();
  // A row may hang in several sets, and leaves each of them.
  for (const removal of present) {
    const { table, uuid, parent } = removal;
    if (parent === undefined) {
      draft.delete(table, uuid);
    } else if (going.get(parent.table, parent.uuid) === undefined) {
      draft.removeElement(parent.table, parent.uuid, parent.column, uuid);
      draft.expectNamed(table, uuid);
    }
    const sets = setsTo.get(table) ?? weakSets(stage, table);
    setsTo.set(table, sets);
    leaveWeakSets(stage, sets, uuid, going);
    guardContents(stage, removal);
    guardColumns(stage, removal);
  }
  return present
    .filter((removal) => going.get(removal.table, removal.uuid) === removal)
    .map(
      ({ table, uuid, name, kind, network }): Change => ({
        action: "delete",
        table,
        kind,
        name,
        uuid,
        columns: {},
        ...(network !== undefined && { network }),
      }),
    );
}

/**
 * The server takes a row that goes out of sets of weak references by itself, but not out of those of a row of which another column
 * changes in the same transaction (seen in Open vSwitch 3.1). The next row with its uuid, as one that claims the same address has,
 * would be where nobody put it.
 */
function leaveWeakSets(
  { context, placements, draft }: Stage,
  sets: readonly Target[],
  uuid: string,
  going: RowMap<Removal>,
): void {
  for (const { table, column } of sets)
    for (const holder of context.view.referrers(uuid, table, column))
      if (going.get(table, holder._uuid) === undefined && !placements.isReplaced(table, holder._uuid))
        draft.removeElement(table, holder._uuid, column, uuid);
}

/** Sets of weak references to rows of a table. */
function weakSets(stage: Stage, table: string): readonly Target[] {
  return referringColumns(stage, table, "weak").filter(({ schema }) => schema.max !== 1);
}

/** A row that hangs elsewhere by now is not the one that was asked to go. */
function isThere({ context, placements }: Stage, { table, uuid, name, parent }: Removal): boolean {
  const wanted = placements.byUuid(table, uuid);
  if (wanted !== undefined) {
    throw new UsageError(`${table} ${name} is to be removed and is the desired row ${wanted.row.key}`);
  }
  if (placements.isReplaced(table, uuid) || context.view.byUuid(table, uuid) === undefined) return false;
  return parent === undefined || context.view.has(parent.table, parent.uuid, parent.column, uuid);
}

function guardContents(stage: Stage, { table, uuid, guards }: Removal): void {
  for (const [column, uuids] of Object.entries(guards ?? {})) {
    const schema = findColumn(stage.context.schema, table, column);
    if (schema === undefined) continue; // what the server has no column for cannot be taken along
    const wire = encodeElements({ table, column }, schema, uuids, stage.placements.resolve);
    stage.draft.expectValue(table, uuid, column, wire);
  }
}

function guardColumns({ context, placements, draft }: Stage, { table, uuid, unchanged = [] }: Removal): void {
  const row = unchanged.length === 0 ? undefined : context.view.byUuid(table, uuid);
  if (row === undefined) return;
  for (const column of unchanged) {
    const schema = findColumn(context.schema, table, column);
    const value = row[column];
    if (schema === undefined || value === undefined) continue; // what the server has no column for nobody changes there
    draft.expectValue(
      table,
      uuid,
      column,
      encodeValue({ table, column }, schema, value as Value, placements.resolve),
    );
  }
}
