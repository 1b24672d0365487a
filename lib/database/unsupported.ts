import {
  columnWriter,
  type DatabaseSchema,
  defaultValue,
  findColumn,
  findTable,
  UnsupportedError,
  type Value,
  valuesEqual,
} from "../ovsdb/index.ts";

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

/**
 * Whether this is what a row that was read shows of a column that the server lacks: its default. A copy of the row has it, too, and
 * whoever writes that means the columns which are there. Throws `ValidationError` for what no such column may have and passes for
 * empty, as a Map does.
 */
export function isMadeUp(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  column: string,
  value: unknown,
): boolean {
  if (findColumn(server, table, column) !== undefined) return false;
  const modelled = findColumn(model, table, column);
  if (modelled === undefined || !valuesEqual(modelled, defaultValue(modelled), value as Value)) return false;
  columnWriter(modelled).write({ table, column }, value, ({ ref }) => ref);
  return true;
}
