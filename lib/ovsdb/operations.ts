import { type Json, UsageError } from "../jsonrpc/index.ts";

// Type aliases, not interfaces: only those are assignable to `Json` without a cast.

/** Values of a row on the wire, by column. */
export type WireRow = { readonly [column: string]: Json };

/** RFC 7047 section 5.1. `<` and its kin take integers and reals only. */
export type ConditionFunction = "<" | "<=" | "==" | "!=" | ">=" | ">" | "includes" | "excludes";

/** One clause of a `where`; the value is in wire form. In transactions all clauses must hold, in monitors any. */
export type Condition = readonly [column: string, test: ConditionFunction, value: Json];

/** RFC 7047 section 5.1. `insert` and `delete` are for sets and maps, the others for numbers. */
export type Mutator = "+=" | "-=" | "*=" | "/=" | "%=" | "insert" | "delete";

/** One change of a `mutate`; the value is in wire form. An insert into a map leaves keys that exist as they are. */
export type Mutation = readonly [column: string, mutator: Mutator, value: Json];

export type InsertOperation = {
  readonly op: "insert";
  readonly table: string;
  readonly row: WireRow;
  /** The uuid the row shall have; the server refuses one that exists. An extension of Open vSwitch 2.13 and later. */
  readonly uuid?: string;
  /** Name by which other operations of the transaction refer to the row (`["named-uuid", name]`). */
  readonly "uuid-name"?: string;
};

export type SelectOperation = {
  readonly op: "select";
  readonly table: string;
  readonly where: readonly Condition[];
  /** Absent: all columns, `_uuid` and `_version` among them. */
  readonly columns?: readonly string[];
};

export type UpdateOperation = {
  readonly op: "update";
  readonly table: string;
  readonly where: readonly Condition[];
  readonly row: WireRow;
};

export type MutateOperation = {
  readonly op: "mutate";
  readonly table: string;
  readonly where: readonly Condition[];
  readonly mutations: readonly Mutation[];
};

export type DeleteOperation = {
  readonly op: "delete";
  readonly table: string;
  readonly where: readonly Condition[];
};

export type WaitOperation = {
  readonly op: "wait";
  readonly table: string;
  readonly where: readonly Condition[];
  readonly columns: readonly string[];
  readonly until: "==" | "!=";
  readonly rows: readonly WireRow[];
  /** Milliseconds; 0 tests once. Absent: the server waits for ever. */
  readonly timeout?: number;
};

export type CommitOperation = { readonly op: "commit"; readonly durable: boolean };
export type AbortOperation = { readonly op: "abort" };
export type CommentOperation = { readonly op: "comment"; readonly comment: string };
export type AssertOperation = { readonly op: "assert"; readonly lock: string };

/** One operation of a transaction, ready to be sent (RFC 7047 section 5.2). */
export type Operation =
  | InsertOperation
  | SelectOperation
  | UpdateOperation
  | MutateOperation
  | DeleteOperation
  | WaitOperation
  | CommitOperation
  | AbortOperation
  | CommentOperation
  | AssertOperation;

/** Stands for every row of the table where a builder asks for conditions, so that an empty list cannot do so by accident. */
export const everyRow: unique symbol = Symbol("everyRow");

/** Which rows an operation is about: all conditions hold, or {@link everyRow}. */
export type Where = readonly [Condition, ...Condition[]] | typeof everyRow;

/**
 * Makes an `insert`.
 *
 * @throws UsageError when `uuidName` is not an RFC 7047 `<id>`; ovsdb-server would refuse it.
 */
export function insertOp(
  table: string,
  row: WireRow,
  options: { readonly uuid?: string; readonly uuidName?: string } = {},
): InsertOperation {
  const { uuid, uuidName: name } = options;
  if (name !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(`a uuid-name is letters, digits and underscores, not ${JSON.stringify(name)}`);
  }
  return {
    op: "insert",
    table,
    row,
    ...(uuid !== undefined && { uuid }),
    ...(name !== undefined && { "uuid-name": name }),
  };
}

/**
 * The `uuid-name` of a row that was to have this uuid, for servers that take no chosen ones: an `<id>` has no dash, and no digit in
 * front (RFC 7047 section 3.1).
 */
export function uuidName(uuid: string): string {
  return `row_${uuid.replaceAll("-", "_")}`;
}

/** Makes a `select`; without `columns` the server sends all. */
export function selectOp(table: string, where: Where, columns?: readonly string[]): SelectOperation {
  return { op: "select", table, where: conditions(where), ...(columns !== undefined && { columns }) };
}

/** Makes an `update`: the columns in `row` are set, the others left alone. */
export function updateOp(table: string, where: Where, row: WireRow): UpdateOperation {
  return { op: "update", table, where: conditions(where), row };
}

/** Makes a `mutate`; the mutations are done in order. */
export function mutateOp(table: string, where: Where, mutations: readonly Mutation[]): MutateOperation {
  return { op: "mutate", table, where: conditions(where), mutations };
}

/** Makes a `delete`. */
export function deleteOp(table: string, where: Where): DeleteOperation {
  return { op: "delete", table, where: conditions(where) };
}

/** What a `wait` compares: the matching rows' `columns` with `rows`, as sets. */
export interface WaitOptions {
  readonly columns: readonly string[];
  readonly until: "==" | "!=";
  readonly rows: readonly WireRow[];
  /**
   * Milliseconds.
   * @default 0: test once, as a guard does
   */
  readonly timeout?: number;
}

/** Makes a `wait`. */
export function waitOp(table: string, where: Where, options: WaitOptions): WaitOperation {
  const { columns, until, rows, timeout = 0 } = options;
  return { op: "wait", table, where: conditions(where), columns, until, rows, timeout };
}

/** Makes a `commit`; the transaction is committed without it too, `durable` asks for the reply to wait for the disk. */
export function commitOp(durable: boolean): CommitOperation {
  return { op: "commit", durable };
}

/** Makes an `abort`, which lets the whole transaction fail. */
export function abortOp(): AbortOperation {
  return { op: "abort" };
}

/** Makes a `comment`, which ovsdb-server writes into its journal beside the change. */
export function commentOp(comment: string): CommentOperation {
  return { op: "comment", comment };
}

/** Makes an `assert`, which fails unless this session owns the lock. */
export function assertOp(lock: string): AssertOperation {
  return { op: "assert", lock };
}

function conditions(where: Where): readonly Condition[] {
  if (where === everyRow) return [];
  // The type rules an empty list out; arrays built at run time get here with a cast, and must not reach every row.
  if (where.length === 0) throw new UsageError("an empty condition list would reach every row; say everyRow");
  return where;
}
