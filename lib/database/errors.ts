import { OvsdbError } from "../jsonrpc/index.ts";
import type { TransactResult } from "./result.ts";

/**
 * A row that a transaction shall change is not in the replica any more: it was deleted since it was read, or has left
 * the part of the database that is monitored. Nothing was sent.
 */
export class RowGoneError extends OvsdbError {
  static override readonly name: string = "RowGoneError";
  readonly code = "ERR_ROW_GONE";
  /** The row's table; `undefined` when the object given is no row that was read from this database. */
  readonly table: string | undefined;
  readonly uuid: string;

  constructor(table: string | undefined, uuid: string) {
    super(
      table === undefined
        ? `no monitored table has a row ${uuid} (any more)`
        : `${table} has no row ${uuid} any more`,
    );
    this.table = table;
    this.uuid = uuid;
  }
}

/**
 * A transaction with `wait` was committed, and then it was not learned that ovn-northd or the chassis have caught up:
 * `cause` says whether the time was over, the signal aborted or the connection was lost. Do not repeat the transaction.
 */
export class UnconfirmedError extends OvsdbError {
  static override readonly name: string = "UnconfirmedError";
  readonly code = "ERR_UNCONFIRMED";
  /** What was committed: what the call would have resolved with, had the confirmation come. */
  readonly result: TransactResult<unknown>;

  constructor(
    message: string,
    { cause, result }: { readonly cause: unknown; readonly result: TransactResult<unknown> },
  ) {
    super(message, { cause });
    this.result = result;
  }
}
