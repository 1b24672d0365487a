import { type KnownKeys, meantKey, notKnown, UsageError, unknownKey } from "../jsonrpc/index.ts";
import { isKeyed, sketch } from "../ovsdb/index.ts";
import { checkList } from "./check-arguments.ts";
import type { DesiredRow, Identity, Removal, RowKinds, Wanted } from "./desired.ts";

type KeysOf<T> = Readonly<Record<keyof T, true>>;

const WANTED: KeysOf<Wanted> = { rows: true, removals: true };

const ROW: KeysOf<DesiredRow> = {
  key: true,
  kind: true,
  name: true,
  identity: true,
  uuid: true,
  guard: true,
  columns: true,
  keys: true,
  elements: true,
  notElements: true,
  members: true,
  notMembers: true,
  parent: true,
  replaces: true,
  network: true,
  unsupported: true,
};

const IDENTITY: KeysOf<Identity> = { match: true, keys: true, parent: true, column: true };

const REMOVAL: KeysOf<Removal> = {
  table: true,
  uuid: true,
  name: true,
  kind: true,
  network: true,
  parent: true,
  guards: true,
  unchanged: true,
};

/**
 * What a program of somebody else gives: a key that nobody reads would be a column that is emptied, or a row that stays. TypeScript
 * finds it in literals only, and not in those that `map` makes. What else may be wrong the plan finds.
 */
export function checkWanted(wanted: Wanted, kinds: RowKinds): void {
  refuseUnknown("what is wanted", wanted, WANTED);
  for (const row of wanted.rows) if (isKeyed(row)) checkRow(row);
  const { removals = [] } = wanted;
  checkList("removals", removals);
  for (const [index, removal] of removals.entries())
    if (isKeyed(removal)) checkRemoval(`removals[${index}]`, removal, kinds);
}

function checkRow(row: DesiredRow): void {
  const place = `desired row ${row.key}`;
  refuseUnknown(place, row, ROW);
  const { identity, guard } = row;
  if (isKeyed(identity)) refuseUnknown(`${place}: identity`, identity, IDENTITY);
  if (guard !== undefined && guard !== "name")
    throw new UsageError(`${place}: guard is "name" or left out, and not ${sketch(guard)}`);
}

function checkRemoval(place: string, removal: Removal, kinds: RowKinds): void {
  refuseUnknown(place, removal, REMOVAL);
  const { table, kind } = removal;
  if (typeof kind !== "string")
    throw new UsageError(`${place} needs a kind, a text, and has ${sketch(kind)}`);
  const owned = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (owned === undefined) throw new UsageError(`${place}: there is no kind ${sketch(kind)}`);
  if (owned.table !== table)
    throw new UsageError(`${place}: kind ${kind} is of ${owned.table}, and not of ${sketch(table)}`);
}

function refuseUnknown(place: string, given: object, known: KnownKeys): void {
  const key = unknownKey(given, known);
  if (key !== undefined) throw new UsageError(`${place}: ${key} ${notKnown(meantKey(key, known))}`);
}
