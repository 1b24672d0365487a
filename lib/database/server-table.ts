import { UsageError } from "../jsonrpc/index.ts";
import {
  type ColumnKind,
  type ColumnName,
  type ColumnSchema,
  type ColumnWriter,
  columnKind,
  columnWriter,
  type DatabaseSchema,
  findColumn,
  findTable,
  problemOfDefault,
  sketch,
  type TableSchema,
} from "../ovsdb/index.ts";

/** A column of the server, with all that writing it takes. */
export interface ServerColumn {
  readonly name: string;
  readonly schema: ColumnSchema;
  readonly kind: ColumnKind;
  readonly writer: ColumnWriter;
  /** Whether it holds uuids, for which rows may be given. */
  readonly refers: boolean;
  /** Whether what it refers to must be there: by strong references. */
  readonly holds: boolean;
  /** For errors. */
  readonly where: ColumnName;
  /** The name as JSON text. */
  readonly text: string;
}

/** A column that every insert has to set, since the server refuses its default. */
export interface NeededColumn {
  readonly column: ServerColumn;
  /** What is wrong with the default. */
  readonly problem: string;
}

/** A table of the server, with all that writing its rows takes: made once, since every transaction asks for the same. */
export class ServerTable {
  readonly name: string;
  readonly schema: TableSchema;
  /** As it stands in an operation: `"table":"Logical_Switch"`. */
  readonly member: string;
  readonly #server: DatabaseSchema;
  readonly #columns = new Map<string, ServerColumn>();
  #needed: readonly NeededColumn[] | undefined;

  constructor(server: DatabaseSchema, name: string, schema: TableSchema) {
    this.#server = server;
    this.name = name;
    this.schema = schema;
    this.member = `"table":${JSON.stringify(name)}`;
  }

  /** The columns that hold rows of this table by strong references, as `Logical_Switch.ports`: sets of them, where there are any. */
  get holders(): readonly string[] {
    const all = Object.entries(this.#server.tables).flatMap(([table, { columns }]) =>
      Object.entries(columns)
        .filter(([, { key, value }]) =>
          [key, value].some((base) => base?.refTable === this.name && base.refType !== "weak"),
        )
        .map(([column, { max }]) => ({ name: `${table}.${column}`, isSet: max !== 1 })),
    );
    const sets = all.filter(({ isSet }) => isSet);
    return (sets.length > 0 ? sets : all).map(({ name }) => name);
  }

  /** `undefined` when the server has no such column. */
  column(name: string): ServerColumn | undefined {
    return this.#columns.get(name) ?? this.#make(name);
  }

  /** Columns that an insert must not leave out. In most tables there are none. */
  get needed(): readonly NeededColumn[] {
    this.#needed ??= Object.keys(this.schema.columns).flatMap((name) => {
      const column = this.column(name);
      const problem = column && problemOfDefault(column.schema);
      return column === undefined || problem === undefined ? [] : [{ column, problem }];
    });
    return this.#needed;
  }

  #make(name: string): ServerColumn | undefined {
    checkName(`a column of ${this.name}`, name);
    const schema = findColumn(this.#server, this.name, name);
    if (schema === undefined) return undefined;
    const column: ServerColumn = {
      name,
      schema,
      kind: columnKind(schema),
      writer: columnWriter(schema),
      refers: schema.key.type === "uuid" || schema.value?.type === "uuid",
      holds: [schema.key, schema.value].some(
        (base) => base?.refTable !== undefined && base.refType !== "weak",
      ),
      where: { table: this.name, column: name },
      text: JSON.stringify(name),
    };
    this.#columns.set(name, column);
    return column;
  }
}

/** A list with one name would be found by it, as plain JavaScript has it, and break the text of the transaction. */
export function checkName(what: string, name: string): void {
  if (typeof name !== "string")
    throw new UsageError(`${what} is named by a text, and not by ${sketch(name)}`);
}

const known = new WeakMap<DatabaseSchema, Map<string, ServerTable>>();

/** A table by a name from outside; `undefined` when the server has none such. */
export function serverTable(server: DatabaseSchema, name: string): ServerTable | undefined {
  let tables = known.get(server);
  if (tables === undefined) {
    tables = new Map();
    known.set(server, tables);
  }
  const table = tables.get(name);
  if (table !== undefined) return table;
  checkName("a table", name);
  const schema = findTable(server, name);
  if (schema === undefined) return undefined;
  const made = new ServerTable(server, name, schema);
  tables.set(name, made);
  return made;
}
