import { showAs } from "../jsonrpc/index.ts";
import type { DatabaseModel, DatabaseSchema, Uuid } from "../ovsdb/index.ts";
import type { TableStore } from "../replica/index.ts";
import { checkedRow, checkedTest, testText } from "./arguments.ts";
import type { ChangeBatch, ChangeOf } from "./change-types.ts";
import type { TableConditions } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { RowGoneError } from "./errors.ts";
import { Link } from "./link.ts";
import { Lock, type LockOptions } from "./lock.ts";
import type { ConditionsOf, MonitorTablesOf } from "./monitored-types.ts";
import type { ChangesOptions, ConnectOptions, UntilOptions } from "./options.ts";
import { readView, supports } from "./read-view.ts";
import { checkReferences, checkReferred, holdsNone } from "./references.ts";
import type { TransactResult } from "./result.ts";
import { run } from "./run.ts";
import { type Status, shownOf, statusOf } from "./status.ts";
import { Table } from "./table.ts";
import type { TransactOptions } from "./transact-options.ts";
import type { Transaction } from "./transaction.ts";
import type {
  ColumnName,
  ColumnOf,
  ReadRow,
  ReferenceColumn,
  ReferencedTable,
  Row,
  Sought,
  TableName,
  Tables,
} from "./types.ts";
import type { ReadView } from "./view.ts";

/** The typed tables of a database. */
export type TablesOf<T extends Tables<T>> = { readonly [K in TableName<T>]: Table<Row<T, K>, K> };

/**
 * A replica of one database, kept up to date, and the way to change it.
 *
 * Reads are served from memory. When `await transact()` resolves, the replica already holds what was written. Reads
 * throw `NotSyncedError` when the replica is not whole: there is never a false "not found". After `close` everything
 * throws `ClosedError`.
 */
export class Database<T extends Tables<T>> implements AsyncDisposable {
  /** Typed reads, table by table. */
  readonly tables: TablesOf<T>;
  /** Reads without static types, for code that works on any table. */
  readonly view: ReadView;
  readonly #link: Link;

  static {
    showAs(Database.prototype, "Database", (db) => shownOf(db.status()));
  }

  private constructor(link: Link) {
    this.#link = link;
    this.view = readView(link);
    const names = new Set([...Object.keys(link.model.tables), ...Object.keys(link.options.tables ?? {})]);
    this.tables = Object.freeze(
      Object.fromEntries([...names].map((name) => [name, new Table(name, () => link.replica.table(name))])),
    ) as unknown as TablesOf<T>;
  }

  /**
   * Connects and resolves when the replica is whole.
   *
   * `remotes`: `unix:PATH`, `tcp:HOST[:PORT]`, `ssl:HOST[:PORT]`, IPv6 in brackets, several with commas. The first usable one
   * is taken, in the order that `options.shuffle` says. A port that is left out is the usual one of the database.
   * Throws `EndpointError`, `TlsError`, `ProtocolError`, `TimeoutError`, or the reason of `options.signal`; `UsageError` for options and
   * tables that are none, `ValidationError` for a value in a condition that its column cannot have. Where several remotes cannot be
   * used, it is an `EndpointError` that says what was wrong with each.
   */
  static async connect<T extends Tables<T>>(
    model: DatabaseModel<T>,
    remotes: string | readonly string[],
    options: ConnectOptions<MonitorTablesOf<T>> = {},
  ): Promise<Database<T>> {
    return new Database<T>(await Link.open(model, remotes, options as ConnectOptions));
  }

  /** The remote in use. */
  get remote(): string {
    return this.#link.session.remote;
  }

  /**
   * Replaces the list of remotes, in the same forms as for `connect`. The connection stays when its remote is among
   * them; else another one is made at once. Throws `EndpointError`, with nothing changed, when one is not understood;
   * `ClosedError`, or what ended the connection for good.
   */
  setRemotes(remotes: string | readonly string[]): void {
    this.#link.session.setRemotes(remotes);
  }

