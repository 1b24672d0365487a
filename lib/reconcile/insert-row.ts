import { ValidationError } from "../ovsdb/index.ts";
import { type CarriedOver, carryOver } from "./carry-over.ts";
import { type ColumnChanges, lookUp, wantedElements, wantedValue, wantedValues } from "./change-row.ts";
import { isRefTo } from "./check-desired.ts";
import { readColumn } from "./context.ts";
import type { DesiredRow, DesiredValue } from "./desired.ts";
import { addToSet, type Insert } from "./insert.ts";
import type { Target } from "./kind-targets.ts";
import type { Placement } from "./placement.ts";
import {
  comparableValue,
  expectElements,
  expectReferenced,
  type Stage,
  valueText,
  wireValue,
} from "./stage.ts";

/**
 * Inserts a row with all that is wanted in it, and with what others left in the row it replaces. Tells what was carried over
 * from that one, and who refers to the new row now.
 */
export function insertRow(stage: Stage, placement: Placement): readonly string[] {
  const { row, kind, owned, uuid, replaced } = placement;
  const { table } = kind;
  // Joined and not added up: what V8 keeps of a sum is all of its parts, until the request is sent.
  const members: string[] = [];
  let name: string | undefined;
  if (row.identity === undefined && owned.name !== undefined) {
    name = owned.name.writer.write(owned.name, row.name, stage.writeRef);
    members.push(owned.name.label + name);
  }
  guardIdentity(stage, placement, name);
  const carried = replaced === undefined ? undefined : carryOver(stage, placement, replaced);
  if (replaced === undefined) refuseLeftOut(stage, row, table);
  writeColumns(stage, placement, members);
  if (carried !== undefined) writeCarried(carried, members);
  writeKeys(stage, placement, carried, members);
  const insert: Insert = { table, uuid, members: members.join(","), sets: undefined };
  stage.draft.insert(insert);
  placement.insert = insert;
  if (carried !== undefined) addCarried(insert, carried);
  if (row.elements !== undefined) addElements(stage, placement, insert, row.elements);
  return carried === undefined ? nothing : carried.told;
}

const nothing: readonly string[] = [];

function addCarried(insert: Insert, { sets }: CarriedOver): void {
  for (const [target, elements] of sets) for (const element of elements) addToSet(insert, target, element);
}

function addElements(
  stage: Stage,
  { owned }: Placement,
  insert: Insert,
  wanted: NonNullable<DesiredRow["elements"]>,
): void {
  for (const target of owned.elements) {
    const references = lookUp(wanted, target.column);
    if (references === undefined) continue;
    for (const reference of references) addToSet(insert, target, stage.placements.uuidOfElement(reference));
    expectElements(stage, target, references);
  }
}

/** The server would refuse the default, and name neither row nor column. */
function refuseLeftOut(stage: Stage, row: DesiredRow, table: string): void {
  for (const { column, problem } of stage.kinds.needed(table))
    if (wantedValue(row, column) === undefined && !isStatedInParts(row, column))
      throw new ValidationError(
        table,
        column,
        undefined,
        `is left out of the desired row ${row.key}, and ${problem}`,
      );
}

function isStatedInParts({ identity, keys, elements, members }: DesiredRow, column: string): boolean {
  if (column === "name" && identity === undefined) return true;
  return [keys, elements, members].some((part) => part !== undefined && Object.hasOwn(part, column));
}

function writeColumns(stage: Stage, { row, kind }: Placement, members: string[]): void {
  const values = row.identity === undefined ? row.columns : wantedColumns(row);
  for (const column in values) {
    const target = stage.kinds.target(kind.table, column);
    const value = values[column];
    if (target === undefined || value === undefined) continue;
    // Most columns: a string refers to no row of the plan, and needs no encoding to be compared.
    if (typeof value === "string" && typeof target.codec.defaultValue === "string") {
      const text = target.writer.write(target, value, stage.writeRef);
      if (value !== target.codec.defaultValue) members.push(target.label + text);
      continue;
    }
    const text = valueText(stage, target, value);
    if (isDefault(stage, target, value)) continue;
    members.push(target.label + text);
    if (typeof value === "object") expectReferenced(stage, target, value);
  }
}

function writeCarried({ columns }: CarriedOver, members: string[]): void {
  for (const [target, text] of columns) members.push(target.label + text);
}

function writeKeys(
  stage: Stage,
  { row, owned }: Placement,
  carried: CarriedOver | undefined,
  members: string[],
): void {
  if (row.keys !== undefined || carried !== undefined) {
    for (const target of owned.keys) {
      const pairs = pairsOf(row, target.column, carried);
      if (pairs !== undefined)
        members.push(target.label + target.writer.write(target, pairs, stage.writeRef));
    }
  }
  if (row.members !== undefined) {
    for (const target of owned.members) {
      const added = addedMembers(row, target.column);
      if (added.length > 0) members.push(target.label + valueText(stage, target, added));
    }
  }
}

