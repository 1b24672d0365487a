import { ConstraintError, type DatabaseSchema, sketch, type WaitOperation, waitOp } from "../ovsdb/index.ts";
import type { Match, TableStore } from "../replica/index.ts";
import { whereMatches } from "./match-conditions.ts";

/** A guard that holds as long as no row matches. */
export function absenceGuard(
  server: DatabaseSchema,
  model: DatabaseSchema,
  table: string,
  match: object,
): WaitOperation {
  const where = whereMatches(server, model, table, match, "must not be in");
  // No columns: for the server less work than to read them.
  return waitOp(table, where, { columns: [], until: "==", rows: [] });
}

/** Throws `ConstraintError` when the replica has such a row: as long as it is there no repetition can succeed. */
export function refusePresent(store: TableStore, match: Match): void {
  const [row] = store.find(match);
  if (row === undefined) return;
  const values = Object.entries(match).map(([column, value]) => `${column} ${sketch(value)}`);
  const which = values.length === 0 ? "" : ` with ${values.join(", ")}`;
  const details = `${store.name} has a row${which} already: ${row._uuid}`;
  const { name: table } = store;
  throw new ConstraintError(
    { error: "constraint violation", details, operationIndex: null, operation: null, table },
    details,
  );
}
