import { ClosedError, type Json } from "../jsonrpc/index.ts";
import type { DatabaseSchema } from "../ovsdb/index.ts";
import { monitorTables, Replica, type RowChange, selectTables } from "../replica/index.ts";
import { NotSyncedError, Session } from "../session/index.ts";
import { type ChangeBatch, ChangeStream } from "./changes.ts";
import type { ConnectOptions, UntilOptions } from "./options.ts";
import { Deadline } from "./timing.ts";

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
  #whole = false;
  #ended: unknown;
  /** Servers before Open vSwitch 2.13 refuse `uuid` in an insert; set to false when that is found out. */
  takesChosenUuids = true;
  readonly #streams = new Set<ChangeStream>();
  readonly #waiters = new Set<Waiter>();

  private constructor(model: DatabaseSchema, options: ConnectOptions) {
    this.#model = model;
    this.#options = options;
  }

  static async open(
    model: DatabaseSchema,
    remotes: string | readonly string[],
    options: ConnectOptions,
  ): Promise<Link> {
    const link = new Link(model, options);
    link.#session = await Session.open(model.name, remotes, options, {
      onSchema: (schema) => {
        const selection = selectTables(model, schema, options.tables);
        link.#schema = schema;
        link.#replica = new Replica(selection);
        return monitorTables(selection);
      },
      onSnapshot: (updates) => {
        link.#replica?.apply(updates);
        link.#whole = true;
      },
      onUpdate: (updates) => {
        link.#changed(link.#replica?.apply(updates) ?? []);
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

  /** The replica, if it may be read now. Throws `NotSyncedError`. */
  get replica(): Replica {
    if (!this.#whole || this.#replica === undefined) {
      throw new NotSyncedError(
        this.#ended instanceof ClosedError
          ? "the database handle is closed"
          : "the replica is not whole: the connection to the server was lost",
        { cause: this.#ended },
      );
    }
    return this.#replica;
  }

  send(
    operations: readonly Json[],
    options: { readonly signal?: AbortSignal; readonly timeout: number },
  ): Promise<Json> {
    return this.session.transact(operations, options);
  }

  #changed(changes: readonly RowChange[]): void {
    if (changes.length === 0) return;
    for (const stream of this.#streams) stream.push("update", changes);
    for (const waiter of [...this.#waiters]) waiter.test();
  }

  #end(error: unknown): void {
    this.#whole = false;
    this.#ended = error;
    const quiet = error instanceof ClosedError;
    for (const stream of [...this.#streams]) stream.end(quiet ? undefined : error);
    for (const waiter of [...this.#waiters]) waiter.fail(error);
  }

  /** Changes of these tables from now on; with `initial`, first the present rows as inserts. */
  changes(
    tables: readonly string[] | undefined,
    options: { readonly signal?: AbortSignal; readonly initial?: boolean },
  ): AsyncIterableIterator<ChangeBatch> {
    const { replica } = this;
    for (const table of tables ?? []) replica.table(table);
    options.signal?.throwIfAborted();
    const abort = (): void => stream.end(options.signal?.reason);
    const stream = new ChangeStream(tables, () => {
      this.#streams.delete(stream);
      options.signal?.removeEventListener("abort", abort);
    });
    this.#streams.add(stream);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.initial === true) {
      stream.push(
        "initial",
        [...replica.tables].flatMap((table) => table.asInserts()),
      );
    }
    return stream;
  }

  /** Resolves with the first value of `test` that is neither false nor undefined nor null. */
  until<R>(test: () => R, options: UntilOptions, what: string): Promise<NonNullable<R>> {
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      const deadline = options.timeout === undefined ? undefined : new Deadline(options.timeout);
      const done = (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        test: () => {
          try {
            const value = test();
            if (value === false || value === undefined || value === null) return;
            done();
            resolve(value);
          } catch (error) {
            waiter.fail(error);
          }
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      const abort = (): void => waiter.fail(options.signal?.reason);
      const timer =
        deadline === undefined
          ? undefined
          : setTimeout(() => waiter.fail(deadline.error(what)), deadline.timeout);
      this.#waiters.add(waiter);
      options.signal?.addEventListener("abort", abort, { once: true });
      waiter.test();
    });
  }

  close(): void {
    this.session.close();
  }
}
