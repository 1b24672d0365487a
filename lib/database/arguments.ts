import { UsageError } from "../jsonrpc/index.ts";
import { type ColumnKind, type ColumnName, isKeyed, sketch, ValidationError } from "../ovsdb/index.ts";
import { RowMark } from "../replica/index.ts";
import type { ServerColumn } from "./server-table.ts";

/** Where rows stand for their uuids. */
type Referring = Pick<ServerColumn, "schema" | "where">;

/**
 * Rows stand for their uuids wherever a reference may be given: alone or in a set. Throws `ValidationError` for a row that was read
 * from another table than the column's, if the column is told: taken out of a set it would be none that is there, and nobody told.
 */
export function withReferences(value: unknown, of?: Referring): unknown {
  if (!Array.isArray(value)) return reference(value, of);
  // Nearly all sets hold text, and are as they have to be.
  for (let index = 0; index < value.length; index++)
    if (isObject(value[index])) return value.map((each) => reference(each, of));
  return value;
}

/** The same for the values of a map, whose keys may be any text, `_uuid` among them. */
export function withReferencesIn<M>(map: M, of?: Referring): M | { readonly [key: string]: unknown } {
  if (!isObject(map) || Array.isArray(map)) return map;
  const values = map as { readonly [key: string]: unknown };
  for (const key of Object.keys(values)) {
    if (!isObject(values[key])) continue;
    return Object.fromEntries(Object.entries(values).map(([each, value]) => [each, reference(value, of)]));
  }
  return map;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function reference(value: unknown, of: Referring | undefined): unknown {
  if (!isObject(value) || !("_uuid" in value)) return value;
  if (of !== undefined) checkTable(value, of);
  return value._uuid;
}

function checkTable(row: object, { schema, where }: Referring): void {
  const from = RowMark.tableOf(row);
  const to = (schema.value ?? schema.key).refTable;
  if (from === undefined || to === undefined || from === to) return;
  const problem = `a row of ${from} given where one of ${to} belongs`;
  throw new ValidationError(where.table, where.column, row, problem);
}

/** A value in which rows that were given for references are their uuids. */
export function plainValue(column: ServerColumn, value: unknown): unknown {
  if (!column.refers) return value;
  return column.kind === "map" ? withReferencesIn(value, column) : withReferences(value, column);
}

/** Whether a value that refers to rows may name others by uuid than those whose handles it has. Any map may. */
export function mayNameOthers({ kind }: ServerColumn, value: unknown): boolean {
  if (kind === "map") return true;
  return Array.isArray(value) ? value.some(isText) : isText(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** Throws `UsageError` for what cannot be the columns of a row, and would be taken for a row of defaults. */
export function checkRow(table: string, row: unknown): void {
  if (isKeyed(row)) return;
  throw new UsageError(`the columns of a row of ${table} are a plain object, and not ${sketch(row)}`);
}

/** Throws `UsageError` where there is nothing to verify; without a column the transaction would depend on nothing, and nobody told. */
export function checkVerified(table: string, isInserted: boolean, columns: readonly unknown[]): void {
  if (isInserted)
    throw new UsageError(`a row inserted into ${table} in this transaction has nothing to verify`);
  if (columns.length === 0) {
    throw new UsageError(
      `verify of a row of ${table} needs the columns that the transaction depends on: verify(row, "column")`,
    );
  }
}

/** Throws `ValidationError` for what cannot be pairs of a map, and would be taken for none. */
export function checkPairs({ table, column }: ColumnName, pairs: unknown): void {
  if (isKeyed(pairs)) return;
  throw new ValidationError(table, column, pairs, `${sketch(pairs)} is not a plain object`);
}

/** Throws `ValidationError` for what is no list; of a text each letter would be taken for an element. */
export function checkElements({ table, column }: ColumnName, elements: unknown): void {
  if (Array.isArray(elements)) return;
  throw new ValidationError(table, column, elements, `${sketch(elements)} is not an array`);
}

const CALCULATIONS: readonly unknown[] = ["+=", "-=", "*=", "/=", "%="];

/** Throws `UsageError` for what is no calculation, and `ValidationError` for a value with which the column cannot take part in one. */
export function checkCalculation({ where, schema }: Referring, mutator: string, value: unknown): void {
  const { table, column } = where;
  if (!CALCULATIONS.includes(mutator))
    throw new UsageError(
      `${table}.${column}: calculate by ${CALCULATIONS.join(", ")}, and not by ${sketch(mutator)}`,
    );
  const { type } = schema.key;
  const fits =
    type === "integer"
      ? typeof value === "bigint" || Number.isSafeInteger(value)
      : type === "real" && Number.isFinite(value);
  if (fits) return;
  const problem = `cannot calculate ${mutator} ${sketch(value)} on a column of type ${type}`;
  throw new ValidationError(table, column, value, problem);
}

/** Throws `UsageError` for what is no function where a condition is one. Returns the same. */
export function checkedTest<F>(test: F): F {
  if (typeof test === "function") return test;
  throw new UsageError(`what until() waits for is a function, and not ${sketch(test)}`);
}

/** A function as it is written, in one line of at most 80 characters. */
export function testText(test: (...args: never[]) => unknown): string {
  const text = String(test).replaceAll(/\s+/g, " ");
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Throws `UsageError` for what is no row where one is read. Returns the same. */
export function checkedRow<R extends { readonly _uuid: string }>(row: R): R {
  if (typeof row === "object" && row !== null && typeof row._uuid === "string") return row;
  throw notARow(row);
}

/** Why nothing can be done with what was given for a row. */
export function notARow(given: unknown): UsageError {
  const why =
    given === undefined || given === null
      ? "; was it found?"
      : typeof given === "string"
        ? "; byUuid() finds one by its uuid"
        : Array.isArray(given)
          ? "; one at a time"
          : "";
  return new UsageError(`a row, or the handle of an inserted one, is needed, and not ${sketch(given)}${why}`);
}

/** Throws `UsageError` for what is no operation in RFC 7047's form, so far as the server could not even say so. Returns the same. */
export function checkedOperation<O extends { readonly op: string }>(operation: O): O {
  if (typeof operation === "object" && operation !== null && typeof operation.op === "string")
    return operation;
  throw new UsageError(`an operation is an object with its name in op, and not ${sketch(operation)}`);
}

/** What changes parts of such a column, or all of it. */
export function callFor(kind: ColumnKind): string {
  if (kind === "map") return "setKeys() and removeKeys()";
  return kind === "set" ? "add() and remove()" : "update()";
}
