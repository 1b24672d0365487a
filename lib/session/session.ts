import {
  ClosedError,
  ConnectionLostError,
  type Endpoint,
  EndpointError,
  formatEndpoint,
  type Json,
  OvsdbError,
  Peer,
  ProtocolError,
  parseEndpoints,
  RpcError,
  TimeoutError,
  type Transport,
  UsageError,
} from "../jsonrpc/index.ts";
import type { DatabaseSchema, MonitorTables, RowUpdate } from "../ovsdb/index.ts";
import { Backoff } from "./backoff.ts";
import { Carrier } from "./carrier.ts";
import { Counters } from "./counters.ts";
import { dialInTime } from "./dial.ts";
import { Events } from "./events.ts";
import { checkServer, fetchSchema, type Monitor, openMonitor } from "./handshake.ts";
import type { Locks } from "./locks.ts";
import { onAbort } from "./on-abort.ts";
import {
  checkBytes,
  DEFAULT_MAX_UNSENT_BYTES,
  DEFAULT_PROBE_INTERVAL,
  DEFAULT_SYNC_IDLE_TIMEOUT,
  type SessionOptions,
} from "./options.ts";
import { Prober } from "./prober.ts";
import type { SessionState } from "./state.ts";
import { checkMilliseconds } from "./timers.ts";
import type { SendOptions } from "./transact.ts";
import { Watchdog } from "./watchdog.ts";

const TIMES = ["dialTimeout", "syncIdleTimeout", "probeInterval", "minBackoff", "maxBackoff"] as const;

/** What a session tells its owner, strictly in the order in which the server said it. */
export interface SessionHandlers {
  /** The server's schema is known, of each connection anew: answers with what to monitor. The snapshot comes next. */
  onSchema(schema: DatabaseSchema): MonitorTables;
  /** The whole monitored content: everything held before is replaced. */
  onSnapshot(updates: readonly RowUpdate[]): void;
  /** Changes of one server update. */
  onUpdate(updates: readonly RowUpdate[]): void;
  /** The connection was lost, and another one is sought; what is held may be stale until the next snapshot. */
  onLost(error: OvsdbError): void;
  /** The session has ended for good. Called at most once. */
  onEnd(error: OvsdbError): void;
}

/**
 * One logical connection to one database: finds a usable server among the remotes, opens the monitor, watches that
 * the server lives, carries transactions. When the connection is lost it finds a server again.
 */
export class Session {
  readonly counters: Counters = new Counters();
  readonly events: Events;
  readonly #carrier: Carrier;
  readonly #database: string;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #endpoints: readonly Endpoint[];
  readonly #backoff: Backoff;
  /** Aborts when the session ends: stops a redial. */
  readonly #stop = new AbortController();
  #state: SessionState = "connecting";
  /** Whether the connection is made; until then a failure is that of one remote, and the next is tried. */
  #connected = false;
  /** Why the present remote is given up: it explains more than "closed", which is what its calls then reject with. */
  #failure: { readonly error: unknown } | undefined;
  #peer: Peer | undefined;
  #monitor: Monitor | undefined;
  #remote = "";
  /** Whether the server in use is no member of a cluster. */
  #isAlone = false;
  #prober: Prober | undefined;
  #stopListening: (() => void) | undefined;
  #end: OvsdbError | undefined;

