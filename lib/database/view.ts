import { UsageError } from "../jsonrpc/index.ts";
import type { AnyRow, Journal, Match } from "../replica/index.ts";

export type { AnyRow, Journal, Match };

/**
 * Reading a replica without static types.
 *
 * This is what layers that work on any table (reconcile, printing) ask for; the typed face of a database is
 * `Database.tables`. Every method throws `NotSyncedError` while the replica is not whole.
 */
export interface ReadView {
  /** Whether the connected server's schema has this table, or this column of it. */
  supports(table: string, column?: string): boolean;
  /** All rows; throws `UsageError` for a table that is not monitored, as the others do. */
  rows(table: string): Iterable<AnyRow>;
  /** The row with that uuid, in lower case. */
  byUuid(table: string, uuid: string): AnyRow | undefined;
  /** Rows with these values, as `Table.find` takes them; served by an index for any scalar column and any key of a map column. */
  find(table: string, match: Match): readonly AnyRow[];
  /** Whether the set column of that row holds the element, without making an array of the set. */
  has(table: string, uuid: string, column: string, element: string): boolean;
  /** Rows of `fromTable` whose `fromColumn` refers to the row `uuid`. Throws `UsageError` for a column that holds no uuids. */
  referrers(uuid: string, fromTable: string, fromColumn: string): readonly AnyRow[];
  /**
   * Another number whenever something in the table has changed, and in every other replica: what was made of it holds as long as
   * the number stays. Absent: nobody knows what has changed.
   */
  revision?(table: string): number;
  /**
   * Which rows of a table change, and for the set column that is named what comes into it and goes. For the same column the same
   * object; another one when the replica is another, and nothing is known of what changed. Absent: nothing is ever known of that.
   */
  journal?(table: string, column?: string): Journal;
}

/** Throws `UsageError` for what is no view, as plain JavaScript may give: the database itself is none. */
export function checkView(view: ReadView): void {
  if (
    typeof view === "object" &&
    view !== null &&
    typeof view.find === "function" &&
    typeof view.rows === "function"
  )
    return;
  throw new UsageError("view must be that of a database, nb.view");
}
