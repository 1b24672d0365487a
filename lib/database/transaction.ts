import type { InsertedRow, Mutator, Operation, Uuid } from "../ovsdb/index.ts";
import type { SelectedRows } from "./select.ts";
import type {
  ColumnName,
  ElementOf,
  KeyOf,
  MapColumn,
  MapOf,
  MatchOf,
  NumberColumn,
  ReadRow,
  Row,
  SetColumn,
  TableName,
  Tables,
  TargetIn,
  WritableColumn,
  Written,
} from "./types.ts";

/**
 * A transaction being described. Nothing is sent before the function that describes it returns; that function may run
 * again when somebody else was faster, so it reads what it needs from the database each time. Once it has returned, or the
 * promise that it returned is fulfilled, every call throws `UsageError`: what was to be awaited and was not would be lost.
 *
 * Operations are sent in this order: guards, inserts, updates, mutations, deletions, then selects, comments and raw ones
 * as they were given. Every existing row that is changed is guarded: if it was deleted meanwhile, nothing happens and
 * the function runs again. Values are checked against the server's schema as they are given: `ValidationError`,
 * `UnsupportedError`; a row that the replica does not hold any more is a `RowGoneError`.
 */
export interface Transaction<T extends Tables<T>> {
  /**
   * Inserts a row. Columns left out get their defaults (RFC 7047 section 5.2.1). One whose default the schema does not allow, as
   * that of an enum, must be set: the type demands it, and where it is not set in this transaction at all, as in plain JavaScript,
   * the end of the function is a `ValidationError`.
   * A row of a table that is not a root must be referred to in the same transaction, by a strong reference, or the server
   * drops it silently; that is refused with `UsageError`.
   *
   * `uuid` makes the row's key unique, since the server refuses a second row with it: `ConflictError`. Servers before
   * Open vSwitch 2.13 take none, and there it is refused with `UsageError`: see `Database.takesChosenUuids`.
   */
  insert<K extends TableName<T>>(
    table: K,
    row: T[K]["insert"],
    options?: { readonly uuid?: string },
  ): InsertedRow<K>;

  /**
   * Sets columns; `null` clears an optional one, columns left out stay as they are. What earlier calls added to these
   * columns or removed from them does not count any more. One that is fixed once inserted may be given as it is, as a copy of the
   * row has it; with another value, or where it is not monitored, it is a `ValidationError`.
   */
  update<K extends TableName<T>>(target: TargetIn<T, K>, columns: T[K]["update"]): void;

  /** Deletes a row. A row that is gone already is no error. */
  delete<K extends TableName<T>>(target: TargetIn<T, K>): void;

  /** Adds elements to a set column; those it has already stay. */
  add<K extends TableName<T>, C extends SetColumn<T, K> & WritableColumn<T, K>>(
    target: TargetIn<T, K>,
    column: C,
    elements: ElementOf<Written<T, K, C>> | readonly ElementOf<Written<T, K, C>>[],
  ): void;

  /** Takes elements out of a set column; those it lacks are no error. */
  remove<K extends TableName<T>, C extends SetColumn<T, K> & WritableColumn<T, K>>(
    target: TargetIn<T, K>,
    column: C,
    elements: ElementOf<Written<T, K, C>> | readonly ElementOf<Written<T, K, C>>[],
  ): void;

  /** Sets keys of a map column, and touches no other key. */
  setKeys<K extends TableName<T>, C extends MapColumn<T, K> & WritableColumn<T, K>>(
    target: TargetIn<T, K>,
    column: C,
    pairs: {
      readonly [P in keyof MapOf<Written<T, K, C>>]: MapOf<Written<T, K, C>>[P];
    },
  ): void;

  /** Deletes keys of a map column. */
  removeKeys<K extends TableName<T>, C extends MapColumn<T, K> & WritableColumn<T, K>>(
    target: TargetIn<T, K>,
    column: C,
    keys: readonly KeyOf<MapOf<Written<T, K, C>>>[],
  ): void;

  /** Calculates on a number column, as in `tx.mutate(row, "nb_cfg", "+=", 1)` (RFC 7047 section 5.1, mutations). */
  mutate<K extends TableName<T>, C extends NumberColumn<T, K> & WritableColumn<T, K>>(
    target: TargetIn<T, K>,
    column: C,
    mutator: Exclude<Mutator, "insert" | "delete">,
    value: number | bigint,
  ): void;

  /**
   * Makes the transaction depend on these columns still being as they are in the row given; otherwise nothing happens and
   * the function runs again. So read the row inside the function: one that was read before never becomes right again.
   * Without a column it is a `UsageError`.
   */
  verify<K extends TableName<T>, C extends keyof Row<T, K> & string>(
    row: ReadRow<T, K> | { readonly _uuid: Uuid<K> },
    column: ColumnName<Row<T, K>, C>,
    ...more: ColumnName<Row<T, K>, C>[]
  ): void;

  /**
   * Makes the transaction depend on no row having these values before it; otherwise nothing happens and the function runs again. It
   * is for the insert of a row whose key no unique index guards, as the name of a Logical_Switch, after looking for it: for a row
   * that the replica holds already it throws `ConstraintError`, and nothing is sent. Rows that the same transaction inserts do not
   * count, those that it deletes do. The match is that of `find`; the server looks at every row of the table, except by `_uuid`.
   * Throws `UsageError` for what is not monitored.
   */
  verifyAbsent<K extends TableName<T>>(table: K, match: MatchOf<Row<T, K>>): void;

  /**
   * Asks for rows as they are when the transaction is committed, its own changes included; `TransactResult.rows` has the
   * answer. It reads the server and not the replica: what is not monitored, for instance. The match is that of `find`.
   */
  select<K extends TableName<T>, C extends keyof Row<T, K> & string = keyof Row<T, K> & string>(
    table: K,
    match?: MatchOf<Row<T, K>>,
    columns?: readonly C[],
  ): SelectedRows<Pick<Row<T, K>, C | (keyof Row<T, K> & "_uuid")>>;

  /** Writes a comment into the server's journal. */
  comment(text: string): void;

  /** Lets the transaction fail unless this client owns the lock (RFC 7047 section 5.2.9). */
  assert(lock: string): void;

  /** Adds operations in RFC 7047's own form, as they are. */
  raw(...operations: readonly Operation[]): void;
}
