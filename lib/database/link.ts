import {
  ClosedError,
  checkBooleans,
  checkOptions,
  type Json,
  type OvsdbError,
  TimeoutError,
  UsageError,
} from "../jsonrpc/index.ts";
import {
  checkSchema,
  type DatabaseSchema,
  isKeyed,
  type MonitorTables,
  monitorRequests,
  sketch,
  type WrittenOperations,
} from "../ovsdb/index.ts";
import { knownTables, monitorTables, Replica, type RowChange, selectTables } from "../replica/index.ts";
import {
  checkMilliseconds,
  isMonitorRefusal,
  NotSyncedError,
  onAbort,
  type SendOptions,
  Session,
  startTimer,
} from "../session/index.ts";
import type { ChangeBatch } from "./change-types.ts";
import { ChangeStream } from "./changes.ts";
import { Conditions, type TableConditions, type Wish } from "./conditions.ts";
import {
  CHANGES_OPTIONS,
  type ChangesOptions,
  type ConnectOptions,
  checkConnectOptions,
  UNTIL_OPTIONS,
  type UntilOptions,
} from "./options.ts";

/** A condition somebody waits for. */
interface Waiter {
  test(): void;
  fail(error: unknown): void;
}

/**
 * Ties a session to the replica it fills, and tells everybody who waits when something changed.
 *
 * The one place that knows whether the replica may be read.
 */
export class Link {
  readonly #model: DatabaseSchema;
  readonly #options: ConnectOptions;
  #session: Session | undefined;
  #schema: DatabaseSchema | undefined;
  #replica: Replica | undefined;
  /** The replica that the next snapshot fills; until then the present one is what the changes start from. */
  #next: Replica | undefined;
  readonly #conditions: Conditions;
  /** The last wish that the server was told of when the present or next content was asked for. */
  #told: Wish | undefined;
  /** What it refused that wish with, when it then was asked for what had been held before. */
  #refusal: { readonly wish: Wish; readonly error: unknown } | undefined;
  #aligning = false;
  #whole = false;
  /** How often the connection was lost, and with it the whole replica. */
  losses = 0;
  /** Why the replica is not whole. */
  #lost: OvsdbError | undefined;
  #ended: OvsdbError | undefined;
  /** Servers before Open vSwitch 2.13 refuse `uuid` in an insert; false from when that is found out until the connection is lost. */
  takesChosenUuids = true;
  #streams: readonly ChangeStream[] = [];
  readonly #waiters = new Set<Waiter>();

  private constructor(model: DatabaseSchema, options: ConnectOptions) {
    this.#model = model;
    this.#options = options;
    this.#conditions = new Conditions(options.tables ?? everyTable(model));
  }

