import { UsageError } from "../jsonrpc/index.ts";
import {
  type ColumnSchema,
  type Condition,
  columnKind,
  type DatabaseSchema,
  decodeValue,
  defaultValue,
  encodeElements,
  encodePairs,
  encodeValue,
  everyRow,
  findColumn,
  findTable,
  isKeyed,
  type SelectOperation,
  selectOp,
  sketch,
  type WireRow,
} from "../ovsdb/index.ts";
import { withReferences, withReferencesIn } from "./arguments.ts";
import { unsupported } from "./unsupported.ts";

/** Stands for the rows that a `select` of the transaction finds: `TransactResult.rows` gives them when it is done. */
export interface SelectedRows<R> {
  readonly operation: SelectOperation;
  /** Reads one row of the result. */
  read(row: WireRow): R;
}

const uuidColumn: ColumnSchema = { key: { type: "uuid" }, min: 1, max: 1 };

/** Makes a `select` of the rows that match, with these columns or with all that model and server have. */
export function selectRows(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  match: object,
  columns: readonly string[] | undefined,
): SelectedRows<unknown> {
  const known = (column: string): ColumnSchema => {
    const schema = column === "_uuid" ? uuidColumn : findColumn(server, table, column);
    if (schema !== undefined) return schema;
    throw unsupported(server, model, table, column);
  };
  if (!isKeyed(match))
    throw new UsageError(`what to select from ${table} is columns and values, and not ${sketch(match)}`);
  const conditions = Object.entries(match).map(([column, value]) =>
    condition(table, column, known(column), value),
  );
  const wanted = columns?.map((column): [string, ColumnSchema] => [column, known(column)]);
  const all = Object.entries((findTable(model, table) ?? findTable(server, table))?.columns ?? {});
  const read = new Map<string, ColumnSchema>([["_uuid", uuidColumn], ...(wanted ?? all)]);
  const [first, ...others] = conditions;
  return Object.freeze({
    operation: selectOp(
      table,
      first === undefined ? everyRow : [first, ...others],
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

/** As in `find`: scalars and optionals equal, sets contain, maps contain the pairs. */
function condition(table: string, column: string, schema: ColumnSchema, value: unknown): Condition {
  const where = { table, column };
  switch (columnKind(schema)) {
    case "set": {
      const elements = Array.isArray(value) ? value : [value];
      return [column, "includes", encodeElements(where, schema, elements.map(withReferences), inserted)];
    }
    case "map":
      if (value === null || typeof value !== "object") {
        throw new UsageError(`${table}.${column} is a map: look for pairs`);
      }
      return [column, "includes", encodePairs(where, schema, withReferencesIn(value), inserted)];
    default:
      return [column, "==", encodeValue(where, schema, withReferences(value), inserted)];
  }
}

function inserted(): never {
  throw new UsageError("select cannot look for a row that is inserted in the same transaction");
}
