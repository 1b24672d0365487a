import { UsageError } from "../jsonrpc/index.ts";
import type { InsertedRow, Operation, OperationResult, Uuid } from "../ovsdb/index.ts";
import { uuidName } from "./draft.ts";
import type { SelectedRows } from "./select.ts";

/** What a transaction did. */
export interface TransactResult<R> {
  /** What the function returned in the run that was committed. */
  readonly value: R;
  /** False when there was nothing to do and nothing was sent, and after a dry run. */
  readonly changed: boolean;
  /** Runs of the function: 1, and one more for each conflict. */
  readonly attempts: number;
  /** The operations that were sent, in RFC 7047's form. */
  readonly operations: readonly Operation[];
  /**
   * Whether the reply was lost with the connection, and the database was found to hold what was written: it is done, and
   * what the server said to it is not known.
   */
  readonly settled: boolean;
  /** What the server said to each operation; empty after a dry run, and where `settled` is true. */
  readonly results: readonly OperationResult[];
  /** The uuid that an inserted row has got. Throws `UsageError` for a row that this transaction did not insert. */
  uuid<K extends string>(row: InsertedRow<K>): Uuid<K>;
  /**
   * The rows that a `select` found. Throws `UsageError` for a select that was not in this transaction, and where `settled`
   * is true: what it found was lost with the reply.
   */
  rows<S>(selected: SelectedRows<S>): readonly S[];
}

/** One run of a transaction's function. */
export interface Attempt<R> {
  /** Which run it is, from 1. */
  readonly number: number;
  /** What the function returned. */
  readonly value: R;
  readonly operations: readonly Operation[];
  /** Whether this run gave out the handle. */
  inserted(handle: InsertedRow): boolean;
}

/**
 * Makes the result of a committed transaction, or of one without operations or a dry one (then `results` is empty), or of
 * one whose reply was lost (`settled`).
 */
export function makeResult<R>(
  { number, value, operations, inserted: isInserted }: Attempt<R>,
  results: readonly OperationResult[] | "settled",
): TransactResult<R> {
  const settled = results === "settled";
  const known = settled ? [] : results;
  let inserted: ReadonlyMap<string | undefined, number> | undefined;
  return {
    value,
    changed: settled || known.length > 0,
    attempts: number,
    operations,
    settled,
    results: known,
    uuid: <K extends string>(row: InsertedRow<K>): Uuid<K> => {
      inserted ??= insertedRows(operations);
      const index = inserted.get(row.ref) ?? inserted.get(uuidName(row.ref));
      if (index === undefined || !isInserted(row)) {
        throw new UsageError(
          `this transaction inserted no such row into ${row.table}: take the handle from the run that was committed, its \`value\``,
        );
      }
      const result = known[index];
      return (result?.op === "insert" ? result.uuid : row.ref) as Uuid<K>;
    },
    rows: (selected) => {
      const index = operations.indexOf(selected.operation);
      if (index === -1) throw new UsageError("this transaction had no such select");
      if (settled) {
        throw new UsageError(
          "what the select found was lost with the reply: the transaction was found to be committed (`settled`)",
        );
      }
      const result = known[index];
      return result?.op === "select" ? result.rows.map((row) => selected.read(row)) : [];
    },
  };
}

/** Positions of the inserts, by uuid or by name. */
function insertedRows(operations: readonly Operation[]): ReadonlyMap<string | undefined, number> {
  return new Map(
    operations.flatMap((operation, index) =>
      operation.op === "insert" ? [[operation.uuid ?? operation["uuid-name"], index]] : [],
    ),
  );
}
