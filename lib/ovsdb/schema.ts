/** The five atomic types of RFC 7047 section 3.1. */
export type AtomicType = "integer" | "real" | "boolean" | "string" | "uuid";

/** One decoded atom: integers are numbers, or bigints where {@link isWideInteger} says so; uuids are strings. */
export type Atom = number | bigint | boolean | string;

/** Type of a column's keys or values with its constraints (RFC 7047 section 3.2, `<base-type>`). */
export interface BaseType {
  readonly type: AtomicType;
  /** The only values allowed, when present. */
  readonly enum?: readonly Atom[];
  readonly minInteger?: number | bigint;
  readonly maxInteger?: number | bigint;
  readonly minReal?: number;
  readonly maxReal?: number;
  /** In characters (Unicode code points), as ovsdb-server counts. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** For uuids: the table whose rows are referred to. */
  readonly refTable?: string;
  /** Always present beside `refTable`; RFC 7047's default is strong. */
  readonly refType?: "strong" | "weak";
}

/** One column: `key` alone for scalars, optionals and sets, `key` and `value` for maps. */
export interface ColumnSchema {
  readonly key: BaseType;
  readonly value?: BaseType;
  /** Least number of elements; RFC 7047 allows 0 and 1 only. */
  readonly min: 0 | 1;
  readonly max: number | "unlimited";
  /** Lost when a standalone server restarts. Absent: kept. */
  readonly ephemeral?: true;
  /** `false`: fixed once the row is inserted. Absent: changeable. */
  readonly mutable?: false;
}

/** One table (RFC 7047 section 3.2, `<table-schema>`). */
export interface TableSchema {
  readonly columns: Readonly<Record<string, ColumnSchema>>;
  /** Sets of columns that are unique together. */
  readonly indexes: readonly (readonly string[])[];
  /** Rows of other tables vanish when the last strong reference to them goes. */
  readonly isRoot: boolean;
  /** Absent: no limit. */
  readonly maxRows?: number;
}

/** One database (RFC 7047 section 3.2, `<database-schema>`). */
export interface DatabaseSchema {
  readonly name: string;
  /** Dotted, three numbers; empty when the schema has none. */
  readonly version: string;
  readonly tables: Readonly<Record<string, TableSchema>>;
}

/** How a column's value looks in JavaScript: an atom, an atom or null, an array, a plain object. */
export type ColumnKind = "scalar" | "optional" | "set" | "map";

/** Tells how values of a column look in JavaScript. */
export function columnKind(column: ColumnSchema): ColumnKind {
  if (column.value !== undefined) return "map";
  if (column.max !== 1) return "set";
  return column.min === 1 ? "scalar" : "optional";
}

/**
 * Whether integers of this type are bigints in JavaScript: those that neither an enum nor both bounds keep
 * within the range a number holds exactly, such as `NB_Global.nb_cfg`.
 */
export function isWideInteger(base: BaseType): boolean {
  if (base.type !== "integer") return false;
  if (base.enum !== undefined) return base.enum.some((value) => typeof value === "bigint");
  if (base.minInteger === undefined || base.maxInteger === undefined) return true;
  return base.minInteger < Number.MIN_SAFE_INTEGER || base.maxInteger > Number.MAX_SAFE_INTEGER;
}

/** The type of `_uuid`, which every table has and no schema names. */
export const uuidColumn: ColumnSchema = { key: { type: "uuid" }, min: 1, max: 1 };

/** Looks up a table by a name from outside; safe for names such as `constructor`. */
export function findTable(schema: DatabaseSchema, table: string): TableSchema | undefined {
  return Object.hasOwn(schema.tables, table) ? schema.tables[table] : undefined;
}

/** Looks up a column by names from outside; safe for names such as `constructor`. */
export function findColumn(schema: DatabaseSchema, table: string, column: string): ColumnSchema | undefined {
  const columns = findTable(schema, table)?.columns;
  return columns !== undefined && Object.hasOwn(columns, column) ? columns[column] : undefined;
}
