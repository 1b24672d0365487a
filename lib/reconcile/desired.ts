import type { Operation, Value, WrittenOperations } from "../ovsdb/index.ts";

/**
 * What this library owns of the rows of one kind.
 *
 * Everything that is not listed here belongs to someone else and is neither compared nor written. The lists are fixed
 * per kind, so that a setting which is no longer wanted is found and taken back.
 */
export interface RowKind {
  readonly table: string;
  /** Columns owned as a whole: set to the desired value, or to the column's default when the desired row has none. */
  readonly columns: readonly string[];
  /** Columns owned in rows that have a value for them, `null` for none; left alone in all others. Default: none. */
  readonly onDemand?: readonly string[] | undefined;
  /** Owned keys of map columns: set, or deleted when the desired row has none. Other keys of the map are left alone. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Set columns in which single elements are owned: elements are added; only `notElements` are taken out. */
  readonly elements: readonly string[];
  /** Set columns of strings in which single values are owned: values are added; only `notMembers` are taken out. Default: none. */
  readonly members?: readonly string[] | undefined;
  /** The row serves others too: made if missing, what is wanted is repaired, nothing is ever cleared or deleted. */
  readonly shared?: true | undefined;
  /** Whether the table is in the schema's root set. Rows of other tables live only as long as a parent refers to them. */
  readonly root: boolean;
}

/** Row kinds by a name of the caller's choice, see {@link DesiredRow.kind}. */
export type RowKinds = Readonly<Record<string, RowKind>>;

/** A reference to another desired row of the same plan, by its `key`; whether that row exists already does not matter. */
export interface RefTo {
  readonly ref: string;
}

/** A map column as a whole; where only some keys are owned, see {@link DesiredRow.keys}. */
export interface WholeMap {
  readonly map: Readonly<Record<string, string>>;
}

/** A column's value: an atom, `null` for an empty optional, a list for a set. A string in a reference column is the uuid of an existing row. */
export type DesiredValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | RefTo
  | WholeMap
  | readonly (string | number | RefTo)[];

/**
 * Recognises a row that has no unique name: by values of columns, by keys of map columns, or both. With a parent it is an
 * element of that row's set column; without one it may be anywhere in its table, which must be in the root set and have a
 * unique index on the columns.
 */
export interface Identity {
  /** Columns and their values. They are written, too. */
  readonly match: Readonly<Record<string, DesiredValue>>;
  /** Keys of map columns and their values; `DesiredRow.keys` must hold them as well. */
  readonly keys?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Key of the row that holds this one. */
  readonly parent?: string | undefined;
  /** The set column of `parent`; given with it. */
  readonly column?: string | undefined;
}

/** One row that is to exist, with everything in it that its kind owns. */
export interface DesiredRow {
  /** Names the row within one plan, such as `Logical_Switch/blue_node1`. */
  readonly key: string;
  /** Which of the {@link RowKinds} this is. */
  readonly kind: string;
  /** Value of the `name` column, by which an existing row is recognised; only for people when `identity` is given. */
  readonly name: string;
  /** By what an existing row is recognised. Default: by `name`. */
  readonly identity?: Identity | undefined;
  /** The uuid an insert takes. The server refuses a second insert with it, so it acts as a unique index. Default: random. */
  readonly uuid?: string | undefined;
  /** An insert happens only if no row of the table has this name; for tables without a unique index on `name`. */
  readonly guard?: "name" | undefined;
  /** Values of columns that the kind owns. One of its `columns` that is not here gets its default. */
  readonly columns?: Readonly<Record<string, DesiredValue>> | undefined;
  /** Values of keys that the kind owns, by column. One of its `keys` that is not here is deleted. */
  readonly keys?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Rows that must be in the sets of the kind's `elements`, by column. A string is the uuid of an existing row. */
  readonly elements?: Readonly<Record<string, readonly (RefTo | string)[]>> | undefined;
  /** Uuids that must not be in the set. */
  readonly notElements?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Values that must be in the kind's `members`. */
  readonly members?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Values that must not be in the set. */
  readonly notMembers?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whose set column holds this row. A row of a non-root table that hangs under another parent is moved. Default: `identity`'s. */
  readonly parent?: { readonly key: string; readonly column: string } | undefined;
  /** Uuid of the existing row of the same name that gives way to this one, under a new uuid; what others wrote in it is carried over. */
  readonly replaces?: string | undefined;
  /** The network the row belongs to, repeated in its {@link Change}. */
  readonly network?: string | undefined;
  /** What to do about a column that the server's schema lacks. Default: `refuse`. */
  readonly unsupported?: Readonly<Record<string, "omit" | "refuse">> | undefined;
}

