import { UsageError } from "../jsonrpc/index.ts";
import { type ColumnSchema, columnKind, defaultValue, type Value } from "../ovsdb/index.ts";

/** A column as the replica keeps it. */
export interface StoredColumn {
  readonly name: string;
  /** How it begins in the text of a row. */
  readonly head: string;
  readonly schema: ColumnSchema;
  /** Sets of strings or uuids without a bound, which can grow large. */
  readonly growing: boolean;
  /** A column of one value, or of none: a change tells the new value. */
  readonly single: boolean;
  readonly map: boolean;
}

export function storedColumn(name: string, schema: ColumnSchema): StoredColumn {
  const kind = columnKind(schema);
  const growing =
    kind === "set" &&
    schema.max === "unlimited" &&
    (schema.key.type === "uuid" || schema.key.type === "string");
  return {
    name,
    head: `"${name}":`,
    schema,
    growing,
    single: kind === "scalar" || kind === "optional",
    map: kind === "map",
  };
}

/** The columns of one table. */
export class Columns {
  readonly list: readonly StoredColumn[];
  /** By position. */
  readonly defaults: readonly Value[];
  readonly #positions: ReadonlyMap<string, number>;

  constructor(list: readonly StoredColumn[]) {
    this.list = list;
    this.defaults = list.map(({ schema }) => defaultValue(schema));
    this.#positions = new Map(list.map((column, position) => [column.name, position]));
  }

  position(name: string): number | undefined {
    return this.#positions.get(name);
  }
}

/** Why a column that exists cannot be read. */
export function hiddenColumn(table: string, column: string): UsageError {
  return new UsageError(`${table}.${column} is not monitored: name it in the \`tables\` option`);
}

/**
 * What rows inherit from where the caller chose not to monitor some columns: accessors that throw for those, since absent is
 * not the same as empty. Inherited, because to define them on each row takes thirty times as long as to make the row.
 */
export function hiddenColumns(table: string, names: readonly string[]): object | undefined {
  if (names.length === 0) return undefined;
  const accessors = names.map((name): [string, PropertyDescriptor] => [
    name,
    {
      enumerable: false,
      get: (): never => {
        throw hiddenColumn(table, name);
      },
    },
  ]);
  return Object.freeze(Object.defineProperties({}, Object.fromEntries(accessors)));
}
