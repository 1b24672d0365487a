import { type DatabaseSchema, findColumn, findTable, UnsupportedError } from "../ovsdb/index.ts";

/**
 * Why a table or column cannot be used: the server has none such. Where the model has none either the name may be misspelt, and the
 * one that was meant is told; else the server is older.
 */
export function unsupported(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  column?: string,
): UnsupportedError {
  const [modelled, known] =
    column === undefined
      ? [findTable(model, table), server.tables]
      : [findColumn(model, table, column), findTable(server, table)?.columns];
  const meant = modelled === undefined ? Object.keys(known ?? {}) : [];
  return new UnsupportedError(table, column, `the server's ${server.name} ${server.version}`, meant);
}
