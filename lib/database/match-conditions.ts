import { UsageError } from "../jsonrpc/index.ts";
import {
  type ColumnSchema,
  type Condition,
  columnKind,
  type DatabaseSchema,
  encodeElements,
  encodePairs,
  encodeValue,
  everyRow,
  findColumn,
  isKeyed,
  sketch,
  uuidColumn,
  type Where,
} from "../ovsdb/index.ts";
import { noPairsWanted, nothingWanted } from "../replica/index.ts";
import { withReferences, withReferencesIn } from "./arguments.ts";
import { checkName } from "./server-table.ts";
import { unsupported } from "./unsupported.ts";

/** A column that the server has. Throws `UnsupportedError`. */
export function knownColumn(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  column: string,
): ColumnSchema {
  checkName(`a column of ${table}`, column);
  const schema = column === "_uuid" ? uuidColumn : findColumn(server, table, column);
  if (schema !== undefined) return schema;
  throw unsupported(server, model, table, column);
}

/** What is asked of the server for the rows that `find` would find; `what` they are, for errors. */
export function whereMatches(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  match: object,
  what: string,
): Where {
  if (!isKeyed(match))
    throw new UsageError(`what ${what} ${table} is columns and values, and not ${sketch(match)}`);
  const [first, ...others] = Object.entries(match).map(([column, value]) =>
    condition(table, column, knownColumn(server, model, table, column), value),
  );
  return first === undefined ? everyRow : [first, ...others];
}

/** As in `find`: scalars and optionals equal, sets contain, maps contain the pairs. */
function condition(table: string, column: string, schema: ColumnSchema, value: unknown): Condition {
  const where = { table, column };
  const inserted = (): never => {
    throw new UsageError(
      `${table}.${column}: a row that is inserted in the same transaction cannot be looked for in it`,
    );
  };
  switch (columnKind(schema)) {
    case "set": {
      const elements = Array.isArray(value) ? value : [value];
      if (elements.length === 0) throw nothingWanted(table, column);
      return [
        column,
        "includes",
        encodeElements(
          where,
          schema,
          elements.map((each) => withReferences(each)),
          inserted,
        ),
      ];
    }
    case "map":
      if (value === null || typeof value !== "object") throw noPairsWanted(table, column);
      return [column, "includes", encodePairs(where, schema, withReferencesIn(value), inserted)];
    default:
      return [column, "==", encodeValue(where, schema, withReferences(value), inserted)];
  }
}
