import { stringifyJson, UsageError } from "../jsonrpc/index.ts";
import { parentLink } from "./check-support.ts";
import { findingsOf } from "./constant-rows.ts";
import { kindOf, type PlanContext } from "./context.ts";
import type { DesiredRow, DesiredValue, Identity, RefTo, Removal, RowKind } from "./desired.ts";
import { RowMap } from "./row-map.ts";
import type { SettledRows } from "./settled-rows.ts";

const uuidPattern: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value refers to another desired row. */
export function isRefTo(value: unknown): value is RefTo {
  return typeof value === "object" && value !== null && "ref" in value && typeof value.ref === "string";
}

/**
 * Checks that desired rows and removals make sense together and returns the rows by their keys, without repetitions.
 *
 * Networks share rows (Copp, Meter), and each network's builder lists them: equal rows under one key are one row.
 * Everything found here is a mistake of a builder, hence UsageError.
 *
 * @param settled Rows that the others may refer to, and that are not returned.
 */
export function checkDesired(
  context: PlanContext,
  desired: readonly DesiredRow[],
  removals: readonly Removal[],
  settled: SettledRows,
): ReadonlyMap<string, DesiredRow> {
  const rows = new Map<string, DesiredRow>();
  const names = new RowMap<string>();
  const uuids = new RowMap<string>();
  for (const row of desired) {
    const known = rows.get(row.key) ?? settled.get(row.key)?.row;
    if (known !== undefined) {
      if (!sameRow(known, row)) throw new UsageError(`two different desired rows have the key ${row.key}`);
      continue;
    }
    const kind = kindOf(context, row);
    if (row.identity === undefined) claim(names, kind.table, row.name, row);
    if (row.uuid !== undefined) claim(uuids, kind.table, row.uuid, row);
    const findings = findingsOf(row);
    if (findings === undefined || findings.kind !== kind) checkRow(row, kind);
    if (findings !== undefined) findings.kind = kind;
    rows.set(row.key, row);
  }
  const isKnown = (key: string): boolean => rows.has(key) || settled.get(key) !== undefined;
  for (const row of rows.values()) checkReferences(row, isKnown);
  for (const removal of removals) {
    const kind = Object.hasOwn(context.kinds, removal.kind) ? context.kinds[removal.kind] : undefined;
    if (kind?.root === false && removal.parent === undefined) {
      throw new UsageError(`removal of ${removal.table} ${removal.name} does not say which set it leaves`);
    }
  }
  return rows;
}

/** What is wrong with a row, whatever others there are. */
function checkRow(row: DesiredRow, kind: RowKind): void {
  if (row.uuid !== undefined) {
    checkUuid(row, row.uuid);
    if (row.uuid === row.replaces) fail(row, `it replaces the row ${row.uuid} under the same uuid`);
  }
  if (kind.root === false && parentLink(row) === undefined) {
    fail(row, `rows of ${kind.table} need a parent, or the server deletes them at once`);
  }
  checkOwnership(row, kind);
}

/** What is written but not owned would never be taken back. */
function checkOwnership(row: DesiredRow, kind: RowKind): void {
  const { identity, columns, keys, elements, notElements, members, notMembers } = row;
  if (identity?.keys !== undefined) checkIdentityKeys(row, identity.keys);
  if (columns !== undefined) checkOwned(row, columns, kind.columns, "the column", kind.onDemand);
  for (const column in keys) {
    const owned = Object.hasOwn(kind.keys, column) ? kind.keys[column] : undefined;
    for (const key in keys[column]) {
      if (!owned?.includes(key)) fail(row, `kind ${row.kind} does not own the key ${column}:${key}`);
    }
  }
  if (elements !== undefined) checkOwned(row, elements, kind.elements, "elements of");
  if (notElements !== undefined) {
    checkOwned(row, notElements, kind.elements, "elements of");
    for (const uuid of Object.values(notElements).flat()) checkUuid(row, uuid);
  }
  if (members !== undefined) checkOwned(row, members, kind.members, "members of");
  if (notMembers !== undefined) checkOwned(row, notMembers, kind.members, "members of");
}

function checkIdentityKeys(row: DesiredRow, keys: NonNullable<Identity["keys"]>): void {
  for (const [column, pairs] of Object.entries(keys)) {
    for (const [key, value] of Object.entries(pairs)) {
      if (row.keys?.[column]?.[key] !== value)
        fail(row, `it is recognised by ${column}:${key} and does not set it`);
    }
  }
}

function checkOwned(
  row: DesiredRow,
  stated: object,
  owned: readonly string[] = [],
  what: string,
  more: readonly string[] = [],
): void {
  for (const column in stated) {
    if (!owned.includes(column) && !more.includes(column))
      fail(row, `kind ${row.kind} does not own ${what} ${column}`);
  }
}

type IsKnown = (key: string) => boolean;

function checkReferences(row: DesiredRow, isKnown: IsKnown): void {
  const { columns, identity, elements, parent } = row;
  for (const column in columns) checkValue(row, columns[column], isKnown);
  if (identity !== undefined) {
    for (const value of Object.values(identity.match)) checkValue(row, value, isKnown);
  }
  for (const column in elements) checkValue(row, elements[column], isKnown);
  if (identity?.parent !== undefined) checkKey(row, identity.parent, isKnown);
  if (parent !== undefined) checkKey(row, parent.key, isKnown);
}

function checkValue(row: DesiredRow, value: DesiredValue | undefined, isKnown: IsKnown): void {
  if (typeof value !== "object") return;
  if (isRefTo(value)) checkKey(row, value.ref, isKnown);
  else if (Array.isArray(value)) for (const element of value) checkValue(row, element, isKnown);
}

function checkKey(row: DesiredRow, key: string, isKnown: IsKnown): void {
  if (!isKnown(key)) fail(row, `it refers to ${key}, which is not among the desired rows`);
}

function claim(taken: RowMap<string>, table: string, what: string, row: DesiredRow): void {
  const other = taken.get(table, what);
  if (other !== undefined) fail(row, `${other} is already the desired row for ${table} ${what}`);
  taken.set(table, what, row.key);
}

/** The network is only for messages, and a shared row names whichever network listed it. */
function sameRow(a: DesiredRow, b: DesiredRow): boolean {
  return a === b || comparable(a) === comparable(b);
}

function comparable(row: DesiredRow): string {
  return JSON.stringify({ ...row, network: null }, (_key, value: unknown) =>
    typeof value === "bigint" ? stringifyJson(value) : value,
  );
}

function checkUuid(row: DesiredRow, uuid: string): void {
  if (!uuidPattern.test(uuid)) fail(row, `${uuid} is not a uuid in lower case`);
}

function fail(row: DesiredRow, problem: string): never {
  throw new UsageError(`desired row ${row.key}: ${problem}`);
}