  static async open(
    model: DatabaseSchema,
    remotes: string | readonly string[],
    options: ConnectOptions,
  ): Promise<Link> {
    checkSchema("the model", model);
    checkConnectOptions(options);
    const link = new Link(model, options);
    link.#session = await Session.open(model.name, remotes, options, {
      onSchema: (schema) => {
        link.#told = link.#conditions.next;
        const selection = selectTables(model, schema, link.#told?.tables ?? link.#conditions.held);
        link.#refusal = undefined;
        link.#schema = schema;
        const next: Replica = new Replica(selection, () => link.#readsOn(next), knownTables(model, schema));
        link.#next = next;
        return monitorTables(selection);
      },
      onRefused: (error) => {
        // A wish that nobody could refuse before must not keep all connections from being made.
        if (link.#told === undefined) return undefined;
        link.#refusal = { wish: link.#told, error };
        return link.#request(link.#conditions.held);
      },
      onRows: (texts) => {
        link.#next?.load(texts);
      },
      onSnapshot: (updates) => {
        link.#next?.apply(updates);
        link.#swap();
      },
      onResume: (updates) => {
        link.#isWhole(link.#replica?.apply(updates) ?? []);
      },
      // Also when nothing has changed: some wait only for there being something to read.
      onLive: () => link.#testWaiters(),
      onUpdate: (updates) => {
        link.#changed(link.#replica?.apply(updates) ?? []);
      },
      mayWait: () => link.#streams.length === 0 && link.#waiters.size === 0,
      onLost: (error) => {
        link.#whole = false;
        link.losses += 1;
        link.#lost = error;
        // The next server may be a newer one.
        link.takesChosenUuids = true;
      },
      onEnd: (error) => link.#end(error),
    });
    return link;
  }

  /** What the program was compiled with. */
  get model(): DatabaseSchema {
    return this.#model;
  }

  get options(): ConnectOptions {
    return this.#options;
  }

  /** What the server has. */
  get schema(): DatabaseSchema {
    if (this.#schema === undefined) throw new NotSyncedError("the schema of the server is not known yet");
    return this.#schema;
  }

  get session(): Session {
    if (this.#session === undefined) throw new NotSyncedError("the connection is not made yet");
    return this.#session;
  }

  /** The replica, if it may be read now. Throws `NotSyncedError`, or `ClosedError` after `close`. */
  get replica(): Replica {
    // What the server has told may show that the replica is not whole any more.
    this.#session?.updates.catchUp();
    if (this.#whole && this.#replica !== undefined) return this.#replica;
    throw this.#unreadable();
  }

  /**
   * The replica for who only asks whether a row that was read is there still. It need not be the newest: a row that it holds
   * is there, for no update that is yet to be taken in deletes any. Throws as `replica` does.
   */
  get holding(): Replica {
    if (this.#whole && this.#replica !== undefined && this.#session?.updates.deletes === false) {
      return this.#replica;
    }
    return this.replica;
  }

  /** Throws as `replica` does, and where that is another one by now: what was handed out of this one shows the past for ever. */
  #readsOn(replica: Replica): void {
    if (this.replica === replica) return;
    throw new NotSyncedError(
      "the connection was lost, or the schema changed, while rows were read: read them again",
    );
  }

  #unreadable(): OvsdbError {
    if (this.#ended instanceof ClosedError) {
      return new ClosedError("the database handle is closed", { cause: this.#ended });
    }
    return new NotSyncedError("the replica is not whole: the connection to the server was lost", {
      cause: this.#ended ?? this.#lost,
    });
  }

  /** Whether the replica may be read now. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Whether the connection has ended for good. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Resolves when the replica may be read. Rejects when it never will. */
  async synced(options: UntilOptions): Promise<void> {
    await this.until(() => this.replica, options, "the connection to the server");
  }

  /** Readers see the old content or the new one, and are told what lies between. */
  #swap(): void {
    const earlier = this.#replica;
    // Before anything is replaced: when it fails, the next snapshot is compared with the same content again.
    const changes =
      earlier === undefined || this.#streams.length === 0 ? [] : (this.#next?.since(earlier) ?? []);
    this.#replica = this.#next;
    this.#isWhole(changes);
  }

  #isWhole(changes: readonly RowChange[]): void {
    this.#next = undefined;
    this.#whole = true;
    if (this.#refusal === undefined) this.#conditions.hold(this.#told);
    else this.#conditions.refuse(this.#refusal.wish, this.#refusal.error);
    for (const stream of this.#streams) stream.push("resync", changes);
  }

  #testWaiters(): void {
    // What one tests may end the wait of another: it closes the handle, or aborts.
    for (const waiter of [...this.#waiters]) if (this.#waiters.has(waiter)) waiter.test();
  }

  /** See `Database.setConditions`. */
  async setConditions(changes: TableConditions, options: UntilOptions): Promise<void> {
    checkOptions(options, UNTIL_OPTIONS);
    options.signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#unreadable();
    const wish = this.#conditions.ask(changes, knownTables(this.#model, this.schema), (tables) => {
      monitorRequests(this.schema, this.#request(tables));
    });
    void this.#align();
    await this.until(
      () => this.replica !== undefined && wish.held,
      options,
      "the rows of the new conditions",
    );
  }

  #request(tables: MonitorTables): MonitorTables {
    return monitorTables(selectTables(this.#model, this.schema, tables));
  }

  /** Has the server send what is wanted, one change after the other; a connection that is made meanwhile does so too. */
  async #align(): Promise<void> {
    if (this.#aligning) return;
    this.#aligning = true;
    for (;;) {
      let wish: Wish | undefined;
      try {
        await this.synced({});
        wish = this.#conditions.next;
        if (wish === undefined) break;
        await this.session.changeConditions(this.#request(wish.tables));
        this.#conditions.hold(wish);
      } catch (error) {
        if (this.#ended !== undefined) break;
        // Else the connection was lost, and the next one is asked for what is wanted.
        const refused = this.#whole || isMonitorRefusal(error);
        if (refused && wish !== undefined) {
          this.#conditions.refuse(wish, error);
        }
      }
      if (this.#whole) this.#testWaiters();
    }
    this.#aligning = false;
  }

  send(operations: WrittenOperations, options: SendOptions): Promise<Json> {
    return this.session.transact(operations, options);
  }

  #changed(changes: readonly RowChange[]): void {
    if (changes.length === 0) return;
    for (const stream of this.#streams) stream.push("update", changes);
    if (this.#waiters.size > 0) this.#testWaiters();
  }

  #end(error: OvsdbError): void {
    this.#whole = false;
    this.#ended = error;
    const quiet = error instanceof ClosedError;
    for (const stream of this.#streams) stream.end(quiet ? undefined : { reason: error });
    for (const waiter of [...this.#waiters]) waiter.fail(error);
  }

  /** Changes of these tables from now on; with `initial`, first the present rows as inserts. */
  changes(
    tables: readonly string[] | undefined,
    options: ChangesOptions,
  ): AsyncIterableIterator<ChangeBatch> {
    checkOptions(options, CHANGES_OPTIONS);
    checkBooleans(options, ["initial"]);
    const { replica } = this;
    if (tables !== undefined && !Array.isArray(tables)) throw noTables(tables);
    for (const table of tables ?? []) replica.table(table);
    options.signal?.throwIfAborted();
    const stream = new ChangeStream(tables, () => {
      this.#streams = this.#streams.filter((other) => other !== stream);
      stopListening();
    });
    const stopListening = onAbort(options.signal, () => stream.end({ reason: options.signal?.reason }));
    this.#streams = [...this.#streams, stream];
    if (options.initial === true) {
      const wanted = tables?.map((table) => replica.table(table)) ?? replica.tables;
      stream.push(
        "initial",
        [...new Set(wanted)].flatMap((table) => table.asInserts()),
      );
    }
    return stream;
  }

  /** Resolves with the first value of `test` that is neither false nor undefined nor null. Waits while there is nothing to read. */
  async until<R>(
    test: () => R,
    options: UntilOptions,
    what: string | (() => string),
  ): Promise<NonNullable<R>> {
    checkOptions(options, UNTIL_OPTIONS);
    const { signal, timeout = Number.POSITIVE_INFINITY } = options;
    checkMilliseconds("timeout", timeout);
    signal?.throwIfAborted();
    // Also when the condition reads nothing: what it speaks of follows no server any more.
    if (this.#ended !== undefined) throw this.#unreadable();
    // What waits may show that there is nothing to read just now.
    this.#session?.updates.catchUp();
    const present = this.#whole ? accepted(test()) : undefined;
    if (present !== undefined) return present.value;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#waiters.delete(waiter);
        stopTimer();
        stopListening();
      };
      const waiter: Waiter = {
        test: () => {
          try {
            const value = accepted(test());
            if (value === undefined) return;
            done();
            resolve(value.value);
          } catch (error) {
            waiter.fail(error);
          }
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      const stopListening = onAbort(signal, () => waiter.fail(signal?.reason));
      const stopTimer = startTimer(timeout, () => {
        const cause = this.#whole ? undefined : this.#unreadable();
        const why = this.#session?.details.lastRefusal?.message;
        waiter.fail(new TimeoutError(typeof what === "string" ? what : what(), timeout, { cause, why }));
      });
      this.#waiters.add(waiter);
    });
  }

  close(): void {
    this.session.close();
  }
}

function everyTable(model: DatabaseSchema): MonitorTables {
  return Object.fromEntries(Object.keys(model.tables).map((table) => [table, true as const]));
}

/** Options that come first are told where they belong. */
function noTables(given: unknown): UsageError {
  const hint = isKeyed(given) ? "; options come second, after undefined for all tables" : "";
  return new UsageError(
    `the tables whose changes are wanted are a list of names, and not ${sketch(given)}${hint}`,
  );
}

/** What a condition gave, if it holds. */
function accepted<R>(value: R): { readonly value: NonNullable<R> } | undefined {
  if (value === false || value === undefined || value === null) return undefined;
  if (value instanceof Promise) {
    throw new UsageError(
      "the condition of until() gave a promise, which is always something: make it synchronous",
    );
  }
  return { value };
}
