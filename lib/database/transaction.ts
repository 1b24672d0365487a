import type { Atom, InsertedRow, Mutator, Operation, Uuid } from "../ovsdb/index.ts";
import type { Row, TableName, Tables, Target, WritableColumn } from "./types.ts";

/** Rows that a `select` of the transaction will have found, known once it is done. */
export interface SelectedRows {
  readonly select: number;
}

/**
 * A transaction being described. Nothing is sent before the function that describes it returns; that function may run
 * again when somebody else was faster, so it reads what it needs from the database each time.
 *
 * Operations are sent in this order: guards, inserts, updates, mutations, deletions, raw ones. Every existing row that
 * is changed is guarded: if it was deleted meanwhile, nothing happens and the function runs again.
 * Values are checked against the server's schema as they are given: `ValidationError`, `UnsupportedError`.
 */
export interface Transaction<T extends Tables<T>> {
  /**
   * Inserts a row. Columns left out get their defaults (RFC 7047 section 5.2.1).
   * A row of a table that is not a root must be referred to in the same transaction, or the server drops it silently;
   * that is refused with `UsageError`.
   */
  insert<K extends TableName<T>>(
    table: K,
    row: T[K]["insert"],
    options?: { readonly uuid?: string },
  ): InsertedRow<K>;

  /** Sets columns; `null` clears an optional one, columns left out stay as they are. */
  update<K extends TableName<T>>(target: Target<K>, columns: T[K]["update"]): void;

  /** Deletes a row. A row that is gone already is no error. */
  delete<K extends TableName<T>>(target: Target<K>): void;

  /** Adds elements to a set column; those it has already stay. */
  add<K extends TableName<T>, C extends WritableColumn<T, K>>(
    target: Target<K>,
    column: C,
    elements: Element | readonly Element[],
  ): void;

  /** Takes elements out of a set column; those it lacks are no error. */
  remove<K extends TableName<T>, C extends WritableColumn<T, K>>(
    target: Target<K>,
    column: C,
    elements: Element | readonly Element[],
  ): void;

  /** Sets keys of a map column, and touches no other key. */
  setKeys<K extends TableName<T>, C extends WritableColumn<T, K>>(
    target: Target<K>,
    column: C,
    pairs: { readonly [key: string]: Atom | Target<string> },
  ): void;

  /** Deletes keys of a map column. */
  removeKeys<K extends TableName<T>, C extends WritableColumn<T, K>>(
    target: Target<K>,
    column: C,
    keys: readonly string[],
  ): void;

  /** Calculates on a number column, as in `tx.mutate(row, "nb_cfg", "+=", 1)` (RFC 7047 section 5.1, mutations). */
  mutate<K extends TableName<T>, C extends WritableColumn<T, K>>(
    target: Target<K>,
    column: C,
    mutator: Exclude<Mutator, "insert" | "delete">,
    value: number | bigint,
  ): void;

  /** Makes the transaction depend on these columns still being as they were read; otherwise the function runs again. */
  verify<K extends TableName<T>>(
    row: { readonly _uuid: Uuid<K> },
    ...columns: (keyof Row<T, K> & string)[]
  ): void;

  /** Writes a comment into the server's journal. */
  comment(text: string): void;

  /** Lets the transaction fail unless this client owns the lock (RFC 7047 section 5.2.9). */
  assert(lock: string): void;

  /** Adds operations in RFC 7047's own form, as they are. */
  raw(...operations: readonly Operation[]): void;
}

/** An element of a set: an atom, a row that was read, or one inserted in the same transaction. */
export type Element = Atom | Target<string>;
