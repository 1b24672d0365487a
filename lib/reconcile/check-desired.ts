import { stringifyJson, UsageError } from "../jsonrpc/index.ts";
import { findTable, isKeyed, sketch } from "../ovsdb/index.ts";
import { parentLink } from "./check-support.ts";
import { findingsOf } from "./constant-rows.ts";
import { kindOf, type PlanContext } from "./context.ts";
import type { DesiredRow, DesiredValue, Identity, RefTo, Removal, RowKind } from "./desired.ts";
import { DesiredRows } from "./desired-rows.ts";
import type { KindTargets, OwnedTargets } from "./kind-targets.ts";
import { newPlacement, type Placement } from "./placement.ts";
import type { SettledRows } from "./settled-rows.ts";

const uuidPattern: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value refers to another desired row. */
export function isRefTo(value: unknown): value is RefTo {
  return typeof value === "object" && value !== null && "ref" in value && typeof value.ref === "string";
}

/** A kind of rows in one plan: looked up once, and not for each row. */
interface PlannedKind {
  readonly kind: RowKind;
  readonly owned: OwnedTargets;
  /** The names by which desired rows of its table are recognised. */
  readonly names: Set<string>;
}

/**
 * Checks that desired rows and removals make sense together and returns the rows, without repetitions. What they refer to
 * is for {@link resolveReferences} to check, when all are known.
 *
 * Networks share rows (Copp, Meter), and each network's builder lists them: equal rows under one key are one row.
 * Everything found here is a mistake of a builder, hence UsageError.
 *
 * @param settled Rows that the others may refer to, and that are not returned.
 */
export function checkDesired(
  context: PlanContext,
  targets: KindTargets,
  desired: readonly DesiredRow[],
  removals: readonly Removal[],
  settled: SettledRows,
): DesiredRows {
  const rows = new DesiredRows(settled);
  const kinds = new PlannedKinds(context, targets);
  const uuids = new Set<string>();
  // A plan may have a hundred thousand rows, and most plans run before V8 has compiled this: the fewer calls the better.
  for (const row of desired) {
    if (typeof row?.key !== "string" || typeof row.name !== "string") throw unnamed(desired, row);
    const { key, name, uuid } = row;
    const known = rows.get(key);
    if (known !== undefined) {
      if (!sameRow(known.row, row)) throw new UsageError(`two different desired rows have the key ${key}`);
      continue;
    }
    const { kind, owned, names } = kinds.of(row);
    if (row.identity === undefined && !isNew(names, name))
      refuseTaken(rows, row, kind, name, (other) => !other.identity && other.name === name);
    // Of all tables: nearly never do two rows have one, and then it is looked up which.
    if (uuid !== undefined && !isNew(uuids, uuid))
      refuseTaken(rows, row, kind, uuid, (other) => other.uuid === uuid);
    const findings = findingsOf(row);
    if (findings === undefined || findings.kind !== kind) checkRow(row, kind);
    if (findings !== undefined) findings.kind = kind;
    rows.add(newPlacement(row, kind, owned));
  }
  for (const removal of removals) {
    checkRemoval(removals, removal);
    const kind = Object.hasOwn(context.kinds, removal.kind) ? context.kinds[removal.kind] : undefined;
    if (kind?.root === false && removal.parent === undefined) {
      throw new UsageError(`removal of ${removal.table} ${removal.name} does not say which set it leaves`);
    }
  }
  return rows;
}

class PlannedKinds {
  readonly #context: PlanContext;
  readonly #targets: KindTargets;
  readonly #byName = new Map<string, PlannedKind>();
  /** The names of the rows of a table, of whatever kind they are. */
  readonly #names = new Map<string, Set<string>>();

  constructor(context: PlanContext, targets: KindTargets) {
    this.#context = context;
    this.#targets = targets;
  }

  /** The kind of a row. Throws UsageError for a kind that is not among the plan's. */
  of(row: DesiredRow): PlannedKind {
    return this.#byName.get(row.kind) ?? this.#add(row);
  }

