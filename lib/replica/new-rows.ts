import { RowChange, type Views } from "./row-change.ts";
import type { StoredRow } from "./stored-row.ts";

/** The table that rows have come into. */
interface Home extends Views {
  stored(uuid: string): StoredRow | undefined;
}

/** Many rows that came into a table at once. What is to be said of each is made when somebody asks. */
export class NewRows {
  readonly table: string;
  readonly uuids: readonly string[];
  readonly #home: Home;

  constructor(home: Home, uuids: readonly string[]) {
    this.table = home.name;
    this.uuids = uuids;
    this.#home = home;
  }

  /** Row by row. To be asked before anything else changes them. */
  changes(): RowChange[] {
    return this.uuids.map((uuid) => new RowChange(this.#home, uuid, undefined, this.#home.stored(uuid), []));
  }

  /** Takes them out again, as long as nothing has changed them since. */
  takeBack(): void {
    for (const uuid of this.uuids) this.#home.restore(uuid, undefined);
  }
}

/** What a message has changed in one table: in one row, or many new ones. */
export type Applied = RowChange | NewRows;

/** All of it row by row. */
export function rowChanges(applied: readonly Applied[]): readonly RowChange[] {
  return applied.flatMap((each) => (each instanceof NewRows ? each.changes() : each));
}