/** What an insert writes that is wanted, told for people. */
export function insertedColumns(stage: Stage, { row, kind, owned }: Placement): ColumnChanges {
  const changes: ColumnChanges = new Map();
  for (const [column, value] of wantedValues(row)) {
    const target = stage.kinds.target(kind.table, column);
    if (target === undefined || value === undefined || isDefault(stage, target, value)) continue;
    changes.set(column, {
      new: stage.names.readable(target.schema, comparableValue(stage, target, value)),
    });
  }
  for (const { column } of owned.keys) {
    for (const [key, value] of Object.entries(lookUp(row.keys, column) ?? {}))
      changes.set(`${column}:${key}`, { new: value });
  }
  for (const { column } of owned.members) {
    const added = addedMembers(row, column);
    if (added.length > 0) changes.set(column, { added });
  }
  for (const { column, schema } of owned.elements) {
    const added = wantedElements(stage, row, column);
    if (added.length === 0) continue;
    const named = (element: string): string => stage.names.of(schema.key.refTable ?? "", element);
    changes.set(column, { added: added.map(named) });
  }
  return changes;
}

/** Whether a row states uuids of rows that are no rows of the plan: what those are called is known only now. */
export function statesUuids(stage: Stage, { row, kind, owned }: Placement): boolean {
  for (const column in row.elements)
    if (row.elements[column]?.some((element) => typeof element === "string") === true) return true;
  if (row.identity === undefined && !owned.refers) return false;
  const values = wantedColumns(row);
  for (const column in values) {
    const target = stage.kinds.target(kind.table, column);
    if (target?.schema.key.refTable === undefined) continue;
    const value = values[column];
    if (!(Array.isArray(value) ? value.every(isRefTo) : isRefTo(value))) return true;
  }
  return false;
}

function wantedColumns(row: DesiredRow): Readonly<Record<string, DesiredValue | undefined>> {
  return row.identity === undefined ? (row.columns ?? {}) : Object.fromEntries(wantedValues(row));
}

/** Whether the column would hold the value anyway. Nearly all values need no encoding to be compared. */
function isDefault(stage: Stage, target: Target, value: DesiredValue): boolean {
  const { defaultValue, kind, equal } = target.codec;
  if (kind === "optional") return value === null;
  if (typeof value === typeof defaultValue && typeof value !== "object") return value === defaultValue;
  if (kind === "set" && Array.isArray(value)) {
    if (target.schema.min === 0) return value.length === 0;
    // The default is a set of one element, the default of its type.
    const first: unknown = value[0];
    if (typeof first === "string" && Array.isArray(defaultValue) && first !== defaultValue[0]) return false;
  }
  return equal(comparableValue(stage, target, value), defaultValue);
}

/** The pairs of a map column: what is wanted, and what others wrote into the row that gives way. */
function pairsOf(row: DesiredRow, column: string, carried: CarriedOver | undefined): object | undefined {
  const wanted = lookUp(row.keys, column);
  const foreign = carried?.pairs.get(column);
  const all =
    foreign === undefined ? wanted : Object.fromEntries([...foreign, ...Object.entries(wanted ?? {})]);
  for (const _key in all) return all;
  return undefined;
}

function addedMembers({ members }: DesiredRow, column: string): readonly string[] {
  return members === undefined ? [] : [...new Set(lookUp(members, column))];
}

/** Two writers that insert the same row at once must not both succeed. */
function guardIdentity(
  stage: Stage,
  { row, kind, owned, uuid, replaced }: Placement,
  nameText: string | undefined,
): void {
  const { context, draft, placements } = stage;
  const uuidIsIndex = context.uuidSupported && row.uuid === uuid;
  if (row.identity !== undefined) {
    const { parent: key, column } = row.identity;
    // Without a parent the table's own index keeps rows apart.
    if (key === undefined || column === undefined) return;
    const parent = placements.get(key);
    if (uuidIsIndex || parent.existing === undefined) return;
    const { table } = parent.kind;
    const target = stage.kinds.target(table, column);
    const current = readColumn(parent.existing, table, column);
    if (target !== undefined)
      draft.expectValue(table, parent.uuid, column, wireValue(stage, target, current));
    return;
  }
  // The name may be taken by the row that goes.
  if (replaced !== undefined || nameText === undefined) return;
  if (row.guard === "name" || !(uuidIsIndex || owned.nameIsUnique))
    draft.expectNoName(kind.table, uuid, nameText);
}
