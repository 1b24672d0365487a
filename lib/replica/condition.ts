import { UsageError } from "../jsonrpc/index.ts";
import { type BaseType, columnKind, isKeyed, sketch, type Value } from "../ovsdb/index.ts";
import { atomKey, valueKey } from "./atom-key.ts";
import type { Found } from "./buckets.ts";
import type { Columns, StoredColumn } from "./columns.ts";
import { plain } from "./decoded.ts";
import type { IndexSet } from "./index-set.ts";
import { SetVersion } from "./set-version.ts";
import type { StoredRow } from "./stored-row.ts";

/** What a match says about one column. */
export interface Condition {
  readonly column: string;
  holds(row: StoredRow): boolean;
  /** Rows that an index gives for it, among them all for which it holds; `undefined` when no index fits. */
  lookup(indexes: IndexSet): Found | undefined;
}

/**
 * Scalars and optionals equal, sets contain all that is wanted, maps contain all wanted pairs. Throws `UsageError` for what the
 * column can never hold.
 */
export function conditionOf(table: string, columns: Columns, position: number, wanted: Value): Condition {
  const column = columns.list[position];
  if (column === undefined) throw new UsageError(`${table} has no column at position ${position}`);
  checkWanted(table, column, wanted);
  const read = (row: StoredRow): ReturnType<StoredRow["value"]> => row.value(columns, position);
  switch (columnKind(column.schema)) {
    case "set":
      return setCondition(column, position, wanted, read);
    case "map":
      return mapCondition(column, position, wanted, read);
    default: {
      const key = valueKey(column.schema);
      const wantedKey = key(wanted);
      return {
        column: column.name,
        holds: (row) => key(plain(read(row))) === wantedKey,
        lookup: (indexes) => indexes.columns([position]).lookup([wanted]),
      };
    }
  }
}

/**
 * A value of another type would be found in no row, and who then takes it for absent makes it a second time. Throws `UsageError`.
 */
export function checkWanted(table: string, { name, schema }: StoredColumn, wanted: unknown): void {
  const kind = columnKind(schema);
  if (kind === "map") {
    if (!isKeyed(wanted)) throw noPairsWanted(table, name);
    const base = schema.value ?? schema.key;
    for (const [key, value] of Object.entries(wanted))
      if (!fits(base, value)) throw unfit(`${table}.${name}:${key}`, base, value);
  } else if (kind === "set" && Array.isArray(wanted)) {
    if (wanted.length === 0) throw nothingWanted(table, name);
    for (const element of wanted)
      if (!fits(schema.key, element)) throw unfit(`${table}.${name}`, schema.key, element);
  } else if ((kind !== "optional" || wanted !== null) && !fits(schema.key, wanted)) {
    throw unfit(`${table}.${name}`, schema.key, wanted);
  }
}

/** Why a map cannot be asked for what is no pairs. */
export function noPairsWanted(table: string, column: string): UsageError {
  return new UsageError(`${table}.${column} is a map: look for pairs, as in { ${column}: { key: "value" } }`);
}

/** Who writes `[]` may mean rows whose set is empty, as with ovn-nbctl, and would be given all rows. */
export function nothingWanted(table: string, column: string): UsageError {
  return new UsageError(
    `${table}.${column}: [] would be found in every row: leave the column out, or filter for rows where it is empty`,
  );
}

function fits({ type }: BaseType, atom: unknown): boolean {
  const given = typeof atom;
  if (type === "string" || type === "uuid") return given === "string";
  if (type === "boolean") return given === "boolean";
  return given === "number" || given === "bigint";
}

function unfit(place: string, { type }: BaseType, atom: unknown): UsageError {
  if (type === "uuid" && typeof atom === "object" && atom !== null && "_uuid" in atom)
    return new UsageError(
      `${place} is of type uuid: look for a row by its _uuid, or for what refers to it with referrers()`,
    );
  return new UsageError(`${place} is of type ${type}: cannot look for ${sketch(atom)}`);
}

type Read = (row: StoredRow) => ReturnType<StoredRow["value"]>;

function setCondition(column: StoredColumn, position: number, wanted: Value, read: Read): Condition {
  const key = atomKey(column.schema.key);
  const elements = (Array.isArray(wanted) ? wanted : [wanted]).map(key);
  const [first] = elements;
  return {
    column: column.name,
    holds: (row) => {
      const value = read(row);
      if (value instanceof SetVersion) return elements.every((element) => value.has(String(element)));
      return (
        Array.isArray(value) &&
        elements.every((element) => value.some((candidate: unknown) => key(candidate) === element))
      );
    },
    lookup: (indexes) =>
      column.schema.key.type === "uuid" && typeof first === "string"
        ? indexes.elements(position).lookup(first)
        : undefined,
  };
}

function mapCondition(column: StoredColumn, position: number, wanted: Value, read: Read): Condition {
  const key = atomKey(column.schema.value ?? column.schema.key);
  const pairs = Object.entries(wanted ?? {}).map(([name, value]) => [name, key(value)] as const);
  return {
    column: column.name,
    holds: (row) => {
      const value: unknown = read(row);
      return (
        value !== null &&
        typeof value === "object" &&
        pairs.every(
          ([name, wantedKey]) =>
            Object.hasOwn(value, name) &&
            key((value as { readonly [name: string]: unknown })[name]) === wantedKey,
        )
      );
    },
    lookup: (indexes) => {
      let best: Found | undefined;
      for (const [name, value] of pairs) {
        const found = indexes.mapKey(position, name).lookup(value);
        if (best === undefined || found.size < best.size) best = found;
      }
      return best;
    },
  };
}