/** A row that is to go. One that is gone already is skipped. */
export interface Removal {
  readonly table: string;
  readonly uuid: string;
  /** For messages, and for the {@link Change}. */
  readonly name: string;
  /** Which of the {@link RowKinds} the row is of. */
  readonly kind: string;
  /** The network the row belongs to, repeated in its {@link Change}. */
  readonly network?: string | undefined;
  /** Required for rows of non-root tables: they leave this set, and the server deletes what nothing refers to. */
  readonly parent?: { readonly table: string; readonly uuid: string; readonly column: string } | undefined;
  /** Reference set columns of the row that must hold exactly these uuids at commit, so that nothing unseen is taken along. */
  readonly guards?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Columns of the row that must be at commit as they are now: those that told that it is the one to go. Default: none. */
  readonly unchanged?: readonly string[] | undefined;
}

/** What `applyRows` is asked for: rows that shall be there, and rows that shall go. */
export interface Wanted {
  readonly rows: readonly DesiredRow[];
  /** Default: none. */
  readonly removals?: readonly Removal[] | undefined;
}

/** How one column, one map key (`column:key`) or one set changes. References are shown by the name of the row where it has one. */
export interface ColumnChange {
  /** Before. Absent in rows that are inserted, and for a key that was not there. */
  readonly old?: Value;
  /** After. Absent for a key that goes. */
  readonly new?: Value;
  /** Elements that join a set of which only elements are owned. */
  readonly added?: readonly string[];
  /** Elements that leave such a set. */
  readonly removed?: readonly string[];
}

/** What happens to one row, told for people. */
export interface Change {
  readonly action: "insert" | "update" | "delete";
  readonly table: string;
  /** Which of the {@link RowKinds} the row is of. */
  readonly kind: string;
  readonly name: string;
  /** Absent for rows that get a name only within the transaction. */
  readonly uuid?: string;
  /** As the desired row, or the removal, has it. */
  readonly network?: string;
  /** Where an inserted, moved or newly attached row hangs. */
  readonly parent?: { readonly table: string; readonly name: string; readonly column: string };
  /** By column, or `column:key` for a key of a map. */
  readonly columns: Readonly<Record<string, ColumnChange>>;
  /** Why, where the row alone does not tell: what it replaces, is merged into, or was moved from. */
  readonly reason?: string;
}

/** A column that was left out of the plan, and why. */
export interface OmittedColumn {
  readonly table: string;
  readonly column: string;
  readonly reason: string;
}

/** Several rows that bear the name of one desired row. */
export interface NamesakeRows {
  readonly table: string;
  readonly name: string;
  /** The one that is taken for it: the one with the chosen uuid. */
  readonly kept: string;
  /** Uuids of the others, sorted. */
  readonly others: readonly string[];
}

/** The difference between desired rows and a database, and the one transaction that removes it. */
export interface RowPlan {
  /** Row by row, for people. */
  readonly changes: readonly Change[];
  /** Whether nothing has to change: there are no changes and no operations. */
  readonly isEmpty: boolean;
  /** The one transaction, guards first. */
  readonly operations: readonly Operation[];
  /** The same as the text that is sent. */
  readonly written: WrittenOperations;
  /** Columns that are left out, as their rows allow, because the server's schema lacks them. */
  readonly omitted: readonly OmittedColumn[];
  /** Rows whose name others bear as well, and that stay as they are because no merge was asked for. */
  readonly namesakes: readonly NamesakeRows[];
  /** Size of `operations` as UTF-8 JSON; 0 when there are none. */
  readonly bytes: number;
  /** The same by the network of the rows; under `undefined` that of rows that serve several, or whose network is not told. */
  readonly sizes: ReadonlyMap<string | undefined, number>;
}