  #add(row: DesiredRow): PlannedKind {
    const kind = kindOf(this.#context, row);
    checkRoot(row, kind, findTable(this.#context.schema, kind.table)?.isRoot);
    const names = this.#names.get(kind.table) ?? new Set();
    this.#names.set(kind.table, names);
    const owned = this.#targets.of(kind);
    checkForms(row, owned);
    const planned = { kind, owned, names };
    this.#byName.set(row.kind, planned);
    return planned;
  }
}

/** Rows of a table that is no root would go at once where nothing holds them, and those of one that is would stay when they leave a set. */
function checkRoot(row: DesiredRow, { table, root }: RowKind, isRoot: boolean | undefined): void {
  if (isRoot === undefined || isRoot === root) return;
  const is = isRoot ? "is among the schema's roots" : "is not among the schema's roots";
  fail(row, `kind ${row.kind} has root: ${root}, and ${table} ${is}`);
}

/** What a kind owns in another way than the column has it would be compared with nothing. */
function checkForms(row: DesiredRow, { keys, elements, members }: OwnedTargets): void {
  const kind = `kind ${row.kind}`;
  for (const { column, schema } of keys)
    if (schema.value === undefined) fail(row, `${kind} owns keys of ${column}, which is no map`);
  for (const { column, schema } of elements)
    if (schema.key.refTable === undefined)
      fail(row, `${kind} owns elements of ${column}, which holds no references`);
  for (const { column, schema } of members)
    if (schema.value !== undefined || schema.max === 1)
      fail(row, `${kind} owns members of ${column}, which is no set`);
}

/** The error for what plain JavaScript gives as a row. It has no key to tell it by. */
function unnamed(desired: readonly DesiredRow[], row: DesiredRow): UsageError {
  const place = `desired rows[${desired.indexOf(row)}]`;
  if (!isKeyed(row)) return new UsageError(`${place} is an object, and not ${sketch(row)}`);
  const lacking = typeof row.key === "string" ? "name" : "key";
  return new UsageError(`${place} needs a ${lacking}, a text, and has ${sketch(row[lacking])}`);
}

/** What plain JavaScript gives as a removal. */
function checkRemoval(removals: readonly Removal[], removal: Removal): void {
  const wrong = (problem: string): UsageError =>
    new UsageError(`removals[${removals.indexOf(removal)}] ${problem}`);
  if (typeof removal !== "object" || removal === null)
    throw wrong(`is an object, and not ${sketch(removal)}`);
  const { parent, unchanged = [] } = removal;
  for (const name of ["table", "uuid"] as const)
    if (typeof removal[name] !== "string")
      throw wrong(`needs a ${name}, a text, and has ${sketch(removal[name])}`);
  if (parent !== undefined && typeof parent?.table !== "string")
    throw wrong(`has a parent, { table, uuid, column }, that is ${sketch(parent)}`);
  if (!Array.isArray(unchanged))
    throw wrong(`has unchanged, a list of columns, that is ${sketch(unchanged)}`);
}

/** What is wrong with a row, whatever others there are. */
function checkRow(row: DesiredRow, kind: RowKind): void {
  if (row.uuid !== undefined) {
    checkUuid(row, row.uuid);
    if (row.uuid === row.replaces) fail(row, `it replaces the row ${row.uuid} under the same uuid`);
  }
  if (row.parent !== undefined && typeof row.parent?.key !== "string")
    fail(row, `its parent is a row and a column, { key, column }, and not ${sketch(row.parent)}`);
  if (kind.root === false && parentLink(row) === undefined) {
    fail(row, `rows of ${kind.table} need a parent, or the server deletes them at once`);
  }
  // What is written but not owned would never be taken back.
  const { identity, columns, keys, elements, notElements, members, notMembers } = row;
  if (identity?.keys !== undefined) checkIdentityKeys(row, identity.keys);
  if (columns !== undefined) checkOwned(row, columns, kind.columns, "the column", kind.onDemand);
  if (keys !== undefined && (typeof keys !== "object" || keys === null)) failAsObject(row, keys);
  for (const column in keys) {
    const owned = Object.hasOwn(kind.keys, column) ? kind.keys[column] : undefined;
    const pairs: unknown = keys[column];
    if (pairs !== undefined && !isKeyed(pairs))
      fail(row, `keys of ${column} are an object, and not ${sketch(pairs)}`);
    for (const key in keys[column]) {
      if (!owned?.includes(key)) fail(row, `kind ${row.kind} does not own the key ${column}:${key}`);
    }
  }
  if (elements !== undefined) {
    checkOwned(row, elements, kind.elements, "elements of");
    for (const column in elements)
      if (elements[column] !== undefined && !Array.isArray(elements[column]))
        fail(row, `elements of ${column} are a list of references, and not ${sketch(elements[column])}`);
  }
  if (notElements !== undefined) {
    checkOwned(row, notElements, kind.elements, "elements of");
    for (const uuid of Object.values(notElements).flat()) checkUuid(row, uuid);
  }
  if (members !== undefined) checkOwned(row, members, kind.members, "members of");
  if (notMembers !== undefined) checkOwned(row, notMembers, kind.members, "members of");
}

function failAsObject(row: DesiredRow, given: unknown): never {
  return fail(row, `columns, keys, elements and members are objects, and not ${sketch(given)}`);
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
  if (typeof stated !== "object" || stated === null) failAsObject(row, stated);
  for (const column in stated) {
    if (!owned.includes(column) && !more.includes(column))
      fail(row, `kind ${row.kind} does not own ${what} ${column}`);
  }
}

/** Finds the row whose set holds this one, and checks that all rows are there that it refers to. Throws UsageError. */
export function resolveReferences(placement: Placement, rows: DesiredRows): void {
  const { row, owned } = placement;
  const { columns, identity, elements } = row;
  if (owned.refers) for (const column in columns) checkValue(row, columns[column], rows);
  if (identity !== undefined) {
    for (const value of Object.values(identity.match)) checkValue(row, value, rows);
    if (identity.parent !== undefined && rows.get(identity.parent) === undefined)
      refuseReference(row, identity.parent);
  }
  for (const column in elements) {
    for (const element of elements[column] ?? []) {
      if (typeof element === "string") checkUuid(row, element);
      else if (!isRefTo(element)) refuseElement(row, column, element);
      else if (rows.get(element.ref) === undefined) refuseReference(row, element.ref);
    }
  }
  const link = parentLink(row);
  if (link === undefined) return;
  placement.parent = rows.get(link.key) ?? refuseReference(row, link.key);
  placement.column = link.column;
}

function checkValue(row: DesiredRow, value: DesiredValue | undefined, rows: DesiredRows): void {
  if (typeof value !== "object") return;
  if (isRefTo(value)) {
    if (rows.get(value.ref) === undefined) refuseReference(row, value.ref);
  } else if (Array.isArray(value)) for (const element of value) checkValue(row, element, rows);
}

/** What plain JavaScript may give: as in a transaction, the row itself. */
function refuseElement(row: DesiredRow, column: string, given: unknown): never {
  const instead = isKeyed(given) && "_uuid" in given ? "; give its _uuid" : "";
  return fail(row, `elements of ${column} are { ref } or uuids, and not ${sketch(given)}${instead}`);
}

function refuseReference(row: DesiredRow, key: string): never {
  return fail(row, `it refers to ${key}, which is not among the desired rows`);
}

/** Puts an element into a set. That it was in there shows in the set's size, and asking before takes as long as putting it in. */
function isNew(set: Set<string>, element: string): boolean {
  const { size } = set;
  return set.add(element).size > size;
}

/** Throws when one of the rows before has it. */
function refuseTaken(
  rows: DesiredRows,
  row: DesiredRow,
  { table }: RowKind,
  what: string,
  isIt: (other: DesiredRow) => boolean,
): void {
  const other = rows.all.find((each) => each.kind.table === table && isIt(each.row));
  if (other !== undefined) fail(row, `${other.row.key} is already the desired row for ${table} ${what}`);
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
