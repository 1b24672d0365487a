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
  /** What the server said to each operation; empty after a dry run. */
  readonly results: readonly OperationResult[];
  /** The uuid that an inserted row has got. Throws `UsageError` for a row that this transaction did not insert. */
  uuid<K extends string>(row: InsertedRow<K>): Uuid<K>;
  /** The rows that a `select` found. Throws `UsageError` for a select that was not in this transaction. */
  rows<S>(selected: SelectedRows<S>): readonly S[];
}

/** Makes the result of a committed transaction, or of one without operations or a dry one (then `results` is empty). */
export function makeResult<R>(
  value: R,
  attempts: number,
  operations: readonly Operation[],
  results: readonly OperationResult[],
): TransactResult<R> {
  let inserted: ReadonlyMap<string | undefined, number> | undefined;
  return {
    value,
    changed: results.length > 0,
    attempts,
    operations,
    results,
    uuid: <K extends string>(row: InsertedRow<K>): Uuid<K> => {
      inserted ??= insertedRows(operations);
      const index = inserted.get(row.ref) ?? inserted.get(uuidName(row.ref));
      if (index === undefined) {
        throw new UsageError(
          `this transaction inserted no such row into ${row.table}: take the handle from the run that was committed, its \`value\``,
        );
      }
      const result = results[index];
      return (result?.op === "insert" ? result.uuid : row.ref) as Uuid<K>;
    },
    rows: (selected) => {
      const index = operations.indexOf(selected.operation);
      const result = results[index];
      if (index === -1) throw new UsageError("this transaction had no such select");
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
