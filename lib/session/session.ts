import {
  ClosedError,
  ConnectionLostError,
  type Endpoint,
  formatEndpoint,
  type Json,
  type OvsdbError,
  type Peer,
  ProtocolError,
  RpcError,
  UsageError,
} from "../jsonrpc/index.ts";
import type { MonitorTables, WrittenOperations } from "../ovsdb/index.ts";
import { Carrier } from "./carrier.ts";
import { asOvsdbError, Connection, type ConnectionOwner, ignoreRpcError } from "./connection.ts";
import { Counters } from "./counters.ts";
import { NotSyncedError } from "./errors.ts";
import { Events } from "./events.ts";
import type { SessionHandlers } from "./handlers.ts";
import type { Locks } from "./locks.ts";
import { type Monitor, type MonitorContent, openMonitor } from "./monitor.ts";
import { onAbort } from "./on-abort.ts";
import { checkBytes, checkTimes, DEFAULT_MAX_UNSENT_BYTES, type SessionOptions } from "./options.ts";
import { Remotes } from "./remotes.ts";
import { type FailedAttempt, Search } from "./search.ts";
import type { ServerSchema } from "./server-schema.ts";
import { type Seen, ServerWatch } from "./server-watch.ts";
import type { SessionDetails, SessionState } from "./state.ts";
import type { SendOptions } from "./transact.ts";
import { Updates } from "./updates.ts";

/**
 * One logical connection to one database, as a state machine (drawn in docs/architecture.md): finds a usable server
 * among the remotes, opens the monitor, watches that the server lives and is fit, carries transactions. When the
 * connection is lost, or its server had better be left, it finds a server again.
 */
export class Session {
  readonly counters: Counters = new Counters();
  readonly events: Events;
  /** Those that came and wait: to be caught up with before anything that they tell is read. */
  readonly updates: Updates;
  readonly #carrier: Carrier;
  readonly #database: string;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #search: Search;
  readonly #owner: ConnectionOwner;
  readonly #stop = new AbortController();
  /** Aborts when the session ends, with why. */
  readonly endSignal: AbortSignal = this.#stop.signal;
  readonly #seen: Seen = { cid: undefined, index: 0 };
  #state: SessionState = "connecting";
  #since: number = performance.now();
  /** The one in use, or being opened. */
  #connection: Connection | undefined;
  #remote = "";
  #schema: ServerSchema | undefined;
  /** What filled the replica that the owner holds, as long as that is known to be what the server said. */
  #filledBy: Monitor | undefined;
  #wasLive = false;
  /** Whether somebody has the session; until then a failure to connect is the error of `open`. */
  #opened = false;
  #lastLoss: OvsdbError | undefined;
  #stopListening: (() => void) | undefined;
  #end: OvsdbError | undefined;

