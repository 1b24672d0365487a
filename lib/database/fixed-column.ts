import { sketch, ValidationError, type Value, valuesEqual } from "../ovsdb/index.ts";
import type { TableStore } from "../replica/index.ts";
import { RowGoneError } from "./errors.ts";
import type { ServerColumn } from "./server-table.ts";

/**
 * Lets pass what a column of a row holds that is fixed once inserted (RFC 7047 section 3.2, mutable): a copy of the row has it, and
 * asks for no change by that. The server would refuse also the same value. Throws `ValidationError` for another one, and where the
 * column is not monitored; `RowGoneError`.
 */
export function checkUnchanged(
  store: TableStore,
  uuid: string,
  { name, schema }: ServerColumn,
  value: unknown,
): void {
  const row = store.row(uuid);
  if (row === undefined) throw new RowGoneError(store.name, uuid);
  const isKnown = store.columns.position(name) !== undefined;
  const now = isKnown ? (row[name] as Value) : undefined;
  if (now !== undefined && valuesEqual(schema, now, value as Value)) return;
  const is = now === undefined ? "what it is, is not monitored" : `it is ${sketch(now)}`;
  throw new ValidationError(store.name, name, value, `cannot be changed after the insert: ${is}`);
}
