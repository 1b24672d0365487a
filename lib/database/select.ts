import { UsageError } from "../jsonrpc/index.ts";
import {
  type ColumnSchema,
  type DatabaseSchema,
  decodeValue,
  defaultValue,
  findColumn,
  findTable,
  type SelectOperation,
  selectOp,
  sketch,
  uuidColumn,
  type WireRow,
} from "../ovsdb/index.ts";
import { knownColumn, whereMatches } from "./match-conditions.ts";

/** Stands for the rows that a `select` of the transaction finds: `TransactResult.rows` gives them when it is done. */
export interface SelectedRows<R> {
  readonly operation: SelectOperation;
  /** Reads one row of the result. */
  read(row: WireRow): R;
}

/** Makes a `select` of the rows that match, with these columns or with all that model and server have. */
export function selectRows(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  match: object,
  columns: readonly string[] | undefined,
): SelectedRows<unknown> {
  const where = whereMatches(server, model, table, match, "to select from");
  if (columns !== undefined && !Array.isArray(columns))
    throw new UsageError(
      `the columns to select from ${table} are a list of names, and not ${sketch(columns)}`,
    );
  const wanted = columns?.map((column): [string, ColumnSchema] => [
    column,
    knownColumn(server, model, table, column),
  ]);
  const all = Object.entries((findTable(model, table) ?? findTable(server, table))?.columns ?? {});
  const read = new Map<string, ColumnSchema>([["_uuid", uuidColumn], ...(wanted ?? all)]);
  return Object.freeze({
    operation: selectOp(
      table,
      where,
      [...read.keys()].filter(
        (column) => column === "_uuid" || findColumn(server, table, column) !== undefined,
      ),
    ),
    read: (row: WireRow) =>
      Object.freeze(
        Object.fromEntries(
          [...read].map(([column, modelled]) => {
            const wire = Object.hasOwn(row, column) ? row[column] : undefined;
            // Columns that only the model knows read as their defaults, as in the replica.
            if (wire === undefined) return [column, defaultValue(modelled)];
            return [column, decodeValue(findColumn(server, table, column) ?? modelled, wire)];
          }),
        ),
      ),
  });
}
