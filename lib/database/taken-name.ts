import { ConstraintError } from "../ovsdb/index.ts";
import type { Places } from "./places.ts";

/** What ovsdb-server says of a unique index (ovsdb/transaction.c, duplicate_index_row), in either order of the two rows. */
const duplicate = /^Transaction causes multiple rows in .* to have identical values /;
const inserted = /was inserted by this transaction\./;
const present = /existed in the database before this transaction and was not modified/;

/**
 * The same refusal with what a function does that looked for the row which it inserts, and found none: the other one may have come
 * just then. What a transaction inserts as text was planned, and is planned again.
 */
export function withTakenName(error: unknown, places: Places): unknown {
  if (!(error instanceof ConstraintError) || !places.hasInserts) return error;
  if (![duplicate, inserted, present].every((part) => part.test(error.details))) return error;
  return new ConstraintError(
    error,
    `${error.message}  If that came after this function had looked for it, verifyAbsent() has it run again`,
  );
}
