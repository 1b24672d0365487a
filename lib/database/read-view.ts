import { UsageError } from "../jsonrpc/index.ts";
import { findColumn, findTable, sketch } from "../ovsdb/index.ts";
import type { AnyRow, Match } from "../replica/index.ts";
import type { Link } from "./link.ts";
import { checkReferences } from "./references.ts";
import type { ReadView } from "./view.ts";

/** Reads a link's replica without static types. */
export function readView(link: Link): ReadView {
  return {
    supports: (table, column) => supports(link, table, column),
    rows: (table) => link.replica.table(table).rows(),
    byUuid: (table, uuid) => link.replica.table(table).row(checkedUuid(table, uuid)),
    find: (table: string, match: Match): readonly AnyRow[] => link.replica.table(table).find(match),
    has: (table, uuid, column, element) =>
      link.replica.table(table).has(checkedUuid(table, uuid), column, checkedElement(table, column, element)),
    revision: (table) => link.replica.table(table).revision,
    journal: (table, column) => link.replica.journal(table, column),
    referrers: (uuid, fromTable, fromColumn) => {
      const table = link.replica.table(fromTable);
      checkReferences(table, fromColumn);
      return table.referrers(checkedUuid(fromTable, uuid), fromColumn);
    },
  };
}

/** Who had nothing to look for, as in plain JavaScript, must not hear that it is not there. */
function checkedUuid(table: string, uuid: string): string {
  if (typeof uuid === "string") return uuid;
  throw new UsageError(`${table}: a uuid is needed, and not ${sketch(uuid)}`);
}

/** Whether the server's schema has the table, and the column if one is given. */
export function supports(link: Link, table: string, column: string | undefined): boolean {
  return column === undefined
    ? findTable(link.schema, table) !== undefined
    : findColumn(link.schema, table, column) !== undefined;
}

/** A row is none: `Database.has` takes those. */
function checkedElement(table: string, column: string, element: string): string {
  if (typeof element === "string") return element;
  throw new UsageError(`${table}.${column}: an element is a text, and not ${sketch(element)}`);
}
