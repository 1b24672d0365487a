import { orWhyNot, showAs, UsageError } from "../jsonrpc/index.ts";
import { isUuid, sketch, type Uuid } from "../ovsdb/index.ts";
import type { Match, TableStore } from "../replica/index.ts";
import type { MatchOf } from "./types.ts";

/**
 * The rows of one table, read straight from the replica.
 *
 * Rows are frozen plain objects and never change: a row that was read before an update still shows what it showed.
 * Every method throws `NotSyncedError` while the replica is not whole, and `UsageError` for a table or column that is
 * not monitored.
 */
export class Table<R extends object, K extends string = string> implements Iterable<R> {
  readonly #name: K;
  readonly #store: () => TableStore;

  static {
    showAs(Table.prototype, "Table", (table) => ({
      name: table.#name,
      size: orWhyNot(() => table.size),
    }));
  }

  /** Made by the database; `store` throws while nothing may be read. */
  constructor(name: K, store: () => TableStore) {
    this.#name = name;
    this.#store = store;
  }

  /** Number of rows. */
  get size(): number {
    return this.#store().size;
  }

  /** The row with that uuid, in either case. Throws `UsageError` for what is none. */
  byUuid(uuid: Uuid<K>): R | undefined {
    const store = this.#store();
    const row = store.row(uuid);
    if (row !== undefined) return row as R;
    // Who had nothing to look for must not hear that it is not there.
    if (typeof uuid !== "string" || !isUuid(uuid))
      throw new UsageError(`${store.name}: a uuid is needed, and not ${sketch(uuid)}`);
    return store.row(uuid.toLowerCase()) as R | undefined;
  }

  /**
   * All rows with these values, in no order: scalars and optionals equal, sets contain all that is given, maps contain all pairs
   * that are given; all rows for `{}`. An index serves it when the match names a scalar column, a key of a map column, such as
   * `{ external_ids: { "k8s.ovn.org/network": "blue" } }`, or an element of a set of uuids; it is built when first asked for. Any
   * other match looks at every row. Throws `UsageError` for a value of `undefined` or of a type that the column does not have.
   */
  find(match: MatchOf<R>): R[] {
    return this.#store().find(match as Match) as R[];
  }

  /**
   * The row with these values of one of the schema's unique indexes, as in `get({ name: "p1" })`, or with this `_uuid`.
   * Throws `UsageError` when the schema has no unique index on just these columns: `find` takes any.
   */
  get(match: MatchOf<R>): R | undefined {
    return this.#store().get(match as Match) as R | undefined;
  }

  /**
   * The only row of a table such as NB_Global; with a match, the only one that `find` finds, as of a name that is no unique index.
   * Throws `UsageError` when there is none, or more than one. Who may meet none asks `find`, and takes the first.
   */
  only(...asked: readonly [match?: MatchOf<R>]): R {
    const store = this.#store();
    if (asked.length === 0) {
      const [row] = store.rows();
      if (row !== undefined && store.size === 1) return row as R;
      throw new UsageError(`${store.name} has ${store.size} rows, not one`);
    }
    // `undefined`, a variable that somebody forgot to fill, is none: find says so.
    const [match] = asked;
    const found = store.find(match as Match);
    const [row] = found;
    if (row !== undefined && found.length === 1) return row as R;
    throw new UsageError(`${store.name} has ${found.length} rows with ${sketch(match)}, not one`);
  }

  /**
   * All rows, each as it is when its turn comes, and those that come meanwhile: one may wait in between. Throws `NotSyncedError` in
   * the middle while the connection is lost, and when the content was read anew since the beginning.
   */
  [Symbol.iterator](): Iterator<R> {
    return this.#store().rows() as Iterator<unknown> as Iterator<R>;
  }
}
