import {
  type ColumnCodec,
  type ColumnName,
  type ColumnSchema,
  type ColumnWriter,
  columnCodec,
  columnWriter,
  type DatabaseSchema,
  findColumn,
  findTable,
  problemOfDefault,
} from "../ovsdb/index.ts";
import type { RowKind } from "./desired.ts";
import type { Column } from "./insert.ts";

/** A column that is to be written or compared. */
export interface Target extends ColumnName, Column {
  readonly schema: ColumnSchema;
  readonly codec: ColumnCodec;
  readonly writer: ColumnWriter;
}

/** A column whose default the server refuses, and why. */
interface NeededColumn {
  readonly column: string;
  readonly problem: string;
}

/** What a kind owns, as columns with their schemas, without those that the server lacks. */
export interface OwnedTargets {
  readonly columns: readonly Target[];
  readonly keys: readonly Target[];
  readonly elements: readonly Target[];
  readonly members: readonly Target[];
  /** The column `name`, where the table has one. */
  readonly name: Target | undefined;
  /** Whether one of the columns that are owned as a whole refers to rows. */
  readonly refers: boolean;
  /** Whether the server refuses a second row of the same name. */
  readonly nameIsUnique: boolean;
  /** Whether the server has everything that rows of this kind may need, short of what else they are recognised by. */
  readonly complete: boolean;
}

/** What was found out of a schema; it is the same for every plan on it, and a plan may be about a single row. */
const ofSchemas = new WeakMap<DatabaseSchema, KindTargets>();

/** Looks up the columns of each kind once: there are few kinds, and perhaps a hundred thousand rows. */
export class KindTargets {
  readonly #schema: DatabaseSchema;
  readonly #kinds = new WeakMap<RowKind, OwnedTargets>();
  readonly #tables = new Map<string, Map<string, Target | undefined>>();
  readonly #needed = new Map<string, readonly NeededColumn[]>();

  private constructor(schema: DatabaseSchema) {
    this.#schema = schema;
  }

  static of(schema: DatabaseSchema): KindTargets {
    const known = ofSchemas.get(schema) ?? new KindTargets(schema);
    ofSchemas.set(schema, known);
    return known;
  }

  of(kind: RowKind): OwnedTargets {
    const known = this.#kinds.get(kind) ?? this.#owned(kind);
    this.#kinds.set(kind, known);
    return known;
  }

  /** A column of a table; undefined when the server has no such column. */
  target(table: string, column: string): Target | undefined {
    let columns = this.#tables.get(table);
    if (columns === undefined) {
      columns = new Map();
      this.#tables.set(table, columns);
    }
    const known = columns.get(column);
    if (known !== undefined || columns.has(column)) return known;
    const schema = findColumn(this.#schema, table, column);
    const target = schema && {
      table,
      column,
      label: `"${column}":`,
      schema,
      codec: columnCodec(schema),
      writer: columnWriter(schema),
    };
    columns.set(column, target);
    return target;
  }

  /** Columns of a table that an insert must not leave out. In most tables there are none. */
  needed(table: string): readonly NeededColumn[] {
    const known = this.#needed.get(table);
    if (known !== undefined) return known;
    const needed = Object.entries(findTable(this.#schema, table)?.columns ?? {}).flatMap(
      ([column, schema]) => {
        const problem = problemOfDefault(schema);
        return problem === undefined ? [] : [{ column, problem }];
      },
    );
    this.#needed.set(table, needed);
    return needed;
  }

  #owned(kind: RowKind): OwnedTargets {
    const { table, elements, members = [] } = kind;
    const columns = [...kind.columns, ...(kind.onDemand ?? [])];
    const keys = Object.keys(kind.keys);
    const name = this.target(table, "name");
    const indexes = findTable(this.#schema, table)?.indexes ?? [];
    const all = [...columns, ...keys, ...elements, ...members];
    const whole = this.#targets(table, columns);
    return {
      columns: whole,
      refers: whole.some(({ schema }) => schema.key.refTable !== undefined),
      keys: this.#targets(table, keys),
      elements: this.#targets(table, elements),
      members: this.#targets(table, members),
      name,
      nameIsUnique: indexes.some((index) => index.length === 1 && index[0] === "name"),
      complete: name !== undefined && all.every((column) => this.target(table, column) !== undefined),
    };
  }

  #targets(table: string, columns: readonly string[]): readonly Target[] {
    return columns.flatMap((column) => this.target(table, column) ?? []);
  }
}
