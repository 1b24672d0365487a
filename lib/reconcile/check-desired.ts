import { stringifyJson, UsageError } from "../jsonrpc/index.ts";
import { parentLink } from "./check-support.ts";
import { kindOf, type PlanContext } from "./context.ts";
import type { DesiredRow, DesiredValue, RefTo, Removal, RowKind } from "./desired.ts";

const uuidPattern: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value refers to another desired row. */
export function isRefTo(value: unknown): value is RefTo {
  return typeof value === "object" && value !== null && "ref" in value && typeof value.ref === "string";
}

/**
 * Checks that desired rows and removals make sense together and returns the rows without repetitions.
 *
 * Networks share rows (Copp, Meter), and each network's builder lists them: equal rows under one key are one row.
 * Everything found here is a mistake of a builder, hence UsageError.
 */
export function checkDesired(
  context: PlanContext,
  desired: readonly DesiredRow[],
  removals: readonly Removal[],
): readonly DesiredRow[] {
  const rows = new Map<string, DesiredRow>();
  const names = new Map<string, string>();
  const uuids = new Map<string, string>();
  for (const row of desired) {
    const known = rows.get(row.key);
    if (known !== undefined) {
      if (!sameRow(known, row)) throw new UsageError(`two different desired rows have the key ${row.key}`);
      continue;
    }
    const kind = kindOf(context, row);
    if (row.identity === undefined) claim(names, `${kind.table} ${row.name}`, row);
    if (row.uuid !== undefined) {
      checkUuid(row, row.uuid);
      claim(uuids, `${kind.table} ${row.uuid}`, row);
      if (row.uuid === row.replaces) fail(row, `it replaces the row ${row.uuid} under the same uuid`);
    }
    if (kind.root === false && parentLink(row) === undefined) {
      fail(row, `rows of ${kind.table} need a parent, or the server deletes them at once`);
    }
    checkOwnership(row, kind);
    rows.set(row.key, row);
  }
  for (const row of rows.values()) {
    for (const key of referencedKeys(row)) {
      if (!rows.has(key)) fail(row, `it refers to ${key}, which is not among the desired rows`);
    }
  }
  for (const removal of removals) {
    const kind = Object.hasOwn(context.kinds, removal.kind) ? context.kinds[removal.kind] : undefined;
    if (kind?.root === false && removal.parent === undefined) {
      throw new UsageError(`removal of ${removal.table} ${removal.name} does not say which set it leaves`);
    }
  }
  return [...rows.values()];
}

/** What is written but not owned would never be taken back. */
function checkOwnership(row: DesiredRow, kind: RowKind): void {
  for (const [column, pairs] of Object.entries(row.identity?.keys ?? {})) {
    for (const [key, value] of Object.entries(pairs)) {
      if (row.keys?.[column]?.[key] !== value)
        fail(row, `it is recognised by ${column}:${key} and does not set it`);
    }
  }
  for (const column of Object.keys(row.columns ?? {})) {
    if (!kind.columns.includes(column)) fail(row, `kind ${row.kind} does not own the column ${column}`);
  }
  for (const [column, pairs] of Object.entries(row.keys ?? {})) {
    const owned = Object.hasOwn(kind.keys, column) ? kind.keys[column] : undefined;
    for (const key of Object.keys(pairs)) {
      if (!owned?.includes(key)) fail(row, `kind ${row.kind} does not own the key ${column}:${key}`);
    }
  }
  for (const column of [...Object.keys(row.elements ?? {}), ...Object.keys(row.notElements ?? {})]) {
    if (!kind.elements.includes(column)) fail(row, `kind ${row.kind} does not own elements of ${column}`);
  }
  for (const column of [...Object.keys(row.members ?? {}), ...Object.keys(row.notMembers ?? {})]) {
    if (kind.members?.includes(column) !== true)
      fail(row, `kind ${row.kind} does not own members of ${column}`);
  }
  for (const uuid of Object.values(row.notElements ?? {}).flat()) checkUuid(row, uuid);
}

function referencedKeys(row: DesiredRow): readonly string[] {
  const keys: string[] = [];
  const collect = (value: DesiredValue): void => {
    if (isRefTo(value)) keys.push(value.ref);
    else if (Array.isArray(value)) for (const element of value) collect(element);
  };
  for (const value of Object.values(row.columns ?? {})) collect(value);
  for (const value of Object.values(row.identity?.match ?? {})) collect(value);
  for (const references of Object.values(row.elements ?? {})) collect(references);
  if (row.identity?.parent !== undefined) keys.push(row.identity.parent);
  if (row.parent !== undefined) keys.push(row.parent.key);
  return keys;
}

function claim(taken: Map<string, string>, what: string, row: DesiredRow): void {
  const other = taken.get(what);
  if (other !== undefined) fail(row, `${other} is already the desired row for ${what}`);
  taken.set(what, row.key);
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
