import type { Json } from "../jsonrpc/index.ts";
import { defaultValue, findTable, valuesEqual } from "../ovsdb/index.ts";
import { carryOver } from "./carry-over.ts";
import { type ColumnChanges, lookUp, targets, wantedElements, wantedValues } from "./change-row.ts";
import { columnOf, readColumn } from "./context.ts";
import type { ColumnChange } from "./desired.ts";
import type { Placement } from "./placement.ts";
import { comparableValue, expectReferenced, type Stage, wireValue } from "./stage.ts";

/** An inserted row, told for people. */
export interface Inserted {
  readonly columns: ColumnChanges;
  /** What was carried over from the row it replaces, and who refers to the new one now. */
  readonly carried: readonly string[];
}

/** Inserts a row with all that is wanted in it, and with what others left in the row it replaces. */
export function insertRow(stage: Stage, placement: Placement): Inserted {
  const { row, kind, uuid, replaced } = placement;
  const { table } = kind;
  const wire = new Map<string, Json>();
  const changes = new Map<string, ColumnChange>();
  guardIdentity(stage, placement);
  const carried = replaced === undefined ? undefined : carryOver(stage, placement, replaced);
  if (row.identity === undefined) {
    wire.set(
      "name",
      wireValue(stage, { table, column: "name", schema: columnOf(stage.context, table, "name") }, row.name),
    );
  }
  for (const [column, value] of wantedValues(row)) {
    for (const target of targets(stage, table, [column])) {
      const written = wireValue(stage, target, value);
      // Texts are in the replica as they are here.
      const comparable = typeof value === "string" ? value : comparableValue(stage, target, value);
      if (valuesEqual(target.schema, comparable, defaultValue(target.schema))) continue;
      wire.set(column, written);
      expectReferenced(stage, target, value);
      changes.set(column, { new: stage.names.readable(target.schema, comparable) });
    }
  }
  for (const [column, value] of carried?.columns ?? []) wire.set(column, value);
  const owned = stage.kinds.of(kind);
  for (const target of owned.keys) {
    const { column } = target;
    const wanted = Object.entries(lookUp(row.keys, column) ?? {});
    const pairs = [...(carried?.pairs.get(column) ?? []), ...wanted];
    if (pairs.length > 0) wire.set(column, wireValue(stage, target, Object.fromEntries(pairs)));
    for (const [key, value] of wanted) changes.set(`${column}:${key}`, { new: value });
  }
  for (const target of owned.members) {
    const { column } = target;
    const added = [...new Set(lookUp(row.members, column))];
    if (added.length === 0) continue;
    wire.set(column, wireValue(stage, target, added));
    changes.set(column, { added });
  }
  stage.draft.insert(table, uuid, wire);
  for (const [column, elements] of carried?.sets ?? []) {
    for (const element of elements) stage.draft.addElement(table, uuid, column, element);
  }
  for (const target of owned.elements) {
    const { column, schema } = target;
    const added = wantedElements(stage, row, column);
    if (added.length === 0) continue;
    for (const element of added) stage.draft.addElement(table, uuid, column, element);
    expectReferenced(stage, target, lookUp(row.elements, column) ?? []);
    changes.set(column, {
      added: added.map((element) => stage.names.of(schema.key.refTable ?? "", element)),
    });
  }
  return { columns: changes, carried: carried?.told ?? [] };
}

/** Two writers that insert the same row at once must not both succeed. */
function guardIdentity(stage: Stage, { row, kind, uuid, replaced }: Placement): void {
  const { context, draft, placements } = stage;
  const uuidIsIndex = context.uuidSupported && row.uuid === uuid;
  if (row.identity !== undefined) {
    const { parent: key, column } = row.identity;
    // Without a parent the table's own index keeps rows apart.
    if (key === undefined || column === undefined) return;
    const parent = placements.get(key);
    if (uuidIsIndex || parent.existing === undefined) return;
    const target = { table: parent.kind.table, column, schema: columnOf(context, parent.kind.table, column) };
    const current = readColumn(parent.existing, target.table, column);
    draft.expectValue(target.table, parent.uuid, column, wireValue(stage, target, current));
    return;
  }
  if (replaced !== undefined) return; // the name is taken, by the row that goes
  const indexes = findTable(context.schema, kind.table)?.indexes ?? [];
  const nameIsIndex = indexes.some((index) => index.length === 1 && index[0] === "name");
  if (row.guard === "name" || !(uuidIsIndex || nameIsIndex)) draft.expectNoName(kind.table, row.name);
}
