import { OvsdbError } from "../jsonrpc/index.ts";

/** Several rows carry the name by which one is to be recognised, and none of them is known to be the one meant. */
export class AmbiguousRowError extends OvsdbError {
  static override readonly name: string = "AmbiguousRowError";
  readonly code: string = "ERR_AMBIGUOUS_ROW";
  readonly table: string;
  /** The name of the desired row. */
  readonly rowName: string;
  /** The uuids of the rows with that name, sorted. */
  readonly uuids: readonly string[];

  /** `isShared`: rows of others may mean any of them, and so merging makes nothing of them. */
  constructor(table: string, rowName: string, uuids: readonly string[], isShared: boolean = false) {
    const way = isShared
      ? "others may mean any of them, so they are not merged: delete or rename the extra ones"
      : "the option merge makes one of them";
    super(`${uuids.length} rows of ${table} are named ${rowName}: ${uuids.join(", ")}; ${way}`);
    this.table = table;
    this.rowName = rowName;
    this.uuids = uuids;
  }
}

/** A row that must be moved hangs under a parent that belongs to someone else. */
export class ForeignParentError extends OvsdbError {
  static override readonly name: string = "ForeignParentError";
  readonly code: string = "ERR_FOREIGN_PARENT";
  readonly table: string;
  /** The name of the row that was to be moved. */
  readonly rowName: string;
  /** The row whose set holds it; `column` is that set. */
  readonly parent: {
    readonly table: string;
    readonly column: string;
    readonly name: string;
    readonly uuid: string;
  };

  constructor(table: string, rowName: string, parent: ForeignParentError["parent"]) {
    const at = parent.name === parent.uuid ? parent.uuid : `${parent.name} (${parent.uuid})`;
    super(
      `${table} ${rowName} exists in ${parent.column} of the ${parent.table} ${at}, which is not ours to change`,
    );
    this.table = table;
    this.rowName = rowName;
    this.parent = parent;
  }
}
