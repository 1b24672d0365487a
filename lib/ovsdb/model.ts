import type { DatabaseSchema } from "./schema.ts";

declare const uuidOf: unique symbol;

/** The uuid of a row of table `T`; a string at run time, branded so that a port's uuid is not taken for a switch's. */
export type Uuid<T extends string = string> = string & { readonly [uuidOf]: T };

/** A row inserted in a running transaction, which has no uuid yet; stands for it wherever a reference may. */
export interface InsertedRow<T extends string = string> {
  readonly table: T;
  /** The row's name within the transaction. */
  readonly ref: string;
}

/** What a reference column takes: a row that was read, its uuid, or a row inserted in the same transaction. */
export type Reference<T extends string = string> = Uuid<T> | InsertedRow<T> | { readonly _uuid: Uuid<T> };

/** The three views of one table: what is read, what an insert takes, what an update takes. */
export interface TableTypes {
  readonly row: { readonly _uuid: Uuid };
  readonly insert: object;
  readonly update: object;
}

/** A schema together with the types of its tables, as `codegen` writes it: `DatabaseModel<NorthboundTables>`. */
export interface DatabaseModel<Tables> extends DatabaseSchema {
  /** Never set; carries the type of the tables. */
  readonly types?: Tables;
}