  private constructor(
    database: string,
    endpoints: readonly Endpoint[],
    options: SessionOptions,
    handlers: SessionHandlers,
  ) {
    this.events = new Events(database, options.log);
    const { maxUnsentBytes = DEFAULT_MAX_UNSENT_BYTES } = options;
    this.#carrier = new Carrier(database, this.events, maxUnsentBytes);
    this.#database = database;
    this.#endpoints = endpoints;
    this.#backoff = new Backoff(options);
    this.#options = options;
    this.#handlers = handlers;
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
    for (const name of TIMES) checkMilliseconds(name, options[name]);
    checkBytes("maxUnsentBytes", options.maxUnsentBytes);
    const endpoints = parseEndpoints(typeof remotes === "string" ? remotes : remotes.join(","));
    const session = new Session(database, endpoints, options, handlers);
    const failures = await session.#tryRemotes(options.signal);
    if (failures === undefined) {
      session.#stopListening = onAbort(options.signal, () =>
        session.#finish(
          new ClosedError("the connection was closed by its abort signal", { cause: options.signal?.reason }),
        ),
      );
      return session;
    }
    const [first] = failures;
    if (failures.length === 1 && first !== undefined) throw first;
    throw new EndpointError(
      endpoints.map(formatEndpoint).join(","),
      `no usable server among ${endpoints.length} remotes: ${failures.map((failure) => failure.message).join("; ")}`,
      {
        cause: new AggregateError(failures),
        retryable: failures.some((failure) => failure instanceof OvsdbError && failure.retryable),
      },
    );
  }

  /** The locks that this session wants. */
  get locks(): Locks {
    return this.#carrier.locks;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The remote in use, as in `tcp:127.0.0.1:6641`. */
  get remote(): string {
    return this.#remote;
  }

  /** Why the session ended, if it did. */
  get endedBy(): OvsdbError | undefined {
    return this.#end;
  }

  /** One pass over the remotes, up to the first usable one; else what was wrong with each. Throws the signal's reason. */
  async #tryRemotes(signal: AbortSignal | undefined): Promise<readonly Error[] | undefined> {
    const failures: Error[] = [];
    for (const endpoint of this.#endpoints) {
      signal?.throwIfAborted();
      try {
        await this.#connect(endpoint, signal);
        return undefined;
      } catch (error) {
        const handedOver = this.#state === "live";
        this.#disconnect();
        // The snapshot came and the connection went with it: what is held follows no server.
        if (handedOver) {
          const reason = asOvsdbError(error, "the connection cannot be used on");
          this.#carrier.disconnected(reason);
          this.#handlers.onLost(reason);
        }
        signal?.throwIfAborted();
        // A mistake of the caller's is none of the server's, and the next one would not change it.
        if (error instanceof UsageError) throw error;
        failures.push(error instanceof Error ? error : new ProtocolError(String(error)));
      }
    }
    return failures;
  }

  async #redial(): Promise<void> {
    const { signal } = this.#stop;
    try {
      do {
        this.#state = "waiting";
        await this.#backoff.pause(signal);
      } while ((await this.#tryRemotes(signal)) !== undefined);
    } catch (error) {
      // After the end that is its own reason; else the schema no longer has what the caller asked for.
      this.#finish(asOvsdbError(error, "the connection cannot be made again"));
    }
  }

  async #connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
    const { leaderOnly = true, syncIdleTimeout: idle = DEFAULT_SYNC_IDLE_TIMEOUT } = this.#options;
    const remote = formatEndpoint(endpoint);
    this.#state = "connecting";
    this.#failure = undefined;
    this.#remote = remote;
    const transport = await dialInTime(endpoint, this.#options, signal);
    if (signal?.aborted) {
      transport.close();
      throw signal.reason;
    }
    const peer = this.#makePeer(transport);
    this.#peer = peer;
    const watchdog = new Watchdog(
      idle,
      () => peer.lastReceivedAt,
      () => this.#fail(new TimeoutError(`a byte of the first synchronisation from ${remote}`, idle)),
    );
    const stopListening = onAbort(signal, () => this.#fail(signal?.reason));
    try {
      // A server that knows this keeps the connection over a schema change; an older one answers with an error.
      await peer.call("set_db_change_aware", [true]).catch(ignoreRpcError);
      this.#isAlone = await checkServer(peer, this.#database, remote, leaderOnly);
      const schema = await fetchSchema(peer, this.#database, remote);
      this.#state = "syncing";
      const tables = this.#handlers.onSchema(schema);
      await openMonitor(peer, "ovn-northbound", schema, tables, (monitor, updates) => {
        this.#monitor = monitor;
        this.#handlers.onSnapshot(updates);
        this.#state = "live";
        // Not later: who waited for the replica may send a transaction at once.
        this.#carrier.connected(peer, { remote, cancelIsFinal: this.#isAlone });
      });
    } catch (error) {
      throw this.#reasonOr(error);
    } finally {
      watchdog.stop();
      stopListening();
    }
    // The connection may have ended in the turn in which the snapshot came.
    if (peer.closed) throw this.#reasonOr(new ConnectionLostError(`${remote} closed the connection`));
    this.#connected = true;
    this.#backoff.live();
    this.#watch(peer, endpoint);
  }

  #makePeer(transport: Transport): Peer {
    return new Peer(
      transport,
      {
        onNotification: (method, params) => this.#notified(method, params),
        onClose: (error) =>
          this.#fail(error ?? new ConnectionLostError(`${this.#remote} closed the connection`)),
      },
      this.#options.limits,
      this.counters,
    );
  }

  /** The connection is of no use any more: it is lost, or while it is still being opened, this remote is done. */
  #fail(error: unknown): void {
    if (this.#connected) {
      this.#lose(asOvsdbError(error, "the connection cannot be used on"));
      return;
    }
    this.#failure ??= { error };
    this.#peer?.close();
  }

  #reasonOr(error: unknown): unknown {
    return this.#failure === undefined ? error : this.#failure.error;
  }

  #notified(method: string, params: readonly Json[]): void {
    if (method === "monitor_canceled") {
      this.#fail(
        new ConnectionLostError(`${this.#remote} cancelled the monitor: the schema of the database changed`),
      );
      return;
    }
    if (this.#state !== "live") return;
    try {
      if (this.#carrier.notified(method, params)) return;
      const updates = this.#monitor?.read(method, params);
      if (updates !== undefined) this.#handlers.onUpdate(updates);
    } catch (error) {
      // A replica that missed a part of an update must not be read any more.
      this.#fail(asOvsdbError(error, "an update could not be applied"));
    }
  }

  #lose(error: OvsdbError): void {
    if (this.#options.reconnect === false) {
      this.#finish(error);
      return;
    }
    this.#state = "waiting";
    this.#disconnect();
    this.#carrier.disconnected(error);
    this.#backoff.lost();
    this.#handlers.onLost(error);
    // A handler may have closed us.
    if (this.#end === undefined) void this.#redial();
  }

  /** Not on unix sockets, where a server that has died closes the connection. */
  #watch(peer: Peer, endpoint: Endpoint): void {
    const interval = this.#options.probeInterval ?? DEFAULT_PROBE_INTERVAL;
    if (interval === 0 || interval === Number.POSITIVE_INFINITY || endpoint.kind === "unix") return;
    this.#prober = new Prober(peer, interval, (silence) =>
      this.#fail(new ConnectionLostError(`${this.#remote} has been silent for ${Math.round(silence)} ms`)),
    );
  }

  /** Sends one `transact` and returns its raw result array; see {@link Carrier.transact}. */
  transact(operations: readonly Json[], options: SendOptions): Promise<Json> {
    return this.#carrier.transact(operations, options);
  }

  /** Ends the session; pending transactions reject. Calling it again does nothing. */
  close(): void {
    this.#finish(new ClosedError("the connection was closed"));
  }

  #finish(error: OvsdbError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#state = "ended";
    this.#stopListening?.();
    this.#stop.abort(error);
    this.#disconnect();
    this.#carrier.ended(error);
    this.#handlers.onEnd(error);
  }

  #disconnect(): void {
    // First, as closing the peer tells us of its end.
    this.#connected = false;
    this.#prober?.stop();
    this.#prober = undefined;
    this.#peer?.close();
    this.#peer = undefined;
    this.#monitor = undefined;
  }
}

function asOvsdbError(error: unknown, what: string): OvsdbError {
  return error instanceof OvsdbError ? error : new ProtocolError(what, { cause: error });
}

function ignoreRpcError(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}
