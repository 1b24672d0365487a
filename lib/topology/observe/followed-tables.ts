import type { Journal, ReadView } from "../../database/index.ts";

/** The changes of one table, oldest first. */
export type Entries = NonNullable<ReturnType<Journal["since"]>>;

/** A table, and the set column of it that is followed. All who follow the same share one journal. */
export type FollowedTable = readonly [table: string, column?: string];

/** The tables that are followed by who remembers something of a database. */
export const SWITCHES: FollowedTable = ["Logical_Switch", "ports"];
export const SWITCH_PORTS: FollowedTable = ["Logical_Switch_Port"];
export const ROUTERS: FollowedTable = ["Logical_Router", "ports"];
export const ROUTER_PORTS: FollowedTable = ["Logical_Router_Port"];

interface Followed {
  readonly table: string;
  readonly column: string | undefined;
  journal: Journal | undefined;
  /** Up to where its changes are known. */
  position: number;
}

/** Up to where the changes of some tables are known to somebody who made something of them. */
export class FollowedTables {
  readonly #tables: readonly Followed[];

  constructor(...tables: readonly FollowedTable[]) {
    this.#tables = tables.map(([table, column]) => ({ table, column, journal: undefined, position: 0 }));
  }

  /**
   * What changed in each table since the last time; undefined when that is not known: the first time, after too many changes, in
   * another replica, or where nobody tells what changes.
   */
  news(view: ReadView): readonly Entries[] | undefined {
    const news: Entries[] = [];
    for (const followed of this.#tables) {
      const journal = view.journal?.(followed.table, followed.column);
      const entries = journal === followed.journal ? journal?.since(followed.position) : undefined;
      if (entries !== undefined) news.push(entries);
      followed.journal = journal;
      followed.position = journal?.end ?? 0;
    }
    return news.length === this.#tables.length ? news : undefined;
  }
}
