import type { AnyRow } from "../database/index.ts";
import { checkEntries } from "./check-arguments.ts";
import type { DesiredRow, RowKind } from "./desired.ts";

/** What was found out of a desired row in an earlier plan. */
interface Findings {
  /** It was checked to write only what this kind owns. */
  kind?: RowKind;
  /** This version of a row is it, in this version of the row that holds it. */
  match?: { readonly holder: AnyRow | undefined; readonly existing: AnyRow };
}

const constants = new WeakMap<DesiredRow, Findings>();

/**
 * Rows that a builder gives to plan after plan, the same objects each time. They are frozen; in return, what does not depend
 * on the database is looked at once only. Throws `UsageError` for what is no list of objects.
 */
export function constantRows(rows: readonly DesiredRow[]): readonly DesiredRow[] {
  checkEntries("rows", rows);
  for (const row of rows) constants.set(freeze(row), {});
  return Object.freeze(rows);
}

/** What is known of a constant row; undefined for any other, which may be another by the next time. */
export function findingsOf(row: DesiredRow): Findings | undefined {
  return constants.get(row);
}

function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) freeze(part);
  return Object.freeze(value);
}
