import type { Atom, Uuid } from "../ovsdb/index.ts";
import type { ColumnOf, ElementOf, Row, TableName, Tables } from "./types.ts";

/** The rows that one message of the server changed: as a rule one transaction. */
export interface ChangeBatch<C = RowChange> {
  /**
   * `initial`: the content at subscription; `update`: one server update; `resync`: all that changed while the connection
   * was lost; `coalesced`: several of those, because the reader was slow.
   */
  readonly cause: "initial" | "update" | "resync" | "coalesced";
  /** At most one change of each row. */
  readonly rows: readonly C[];
}

/** What a change of a row of any table has: for functions that take changes of all tables, of any database. */
export interface RowChange {
  readonly table: string;
  readonly uuid: string;
  /** Whether the row came, has changed, or went. */
  readonly kind: "insert" | "modify" | "delete";
  /** The row before; `undefined` for an insert. */
  readonly old: { readonly _uuid: string } | undefined;
  /** The row after; `undefined` for a deletion. */
  readonly new: { readonly _uuid: string } | undefined;
  /** Names of the columns that a `modify` changed; empty for inserts and deletions. */
  readonly columns: readonly string[];
  /**
   * Elements that came into and went out of a set column (or an optional or scalar one), without making arrays of the
   * whole sets. Throws `UsageError` for a map column: compare `old` and `new` there.
   */
  elements(column: string): { readonly added: readonly Atom[]; readonly removed: readonly Atom[] };
}

/**
 * A {@link RowChange} of a table whose columns are known to the type checker; its `kind` tells which of the two rows there are.
 * `C` are the columns, where they are not to be worked out from the row.
 */
export type TableChange<K extends string, R, C extends string = ColumnOf<R>> = ChangedRow<K, R, C> &
  (
    | { readonly kind: "insert"; readonly old: undefined; readonly new: R }
    | { readonly kind: "modify"; readonly old: R; readonly new: R }
    | { readonly kind: "delete"; readonly old: R; readonly new: undefined }
  );

/** What changes of a table have, whatever their kind. `C` is that of {@link TableChange}. */
export interface ChangedRow<K extends string, R, C extends string = ColumnOf<R>> {
  readonly table: K;
  readonly uuid: Uuid<K>;
  /** Names of the columns that a `modify` changed; empty for inserts and deletions. */
  readonly columns: ChangedColumns<C>;
  /** See {@link RowChange.elements}. Of a change of any of several tables: for columns that all of them have. */
  elements<S, E extends ElementColumn<RowIn<S>>>(this: S, column: E): ElementsOf<RowIn<S>[E]>;
}

/** An array of names whose `includes` takes those of all tables that the change may be of. */
export interface ChangedColumns<C extends string> extends ReadonlyArray<C> {
  includes<S extends { readonly [index: number]: string }>(
    this: S,
    column: S[number],
    fromIndex?: number,
  ): boolean;
}

/** What came into a column and went out of it. */
export interface ElementsOf<V> {
  readonly added: readonly Extract<ElementOf<V>, Atom>[];
  readonly removed: readonly Extract<ElementOf<V>, Atom>[];
}

// By the change itself: signatures that name the row's type differ from table to table, and of several none could be called.

/** The row that a change is about. */
export type RowIn<S> = S extends { readonly old: infer O; readonly new: infer N }
  ? NonNullable<O | N>
  : never;

/** Names of the columns that have elements, as maps have not; any name where no model says which do. */
export type ElementColumn<R> = keyof {
  [C in ColumnOf<R> as string extends C
    ? C
    : [R[C]] extends [Atom | null | readonly unknown[]]
      ? C
      : never]: C;
} &
  keyof R;

/** A change of any of several tables: comparing its `table` tells which row type it has. */
export type ChangeOf<T extends Tables<T>, K extends TableName<T>> = {
  // The columns as an insert has them, where `_uuid` is none: what is left of a row's without it the compiler does not work out where
  // the table is a type parameter, and then took no name for one of them.
  readonly [N in K]: TableChange<N, Row<T, N>, keyof T[N]["insert"] & string>;
}[K];
