import type { AnyRow } from "../database/index.ts";
import { encodePairs, type Value } from "../ovsdb/index.ts";
import { isRefTo } from "./check-desired.ts";
import { readColumn } from "./context.ts";
import type { ColumnChange, DesiredRow, DesiredValue } from "./desired.ts";
import type { Target } from "./kind-targets.ts";
import type { Placement } from "./placement.ts";
import { comparableValue, expectElements, expectReferenced, type Stage, wireValue } from "./stage.ts";

/** Columns by name, as a {@link ColumnChange} tells them. */
export type ColumnChanges = Map<string, ColumnChange>;

/** Repairs what an existing row's kind owns of it, and adds to `changes` what that was. */
export function changeRow(
  stage: Stage,
  placement: Placement,
  existing: AnyRow,
  changes: ColumnChanges,
): void {
  const { columns, keys, elements, members } = placement.owned;
  for (const target of columns) changeColumn(stage, placement, existing, target, changes);
  for (const target of keys) changeKeys(stage, placement, existing, target, changes);
  if (placement.row.elements !== undefined || placement.row.notElements !== undefined) {
    for (const target of elements) changeElements(stage, placement, target, changes);
  }
  for (const target of members) changeMembers(stage, placement, existing, target, changes);
}

/** What a row must hold in whole columns: that by which it is recognised, too. */
export function wantedValues(row: DesiredRow): ReadonlyMap<string, DesiredValue | undefined> {
  return new Map([...Object.entries(row.identity?.match ?? {}), ...Object.entries(row.columns ?? {})]);
}

/** What a row must hold in this column as a whole; undefined when it states nothing about it. */
export function wantedValue({ columns, identity }: DesiredRow, column: string): DesiredValue | undefined {
  if (columns !== undefined && Object.hasOwn(columns, column)) return columns[column];
  return identity === undefined ? undefined : lookUp(identity.match, column);
}

/** Whether a value is to be seen at a glance, without encoding, in what the replica holds; else they may be the same or not. */
function isPlainlySame(stage: Stage, old: Value, wanted: DesiredValue): boolean {
  if (old === wanted) return true;
  if (isRefTo(wanted)) return old === stage.placements.uuidOf(wanted);
  if (!Array.isArray(old) || !Array.isArray(wanted) || old.length !== wanted.length) return false;
  for (let index = 0; index < old.length; index++) {
    const element: unknown = wanted[index];
    if (old[index] !== (isRefTo(element) ? stage.placements.uuidOf(element) : element)) return false;
  }
  return true;
}

/** Elements of the references in `row.elements[column]`, once each. */
export function wantedElements(stage: Stage, row: DesiredRow, column: string): readonly string[] {
  const references = lookUp(row.elements, column) ?? [];
  return [...new Set(references.map((reference) => stage.placements.uuidOfElement(reference)))];
}

/** A property that is the record's own: names of columns and keys come from outside. */
export function lookUp<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function changeColumn(
  stage: Stage,
  { row, kind, uuid }: Placement,
  existing: AnyRow,
  target: Target,
  changes: ColumnChanges,
): void {
  const { table, column, schema, codec } = target;
  const wanted = wantedValue(row, column);
  if (wanted === undefined && (kind.shared || kind.onDemand?.includes(column))) return;
  const old = readColumn(existing, table, column);
  if (wanted !== undefined && isPlainlySame(stage, old, wanted)) return;
  const value = wanted === undefined ? codec.defaultValue : comparableValue(stage, target, wanted);
  if (old === value || codec.equal(old, value)) return;
  stage.draft.update(table, uuid, column, wireValue(stage, target, wanted ?? value));
  if (wanted !== undefined) expectReferenced(stage, target, wanted);
  changes.set(column, {
    old: stage.names.readable(schema, old),
    new: stage.names.readable(schema, value),
  });
}

