import type { InsertedRow, TableTypes, Uuid } from "../ovsdb/index.ts";

/** What the type parameter of a database must look like: table names to their three views, as `codegen` writes it. */
export type Tables<T> = { readonly [K in keyof T]: TableTypes };

/** Names of the tables. */
export type TableName<T> = keyof T & string;

/** A row as it is read. */
export type Row<T extends Tables<T>, K extends TableName<T>> = T[K]["row"];

/** What stands for one row in a transaction: a row that was read, or one inserted in the same transaction. */
export type Target<K extends string> = { readonly _uuid: Uuid<K> } | InsertedRow<K>;

/** Names of the columns that may be written. */
export type WritableColumn<T extends Tables<T>, K extends TableName<T>> = keyof T[K]["update"] & string;

/** The table that a column's uuids refer to. */
export type ReferencedTable<V> =
  V extends Uuid<infer K>
    ? K
    : V extends readonly (infer E)[]
      ? ReferencedTable<E>
      : V extends { readonly [key: string]: infer E }
        ? ReferencedTable<E>
        : never;

/**
 * Values to find rows by. Scalars and optionals must be equal, sets contain all that is given, maps contain all pairs
 * that are given.
 */
export type MatchOf<R> = {
  readonly [C in keyof R]?: R[C] extends readonly (infer E)[]
    ? E | readonly E[]
    : R[C] extends { readonly [key: string]: infer V }
      ? { readonly [key: string]: V }
      : R[C];
};