  /**
   * Replicates other rows of tables that are replicated already: for each table conditions of which ANY has to hold,
   * or `true` for all rows. Tables that are not named keep theirs, and columns stay as they are. Resolves when the
   * replica holds just these rows; rows that come and go by it are changes like others. Later connections ask for the
   * same. A call that ends early, by `timeout` or `signal`, does not take the wish back.
   *
   * Throws `UsageError` for a table that is not replicated and for what are no conditions, `ValidationError` for a value that the
   * column cannot be compared with, `UnsupportedError` when the server lacks a column or only knows `monitor`, `RpcError` when it
   * refuses the conditions (they are as before then), `TimeoutError`, the signal's reason, or what a read throws after the end.
   */
  setConditions(conditions: ConditionsOf<T>, options: UntilOptions = {}): Promise<void> {
    return this.#link.setConditions(conditions as TableConditions, options);
  }

  /** The schema of the connected server, which may be older or newer than the model. */
  get schema(): DatabaseSchema {
    return this.#link.schema;
  }

  /**
   * A number that grows with every message of the server that changes the replica: what was computed from the database
   * holds as long as the number stays. Throws `NotSyncedError` as a read does.
   */
  get revision(): number {
    return this.#link.replica.revision;
  }

  /**
   * Whether the server takes uuids that the client chooses, as far as is known: servers before Open vSwitch 2.13 do
   * not, which shows at the first insert of each connection. Transactions cope by themselves; this is for those who make raw operations.
   */
  get takesChosenUuids(): boolean {
    return this.#link.takesChosenUuids;
  }

