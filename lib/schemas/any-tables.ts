import type { Atom, Reference, TableTypes, Uuid } from "../ovsdb/index.ts";

/** One decoded atom; where the schema has a uuid, that is what it is. */
export type AnyAtom = Atom | Uuid;

/** A value as it is read where no model says what a column holds: scalar, optional, set or map. */
export type AnyValue = AnyAtom | null | readonly AnyAtom[] | { readonly [key: string]: AnyAtom };

/** A value as it is written: the same, and rows where uuids belong: read, or inserted in the same transaction. */
export type AnyInput =
  | AnyAtom
  | Reference
  | null
  | readonly (AnyAtom | Reference)[]
  | { readonly [key: string]: AnyAtom | Reference };

/** A row of {@link AnyTables}. */
export interface AnyTableRow {
  readonly _uuid: Uuid;
  readonly [column: string]: AnyValue;
}

/** The three views of a table that no model describes. Values are checked against the server's schema when they are written. */
export interface AnyTableTypes extends TableTypes {
  readonly row: AnyTableRow;
  readonly insert: { readonly [column: string]: AnyInput };
  readonly update: { readonly [column: string]: AnyInput };
}

/** The tables of a database that no model describes, see `connectDatabase`. */
export interface AnyTables {
  readonly [table: string]: AnyTableTypes;
}
