import type { Journal, ReadView } from "../database/index.ts";

/** The changes of one table, oldest first. */
export type Entries = NonNullable<ReturnType<Journal["since"]>>;

/** A table, and the set column of it that is followed, which has to be the same for all who follow the table. */
export type FollowedTable = readonly [table: string, column?: string];

/** The tables that are followed by who remembers something of a database. */
export const SWITCHES: FollowedTable = ["Logical_Switch", "ports"];
export const SWITCH_PORTS: FollowedTable = ["Logical_Switch_Port"];
export const ROUTERS: FollowedTable = ["Logical_Router", "ports"];
export const ROUTER_PORTS: FollowedTable = ["Logical_Router_Port"];

/** Up to where the changes of some tables are known to somebody who made something of them. */
export class FollowedTables {
  readonly #tables: readonly FollowedTable[];
  #journals: readonly Journal[] | undefined;
  #positions: number[] = [];

  constructor(...tables: readonly FollowedTable[]) {
    this.#tables = tables;
  }

  /**
   * What changed in each table since the last time; undefined when that is not known: the first time, after too many changes, in
   * another replica, or where nobody tells what changes.
   */
  news(view: ReadView): readonly Entries[] | undefined {
    const before = this.#journals;
    const journals: Journal[] = [];
    for (const [table, column] of this.#tables) {
      const journal = view.journal?.(table, column);
      if (journal === undefined) return undefined;
      journals.push(journal);
    }
    let news: Entries[] | undefined = [];
    for (const [index, journal] of journals.entries()) {
      const entries = journal === before?.[index] ? journal.since(this.#positions[index] ?? 0) : undefined;
      if (entries === undefined) news = undefined;
      else news?.push(entries);
      this.#positions[index] = journal.end;
    }
    this.#journals = journals;
    return news;
  }
}