  /** Whether the connected server has this table, or this column of it, whatever of it is replicated. */
  supports<K extends TableName<T>, C extends keyof Row<T, K> & string>(
    table: K,
    column?: ColumnName<Row<T, K>, C>,
  ): boolean {
    return supports(this.#link, table, column);
  }

  /**
   * Runs one transaction. `describe` says what to do and runs again after a conflict, on fresh data, with random
   * pauses, until `options.timeout`; it must have no other effects. It may be asynchronous: what it has read may then be
   * outdated when it is used, which guards and `verify` notice. It runs again also where the connection or the schema was lost
   * meanwhile; it is not waited for beyond `options.timeout`, `options.signal` and `close`.
   *
   * Throws `ValidationError`, `UnsupportedError`, `RowGoneError` and `UsageError` before anything is sent;
   * `OperationError`, `ConstraintError`, `ConflictError` and `TimeoutError` when nothing was changed;
   * `LockLostError` for a lock that is not held any more; `OutcomeUnknownError` when the reply never came and it could not be found
   * out what became of it; `UnconfirmedError` when it was committed and `wait` did not end well; `ClosedError`, the reason of
   * `options.signal`, and what `describe` throws.
   */
  transact<R>(
    describe: (tx: Transaction<T>) => R,
    options: TransactOptions = {},
  ): Promise<TransactResult<Awaited<R>>> {
    return run(this.#link, describe as unknown as (draft: Draft) => R, options);
  }

  /**
   * The changes from now on, of these tables or of all that are replicated: ordered, one batch per update of the server,
   * nothing lost; a slow reader gets later changes of a row merged. With `initial`, the first batch holds the present rows as
   * inserts (none, if there are none), and a slow reader gets the changes since merged into it. The iterator ends when the
   * database is closed and throws when the signal aborts. It outlives a lost connection: the next batch then holds the true
   * difference, deletions included, with the cause `resync`.
   *
   * Comparing `change.table` tells the type checker which row and columns a change has. Throws `UsageError` for a table that is not
   * replicated, `NotSyncedError` while the replica is not whole, `ClosedError`.
   */
  changes<K extends TableName<T>>(
    tables: readonly K[],
    options?: ChangesOptions,
  ): AsyncIterableIterator<ChangeBatch<ChangeOf<T, K>>>;
  changes(
    tables?: undefined,
    options?: ChangesOptions,
  ): AsyncIterableIterator<ChangeBatch<ChangeOf<T, TableName<T>>>>;
  changes(
    tables?: readonly TableName<T>[],
    options: ChangesOptions = {},
  ): AsyncIterableIterator<ChangeBatch<unknown>> {
    return this.#link.changes(tables, options);
  }

  /**
   * Resolves with what `test` returns, as soon as that is neither false nor null nor undefined. `test` runs now and
   * after every update of the server; while the connection is lost, it waits.
   *
   * Throws `TimeoutError` with the words of `test`, the reason of `options.signal`, what `test` throws, `UsageError` for a `test` that is no function or
   * returns a promise, or what a read throws after the end.
   */
  until<R>(test: (database: this) => R, options: UntilOptions = {}): Promise<NonNullable<R>> {
    // The error's stack begins at a timer: it tells by its words which of several conditions it is about.
    return this.#link.until(
      () => checkedTest(test)(this),
      options,
      () => `the condition ${testText(test)}`,
    );
  }

  /**
   * The rows that a column of uuids refers to now, in no order, whatever version of the row is given. References to rows
   * that are not monitored are left out. Throws `RowGoneError` when the row was deleted, `UsageError` for a column that holds no
   * uuids.
   */
  deref<K extends TableName<T>, C extends ReferenceColumn<Row<T, K>> & string>(
    row: ReadRow<T, K>,
    column: C,
  ): Row<T, ReferencedTable<Row<T, K>[C]> & TableName<T>>[] {
    const owner = this.#ownerOf(row);
    const schema = owner.columns.list[owner.position(column)]?.schema;
    const target = schema?.value?.refTable ?? schema?.key.refTable;
    if (target === undefined) throw holdsNone(owner, column);
    const value: unknown = owner.row(row._uuid)?.[column];
    const uuids = Array.isArray(value)
      ? value
      : value === null || typeof value !== "object"
        ? [value]
        : schema?.value?.refTable === undefined
          ? Object.keys(value)
          : Object.values(value);
    const store = this.#link.replica.table(target);
    return uuids.flatMap((uuid) => store.row(String(uuid)) ?? []) as Row<
      T,
      ReferencedTable<Row<T, K>[C]> & TableName<T>
    >[];
  }

  /**
   * Whether a set column holds an element now, or a map column a key, at the cost of a hash look-up.
   * Throws `RowGoneError` when the row was deleted, `UsageError` for a row of a table to which the column does not refer.
   */
  has<K extends TableName<T>, C extends ColumnOf<Row<T, K>>>(
    row: ReadRow<T, K>,
    column: C,
    element: Sought<Row<T, K>[C]>,
  ): boolean {
    const owner = this.#ownerOf(row);
    if (typeof element === "string") return owner.has(row._uuid, column, element);
    const held = owner.has(row._uuid, column, checkedRow(element)._uuid);
    if (!held) checkReferred(this.#link.replica, owner, column, element);
    return held;
  }

  /**
   * The rows of `table` whose `column` refers to this row. Throws `UsageError` for a column that holds no uuids, and for one whose
   * uuids are those of another table's rows.
   */
  referrers<K extends TableName<T>, N extends string>(
    row: { readonly _uuid: Uuid<N> },
    table: K,
    column: ReferenceColumn<Row<T, K>, N> & string,
  ): Row<T, K>[] {
    const { _uuid } = checkedRow(row);
    const owner = this.#link.replica.table(table);
    checkReferences(owner, column);
    const found = owner.referrers(_uuid, column);
    if (found.length === 0) checkReferred(this.#link.replica, owner, column, row);
    return found as unknown as Row<T, K>[];
  }

  #ownerOf(row: { readonly _uuid: string }): TableStore {
    const owner = this.#link.replica.ownerOf(checkedRow(row));
    if (owner === undefined || !owner.holds(row._uuid)) throw new RowGoneError(owner?.name, row._uuid);
    return owner;
  }

  /**
   * Resolves when the replica is whole: at once, or after the connection that was lost is there again.
   * Throws `TimeoutError`, the signal's reason, or when it never will be, what a read throws.
   */
  synced(options: UntilOptions = {}): Promise<void> {
    return this.#link.synced(options);
  }

  /**
   * Asks for a lock of the server and resolves when it is held; by default it waits for as long as another client
   * holds it. `name` is made of letters, digits and underscores. See docs/connecting.md for what a lock is worth with
   * clusters and relays.
   *
   * Throws `UsageError` for a bad name and for a lock that this handle wants already, `TimeoutError`, the signal's reason,
   * `ClosedError`; the lock is then not wanted any more.
   */
  lock(name: string, options: LockOptions = {}): Promise<Lock> {
    return Lock.acquire(this.#link.session.locks, name, options);
  }

  /** What this handle is doing now, for people and for a health check. Never throws, whatever the state. */
  status(): Status {
    return statusOf(this.#link);
  }

  /** Closes the connection. Pending calls reject; afterwards nothing is pending and the process can exit. */
  close(): Promise<void> {
    this.#link.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
