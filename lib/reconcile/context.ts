import type { AnyRow, ReadView } from "../database/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import { type ColumnSchema, type DatabaseSchema, findColumn, type Value } from "../ovsdb/index.ts";
import type { DesiredRow, RowKind, RowKinds } from "./desired.ts";

/** What planning needs beside the rows. */
export interface PlanOptions {
  /** The connected server's schema: it decides what can be written, and how values are encoded. */
  readonly schema: DatabaseSchema;
  /**
   * The tables and columns that the view can read, where a newer server has more: what `replaces` carries over ends
   * there. Default: all of `schema`.
   */
  readonly model?: DatabaseSchema;
  /**
   * Whether a row that must leave its parent may be taken out of it: `parent` is the row it hangs under, `row` the
   * desired row. Default: never.
   */
  readonly isOurs?: (parent: AnyRow, row: DesiredRow) => boolean;
  /**
   * Whether an existing row that has a desired row's name is another one, which is among the removals: the desired row is made
   * while that one goes, and takes nothing over from it. Not asked about rows of `standing`. Default: never.
   */
  readonly isGoing?: ((existing: AnyRow, row: DesiredRow) => boolean) | undefined;
  /** Called with each other existing row that has a desired row's name; throws to refuse it. Default: all are welcome. */
  readonly onFound?: (existing: AnyRow, row: DesiredRow) => void;
  /** Whether the server understands `uuid` on insert (Open vSwitch 2.13 and later). Default: true. */
  readonly uuidSupported?: boolean;
  /**
   * Whether of several rows that are the same desired row one is made, and of several sets that hold a row one is left.
   * Default: no; several rows of one name are an `AmbiguousRowError`, unless one of them has the chosen uuid.
   */
  readonly merge?: boolean;
  /**
   * Lists of rows that the plan wants besides the others, before which they come; the others may refer to them, they refer only to
   * rows of their own list. Each list is made once, by `constantRows`, and given to plan after plan: found as it should be, it
   * is not looked at again before something changes in the tables of its rows. Default: none.
   */
  readonly standing?: readonly (readonly DesiredRow[])[];
  /** Makes the uuid of a row that has no chosen one. Default: a random uuid, and for more rows those that follow it. */
  readonly random?: () => string;
}

/** What every step of planning reads. */
export interface PlanContext {
  readonly view: ReadView;
  readonly kinds: RowKinds;
  readonly schema: DatabaseSchema;
  readonly model: DatabaseSchema;
  readonly isOurs: (parent: AnyRow, row: DesiredRow) => boolean;
  readonly isGoing: ((existing: AnyRow, row: DesiredRow) => boolean) | undefined;
  readonly onFound: ((existing: AnyRow, row: DesiredRow) => void) | undefined;
  readonly uuidSupported: boolean;
  readonly merge: boolean;
  readonly random: () => string;
}

/** The kind of a desired row. Throws UsageError for a kind that is not among the plan's. */
export function kindOf(context: PlanContext, row: DesiredRow): RowKind {
  const kind = Object.hasOwn(context.kinds, row.kind) ? context.kinds[row.kind] : undefined;
  if (kind === undefined) throw new UsageError(`desired row ${row.key}: there is no kind ${row.kind}`);
  return kind;
}

/** Schema of a column that is known to exist because support was checked before. */
export function columnOf(context: PlanContext, table: string, column: string): ColumnSchema {
  const found = findColumn(context.schema, table, column);
  if (found === undefined) throw new UsageError(`there is no column ${table}.${column}`);
  return found;
}

/** A column's value. A column that is not replicated would look like a difference forever, so it is an error here. */
export function readColumn(row: AnyRow, table: string, column: string): Value {
  const value: Value | undefined = row[column];
  if (value === undefined) {
    throw new UsageError(`${table}.${column} is needed to compare rows but is not monitored`);
  }
  return value;
}
