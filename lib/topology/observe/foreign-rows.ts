import { OvsdbError } from "../../jsonrpc/index.ts";

/** A row that somebody else hung under one of ours. */
export interface ForeignRow {
  readonly table: string;
  /** Its name, or its uuid when it has none. */
  readonly name: string;
  readonly uuid: string;
  /** The row of ours that it would go with. */
  readonly parent: { readonly table: string; readonly name: string; readonly column: string };
}

/** Removing what was asked for would take rows of somebody else along, or undo what they did. Nothing was changed. */
export class ForeignRowsError extends OvsdbError {
  static override readonly name: string = "ForeignRowsError";
  readonly code = "ERR_FOREIGN_ROWS";
  readonly rows: readonly ForeignRow[];

  constructor(rows: readonly ForeignRow[]) {
    // Rows of a set have no order that anybody could rely on.
    super(`rows that are not ours would go along: ${rows.map(describeForeign).sort().join("; ")}`);
    this.rows = rows;
  }
}

/** A foreign row for people: what it is, and where it hangs. */
export function describeForeign(row: ForeignRow): string {
  return `${row.table} ${row.name} in ${row.parent.table} ${row.parent.name}`;
}