function changeKeys(
  stage: Stage,
  { row, kind, uuid }: Placement,
  existing: AnyRow,
  target: Target,
  changes: ColumnChanges,
): void {
  const { table, column, schema } = target;
  const current = readColumn(existing, table, column);
  const wantedKeys = lookUp(row.keys, column);
  const differing = (lookUp(kind.keys, column) ?? []).filter((key) => {
    const wanted = lookUp(wantedKeys, key);
    return wanted !== valueAt(current, key) && !(wanted === undefined && kind.shared);
  });
  if (differing.length === 0) return;
  const remove: string[] = [];
  const pairs: [string, string][] = [];
  for (const key of differing) {
    const wanted = lookUp(wantedKeys, key);
    const old = valueAt(current, key);
    // A mutation's insert leaves keys that exist as they are, so a changed key goes first (RFC 7047 section 5.1).
    if (old !== undefined) remove.push(key);
    if (wanted !== undefined) pairs.push([key, wanted]);
    changes.set(`${column}:${key}`, {
      ...(old !== undefined && { old }),
      ...(wanted !== undefined && { new: wanted }),
    });
  }
  const inserted =
    pairs.length === 0
      ? undefined
      : encodePairs(target, schema, Object.fromEntries(pairs), stage.placements.resolve);
  stage.draft.changeKeys(table, uuid, column, remove, inserted);
}

function changeElements(
  stage: Stage,
  { row, uuid }: Placement,
  target: Target,
  changes: ColumnChanges,
): void {
  const { table, column, schema } = target;
  const { view } = stage.context;
  const references = lookUp(row.elements, column);
  const unwanted = lookUp(row.notElements, column);
  if (references === undefined && unwanted === undefined) return;
  const wanted = wantedElements(stage, row, column);
  const isThere = (element: string): boolean => view.has(table, uuid, column, element);
  const added = wanted.filter((element) => !isThere(element));
  const removed = unwanted === undefined ? [] : without(unwanted, wanted).filter(isThere);
  if (added.length === 0 && removed.length === 0) return;
  for (const element of added) stage.draft.addElement(table, uuid, column, element);
  for (const element of removed) stage.draft.removeElement(table, uuid, column, element);
  const isAdded = new Set(added);
  expectElements(
    stage,
    target,
    (references ?? []).filter((reference) => isAdded.has(stage.placements.uuidOfElement(reference))),
  );
  const named = (element: string): string => stage.names.of(schema.key.refTable ?? "", element);
  changes.set(column, {
    ...(added.length > 0 && { added: added.map(named) }),
    ...(removed.length > 0 && { removed: removed.map(named) }),
  });
}

/** The elements, once each, that are not among the others. */
function without(elements: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Set(elements);
  for (const other of others) left.delete(other);
  return [...left];
}

function changeMembers(
  stage: Stage,
  { row, uuid }: Placement,
  existing: AnyRow,
  { table, column }: Target,
  changes: ColumnChanges,
): void {
  if (lookUp(row.members, column) === undefined && lookUp(row.notMembers, column) === undefined) return;
  const value = readColumn(existing, table, column);
  const current = new Set<unknown>(Array.isArray(value) ? value : []);
  const wanted = new Set(lookUp(row.members, column));
  const added = [...wanted].filter((member) => !current.has(member));
  const unwanted = new Set(lookUp(row.notMembers, column));
  const removed = [...unwanted].filter((member) => !wanted.has(member) && current.has(member));
  if (added.length === 0 && removed.length === 0) return;
  stage.draft.changeMembers(table, uuid, column, removed, added);
  changes.set(column, { ...(added.length > 0 && { added }), ...(removed.length > 0 && { removed }) });
}

/** Keys are owned in maps of strings only, see {@link RowKind.keys}. */
function valueAt(map: Value, key: string): string | undefined {
  if (typeof map !== "object" || map === null || !Object.hasOwn(map, key)) return undefined;
  return String((map as Readonly<Record<string, unknown>>)[key]);
}
