import type { Atom, InsertedRow, Reference, TableTypes, Uuid } from "../ovsdb/index.ts";

/** What the type parameter of a database must look like: table names to their three views, as `codegen` writes it. */
export type Tables<T> = { readonly [K in keyof T]: TableTypes };

/** Names of the tables. */
export type TableName<T> = keyof T & string;

/** A row as it is read. */
export type Row<T extends Tables<T>, K extends TableName<T>> = T[K]["row"];

/** Names of the columns of a row. `_uuid` is none. */
export type ColumnOf<R> = Exclude<keyof R & string, "_uuid">;

/**
 * Such a name as an argument. Written out it is also taken where the table is a type parameter, of which the compiler does not work
 * out {@link ColumnOf}.
 */
export type ColumnName<R, C extends keyof R & string> = ColumnOf<R> | (C extends "_uuid" ? never : C);

/** What stands for one row in a transaction: a row that was read, or one inserted in the same transaction. */
export type Target<K extends string> = { readonly _uuid: Uuid<K> } | InsertedRow<K>;

// In these two the bare row comes first: of one whose table is a type parameter the compiler does not work out whose uuid it has, and
// takes the table from the row's type.

/** A row that was read, of a table that is known or a type parameter. */
export type ReadRow<T extends Tables<T>, K extends TableName<T>> =
  | Row<T, K>
  | (Row<T, K> & { readonly _uuid: Uuid<K> });

/** The same for a {@link Target}: what a transaction changes. */
export type TargetIn<T extends Tables<T>, K extends TableName<T>> = Row<T, K> | Target<K>;

/** What stands for an element of any set: an atom, a row that was read, or one inserted in the same transaction. */
export type Element = Atom | Target<string>;

/** Names of the columns that may be written. */
export type WritableColumn<T extends Tables<T>, K extends TableName<T>> = keyof T[K]["update"] & string;

// These three are `keyof` something for the compiler's words: of a name in another form it tells the name, of this one the columns.

/** Names of the columns that hold sets, optional values included: they are sets of at most one. */
export type SetColumn<T extends Tables<T>, K extends TableName<T>> = keyof {
  [C in WritableColumn<T, K> as Written<T, K, C> extends readonly unknown[]
    ? C
    : null extends Written<T, K, C>
      ? C
      : never]: C;
};

/** Names of the columns that hold maps; any name where no model says which do. */
export type MapColumn<T extends Tables<T>, K extends TableName<T>> = keyof {
  [C in WritableColumn<T, K> as string extends C
    ? C
    : [MapOf<Written<T, K, C>>] extends [never]
      ? never
      : C]: C;
};

/** Names of the columns that hold numbers; any name where no model says which do. */
export type NumberColumn<T extends Tables<T>, K extends TableName<T>> = keyof {
  [C in WritableColumn<T, K> as string extends C
    ? C
    : ElementOf<Written<T, K, C>> extends number | bigint
      ? C
      : never]: C;
};

/** The maps among what may be written to a map column. */
export type MapOf<V> = Exclude<Extract<V, object>, readonly unknown[] | Reference>;

/** The keys of a map: numbers as such, or as the text that they are in rows. */
export type KeyOf<M> = (keyof M & (string | number)) | `${keyof M & (string | number)}`;

/** What a column may be set to. */
export type Written<T extends Tables<T>, K extends TableName<T>, C extends WritableColumn<T, K>> = Exclude<
  T[K]["update"][C],
  undefined
>;

/** What a set holds, or an optional, or a scalar. */
export type ElementOf<V> = V extends readonly (infer E)[] ? E : Exclude<V, null>;

/** The table that a column's uuids refer to. */
export type ReferencedTable<V> =
  V extends Uuid<infer K>
    ? K
    : V extends readonly (infer E)[]
      ? ReferencedTable<E>
      : V extends { readonly [key: string]: infer E }
        ? ReferencedTable<E>
        : never;

/** Names of the columns that refer to rows of one of these tables; any name where no model says which do. */
export type ReferenceColumn<R, N extends string = string> = keyof {
  [C in ColumnOf<R> as string extends C ? C : [ReferencedTable<R[C]> & N] extends [never] ? never : C]: C;
} &
  keyof R;

/** What may be looked for in a column: a text, a key of a map, or the row, or its uuid, that may be referred to. */
export type Sought<V> = V extends readonly (infer E)[]
  ? Sought<E>
  : V extends Uuid<infer K>
    ? string | { readonly _uuid: Uuid<K> }
    : V extends string | object
      ? string
      : never;

/**
 * Values to find rows by. Scalars and optionals must be equal, sets contain all that is given, maps contain all pairs
 * that are given.
 */
export type MatchOf<R> = {
  readonly [C in keyof R]?: R[C] extends readonly (infer E)[] ? E | readonly E[] : R[C];
};