  private constructor(
    database: string,
    remotes: string | readonly string[],
    options: SessionOptions,
    handlers: SessionHandlers,
  ) {
    this.#database = database;
    const list = new Remotes(remotes, options.shuffle ?? true, database);
    this.#search = new Search(list, options, this.#stop.signal, {
      attempt: (endpoint) => this.#attempt(endpoint),
      onRefusal: (remote, { message: reason }) =>
        this.events.note("info", "remote-refused", { remote, reason }),
      onPause: (reason) => this.#enter("waiting", reason),
    });
    this.#options = options;
    this.#handlers = handlers;
    this.events = new Events(database, options.log);
    const { maxUnsentBytes = DEFAULT_MAX_UNSENT_BYTES } = options;
    this.#carrier = new Carrier(database, this.events, maxUnsentBytes);
    this.updates = new Updates(this.counters, this.events, handlers, () => {
      this.#filledBy = undefined;
    });
    this.#owner = {
      counters: this.counters,
      events: this.events,
      notifiedText: (connection, message) => this.updates.told(connection, message),
      notified: (connection, method, params) => this.#notified(connection, method, params),
      failed: (connection, error) => this.#failed(connection, error),
    };
  }

  /**
   * Connects to the first usable remote and resolves when the first snapshot was handed to the handlers.
   *
   * Throws `EndpointError`, `TlsError`, `ProtocolError`, `ConnectionLostError`, `TimeoutError`, `UsageError`, or the
   * reason of the signal. When several remotes failed, it is an `EndpointError` with an `AggregateError` as its cause.
   */
  static async open(
    database: string,
    remotes: string | readonly string[],
    options: SessionOptions,
    handlers: SessionHandlers,
  ): Promise<Session> {
    checkTimes(options);
    checkBytes("maxUnsentBytes", options.maxUnsentBytes);
    const { signal, connectTimeout = 0 } = options;
    const session = new Session(database, remotes, options, handlers);
    signal?.throwIfAborted();
    session.#stopListening = onAbort(signal, () =>
      session.#finish(
        new ClosedError("the connection was closed by its abort signal", { cause: signal?.reason }),
      ),
    );
    try {
      await session.#search.run(performance.now() + connectTimeout);
    } catch (error) {
      session.close();
      signal?.throwIfAborted();
      throw error;
    }
    signal?.throwIfAborted();
    session.#opened = true;
    session.#search.backoff.reset();
    return session;
  }

  /** The locks that this session wants. */
  get locks(): Locks {
    return this.#carrier.locks;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The remote in use or being tried, or the last one, as in `tcp:127.0.0.1:6641`. */
  get remote(): string {
    return this.#remote;
  }

  get details(): SessionDetails {
    const server = this.#connection?.server.info;
    const { pending, unsent } = this.#carrier;
    const { nextPass: nextDial } = this.#search;
    // The search hears of its end a little later.
    const lastRefusal = this.#state === "live" ? undefined : this.#search.lastRefusal;
    return { since: this.#since, server, lastLoss: this.#lastLoss, lastRefusal, nextDial, pending, unsent };
  }

  /** Why the session ended, if it did. */
  get endedBy(): OvsdbError | undefined {
    return this.#end;
  }

  #enter(state: SessionState, reason?: Error): void {
    if (state === this.#state && state !== "connecting") return;
    this.#state = state;
    this.#since = performance.now();
    this.events.state(state, { remote: this.#remote, ...(reason === undefined ? {} : { reason }) });
  }

  /** Tries to use one remote. */
  async #attempt(endpoint: Endpoint): Promise<FailedAttempt | undefined> {
    const { leaderOnly = true } = this.#options;
    const server = new ServerWatch(this.#database, formatEndpoint(endpoint), leaderOnly, this.#seen);
    const connection = new Connection(endpoint, this.#options, server, this.#owner);
    this.#connection = connection;
    this.#remote = connection.remote;
    if (this.#opened) this.counters.redials += 1;
    try {
      await this.#connect(connection);
      return undefined;
    } catch (error) {
      connection.fail(error);
      this.#connection = undefined;
      this.#stop.signal.throwIfAborted();
      // A mistake of the caller's is none of the server's, and the next one would not change it. But what worked before is no
      // mistake: the schema lost what was asked for, and may get it back.
      if (error instanceof UsageError && !this.#opened) throw error;
      const failure = error instanceof Error ? error : new ProtocolError(String(error));
      return { error: failure, answered: connection.refused };
    }
  }

  async #connect(connection: Connection): Promise<void> {
    this.#enter("connecting");
    await connection.dial();
    await connection.synchronise(async (peer) => {
      // A server that knows this keeps the connection over a schema change; an older one answers with an error.
      const aware = peer.call("set_db_change_aware", [true]).catch(ignoreRpcError);
      await Promise.all([aware, connection.server.open(peer)]);
      this.#judge(connection);
      await this.#sync(connection, peer);
    });
    // It may have ended since the last reply came: whoever waited for the content goes on before this does.
    connection.checkOpen();
    connection.established = true;
    this.#search.backoff.live();
    this.counters.connections += 1;
    connection.probe();
  }

  /** Leaves a server that says that it must not be used. */
  #judge(connection: Connection): void {
    const objection = connection.server.objection();
    connection.refused ||= objection !== undefined;
    if (objection === undefined) connection.server.noteSeen();
    else connection.fail(objection);
  }

  /** Reads the schema and opens the monitor; again, when the schema is another one before that is done. */
  async #sync(connection: Connection, peer: Peer): Promise<void> {
    connection.syncBegan = connection.round === 0 ? connection.began : performance.now();
    connection.syncing = true;
    for (let round = -1; connection.filled !== round; ) {
      round = connection.round;
      const { monitor: earlier } = connection;
      connection.schema = undefined;
      connection.monitor = undefined;
      // Unless the server has cancelled it, it would go on sending.
      if (earlier !== undefined) await peer.call("monitor_cancel", [earlier.id]).catch(ignoreRpcError);
      const schema = await connection.fetchSchema(peer, this.#database, this.#schema);
      if (schema === undefined) continue;
      this.#schema = schema;
      connection.schema = schema;
      this.#enter("syncing");
      const plan = { round, schema, tables: this.#handlers.onSchema(schema.schema), last: this.#filledBy };
      const opening = openMonitor(peer, plan, {
        onRows: (texts) => connection.round === round && this.#handlers.onRows(texts),
        onRefused: (error) => (connection.round === round ? this.#handlers.onRefused?.(error) : undefined),
        onOpen: (monitor, reply, cut) => {
          connection.monitor = monitor;
          if (connection.round !== round) return;
          // Should it fail, the next synchronisation begins from nothing.
          this.#filledBy = undefined;
          this.#fill(connection, peer, monitor.opened(reply, cut));
          this.#filledBy = monitor;
        },
      });
      await opening.catch((error: unknown) => {
        // What was refused was asked for by the schema before.
        if (connection.round === round || !(error instanceof RpcError)) throw error;
      });
    }
  }

  /** Takes in what a monitor begins with, and is live. */
  #fill(connection: Connection, peer: Peer, { resumed, rows, updates }: MonitorContent): void {
    connection.syncing = false;
    connection.filled = connection.round;
    this.counters.rowsReceived += rows;
    this.#handlers[resumed ? "onResume" : "onSnapshot"](updates);
    // A handler may have closed us.
    if (peer.closed) return;
    this.#enter("live");
    this.#carrier.connected(peer, connection.server);
    if (resumed) this.counters.resyncsFast += 1;
    else if (this.#wasLive) this.counters.resyncsFull += 1;
    const kind = resumed ? "fast" : this.#wasLive ? "full" : "initial";
    this.#wasLive = true;
    const { remote, syncBegan } = connection;
    this.events.resync({ kind, remote, rows, milliseconds: performance.now() - syncBegan });
    // Last: whoever waited for it may send a transaction at once, or close us.
    this.#handlers.onLive?.();
  }

  #notified(connection: Connection, method: string, params: readonly Json[]): void {
    if (this.updates.told(connection, { method, params })) return;
    if (this.#carrier.notified(method, params)) return;
    if (connection.server.notified(method, params)) {
      this.#judge(connection);
    } else if (method === "monitor_canceled" && connection.cancelled(params[0])) {
      this.#resync(connection);
    }
  }

  /** Everything is read anew, on the same connection. */
  #resync(connection: Connection, why = "the schema of the database has changed"): void {
    connection.round += 1;
    // What is under way notices by itself.
    if (connection.syncing || connection !== this.#connection) return;
    // What waits is about the present content; the next one has it.
    this.updates.catchUp();
    if (connection !== this.#connection) return;
    connection.syncing = true;
    const reason = new ConnectionLostError(`${connection.remote}: ${why}`);
    this.#enter("syncing", reason);
    this.#handlers.onLost(reason);
    connection
      .synchronise((peer) => this.#sync(connection, peer))
      .catch((error: unknown) => connection.fail(error));
  }

  #failed(connection: Connection, error: OvsdbError): void {
    // What it said before is as true as ever.
    this.updates.catchUp();
    if (connection !== this.#connection) return;
    if (!connection.established) {
      // Its content came and it went: what is held follows no server. At once, for whoever waited for the content goes on now.
      if (connection.filled !== undefined) this.#leave(error);
      return;
    }
    this.#lastLoss = error;
    this.#connection = undefined;
    if (this.#options.reconnect === false) {
      this.#finish(error);
      return;
    }
    this.counters.losses += 1;
    this.#search.remotes.leave(connection.endpoint);
    this.#search.backoff.lost(connection.refused);
    this.#enter("waiting", error);
    this.#leave(error);
    // A handler may have closed us.
    if (this.#end !== undefined) return;
    this.#search.run().catch((error: unknown) => {
      // After the end that is its own reason.
      this.#finish(asOvsdbError(error, "the connection cannot be made again"));
    });
  }

  /** Nothing that was on a live connection is there any more. */
  #leave(reason: OvsdbError): void {
    this.#carrier.disconnected(reason);
    this.#handlers.onLost(reason);
  }

  /**
   * Replaces the list of remotes. The connection stays when its remote is among them; else another one is made, at once.
   * Throws `EndpointError`, with nothing changed, when one is not understood; what ended the session, if it has ended.
   */
  setRemotes(remotes: string | readonly string[]): void {
    if (this.#end !== undefined) throw this.#end;
    this.#search.remotes.replace(remotes);
    const connection = this.#connection;
    if (connection !== undefined && this.#search.remotes.has(connection.endpoint)) return;
    if (connection?.established === true) this.#search.backoff.reset();
    connection?.fail(new ConnectionLostError(`${connection.remote} is no longer among the remotes`));
    this.#search.hurry();
  }

  /**
   * Monitors other rows of the same tables, on the connection there is. To be called again only when it is over; the
   * owner's `onSchema` answers with the same from now on. Throws `NotSyncedError` when the session is not live any more,
   * `UnsupportedError` when the server cannot do it, `RpcError` when it refuses, and what ended the connection.
   */
  async changeConditions(tables: MonitorTables): Promise<void> {
    const connection = this.#connection;
    const { peer, monitor } = connection ?? {};
    if (this.#state !== "live" || connection === undefined || peer === undefined || monitor === undefined) {
      throw this.#end ?? new NotSyncedError("the connection is not live");
    }
    try {
      await monitor.change(peer, tables);
    } catch (error) {
      // It may have done some of it, or does it with another monitor.
      if (error instanceof RpcError || error instanceof NotSyncedError)
        this.#resync(connection, error.message);
      throw error;
    }
  }

  /** Sends one `transact` and resolves with its raw result array; see {@link Carrier.transact}. */
  transact(operations: WrittenOperations, options: SendOptions): Promise<Json> {
    if (this.#state !== "syncing") {
      const reply = this.#carrier.transact(operations, options);
      this.updates.sent();
      return reply;
    }
    // What it was made from is of an older schema.
    return Promise.reject(new NotSyncedError("the schema of the database has changed"));
  }

  /** Ends the session; pending transactions reject. Calling it again does nothing. */
  close(): void {
    this.#finish(new ClosedError("the connection was closed"));
  }

  #finish(error: OvsdbError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#enter("ended", error);
    this.#stopListening?.();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#stop.abort(error);
    connection?.fail(error);
    this.#carrier.ended(error);
    if (this.#opened) this.#handlers.onEnd(error);
  }
}
