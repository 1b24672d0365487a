import { type MemberTexts, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import type { RowUpdate } from "../ovsdb/index.ts";
import { type CatchUp, nothingWaits } from "./catch-up.ts";
import { Columns, storedColumn } from "./columns.ts";
import { Journal } from "./journal.ts";
import type { RowChange } from "./row-change.ts";
import { RowMark } from "./row-mark.ts";
import { notMonitored, type TableSelection } from "./selection.ts";
import { TableStore } from "./table-store.ts";

/** One count for all replicas, so that no two contents ever have the same number. */
let revisions = 0;

/**
 * The monitored content of one database, as of the last message of the server.
 *
 * Knows nothing of connections: whether it may be read now is for its owner to say.
 */
export class Replica {
  readonly #tables = new Map<string, TableStore>();
  /** By table; of each one for every column that somebody follows. */
  readonly #journals = new Map<string, readonly Journal[]>();
  readonly #catchUp: CatchUp;
  readonly #known: readonly string[];
  /** Whether columns are told that nobody can read. */
  readonly #toldMore: boolean;
  #revision = ++revisions;

  /**
   * @param catchUp Has what the server has told already applied. For what was handed out to be read later, as iterators are:
   * the owner does so itself whenever it hands out something. Default: nothing ever waits.
   * @param known Tables that there are, replicated or not. Default: those of the selection.
   */
  constructor(
    selection: ReadonlyMap<string, TableSelection>,
    catchUp: CatchUp = nothingWaits,
    known: readonly string[] = [...selection.keys()],
  ) {
    this.#catchUp = catchUp;
    this.#known = known;
    this.#toldMore = [...selection.values()].some(({ asksForMore }) => asksForMore);
    for (const [name, { schema, columns, hidden }] of selection) {
      const stored = columns.flatMap((column) => {
        const known = schema.columns[column];
        return known === undefined ? [] : [storedColumn(column, known)];
      });
      const table = new TableStore(name, new Columns(stored), hidden, schema.indexes, catchUp);
      table.revision = this.#revision;
      this.#tables.set(name, table);
    }
  }

  /** Another number after each message that was applied. */
  get revision(): number {
    return this.#revision;
  }

  /** Throws `UsageError` for a table that is not monitored, or does not exist. */
  table(name: string): TableStore {
    const table = this.#tables.get(name);
    if (table === undefined) throw notMonitored(name, this.#known);
    return table;
  }

  /**
   * Applies the rows of one server message, in order: all of them, or none. Throws `ProtocolError` when they cannot
   * follow from what is held; that is then as before, so that the difference to what comes next is the true one.
   */
  apply(updates: readonly RowUpdate[]): RowChange[] {
    const changes: RowChange[] = [];
    this.#revision = ++revisions;
    try {
      // A plain loop, as this runs for each message.
      for (let index = 0; index < updates.length; index++) {
        const update = updates[index];
        if (update === undefined) continue;
        const table = this.#monitored(update.table);
        table.revision = this.#revision;
        changes.push(table.apply(update));
      }
    } catch (error) {
      for (const change of changes.reverse()) change.takeBack();
      throw error;
    }
    // What changed in no column that can be read is no change.
    const told = this.#toldMore
      ? changes.filter(({ kind, columns }) => kind !== "modify" || columns.length > 0)
      : changes;
    if (this.#journals.size > 0) {
      for (const change of told)
        for (const journal of this.#journals.get(change.table) ?? []) journal.note(change);
    }
    return told;
  }

  /**
   * Which rows of the table change from now on; `column` is the set column that is followed. The same object for the same column.
   * Throws `UsageError` for a table or column that is not monitored.
   */
  journal(table: string, column?: string): Journal {
    const others = this.#journals.get(table) ?? [];
    const known = others.find((journal) => journal.column === column);
    if (known !== undefined) return known;
    if (column !== undefined) this.table(table).position(column);
    else this.table(table);
    const journal = new Journal(column, this.#catchUp);
    this.#journals.set(table, [...others, journal]);
    return journal;
  }

  /**
   * Takes in some rows of the snapshot that this begins with, which is not to be read before all of it is there. Throws
   * `ProtocolError`: nothing can be done with this any more then.
   */
  load(texts: MemberTexts): void {
    this.#monitored(texts.object).load(texts);
  }

  #monitored(name: string): TableStore {
    const table = this.#tables.get(name);
    if (table === undefined) throw new ProtocolError(`an update of ${name}, which is not monitored`);
    return table;
  }

  /** The true difference between an earlier content and this one, as changes. */
  since(earlier: Replica): RowChange[] {
    return [...this.#tables].flatMap(([name, table]) => {
      const before = earlier.#tables.get(name);
      return before === undefined ? table.asInserts() : table.since(before);
    });
  }

  /**
   * The table that a row belongs to: the one it was read from, even if the row has gone since; for any other object with
   * a `_uuid` the one that has such a row now. Throws `UsageError` when several have.
   */
  ownerOf(row: { readonly _uuid: string }): TableStore | undefined {
    const name = RowMark.tableOf(row);
    const known = name === undefined ? undefined : this.#tables.get(name);
    if (known !== undefined) return known;
    const [owner, another] = [...this.#tables.values()].filter((table) => table.holds(row._uuid));
    if (owner !== undefined && another !== undefined) {
      // The server keeps uuids apart within a table only, and clients may choose them.
      throw new UsageError(
        `${owner.name} and ${another.name} both have a row ${row._uuid}: give a row that was read, not a copy`,
      );
    }
    return owner;
  }

  get tables(): Iterable<TableStore> {
    return this.#tables.values();
  }

  /** How many rows are held, over all tables. */
  get size(): number {
    let size = 0;
    for (const table of this.#tables.values()) size += table.size;
    return size;
  }
}
