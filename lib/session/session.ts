import {
  ClosedError,
  ConnectionLostError,
  dialSocket,
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
} from "../jsonrpc/index.ts";
import type { DatabaseSchema, MonitorTables, RowUpdate } from "../ovsdb/index.ts";
import { NotSyncedError, OutcomeUnknownError } from "./errors.ts";
import { checkServer, fetchSchema, type Monitor, openMonitor } from "./handshake.ts";
import {
  DEFAULT_DIAL_TIMEOUT,
  DEFAULT_PROBE_INTERVAL,
  DEFAULT_SYNC_IDLE_TIMEOUT,
  type SessionOptions,
} from "./options.ts";
import { Watchdog } from "./watchdog.ts";

/** What a session tells its owner, strictly in the order in which the server said it. */
export interface SessionHandlers {
  /** The server's schema is known: answers with what to monitor. The snapshot comes next. */
  onSchema(schema: DatabaseSchema): MonitorTables;
  /** The whole monitored content: everything held before is replaced. */
  onSnapshot(updates: readonly RowUpdate[]): void;
  /** Changes of one server update. */
  onUpdate(updates: readonly RowUpdate[]): void;
  /** The connection ended; what is held may be stale from now on. Called at most once. */
  onEnd(error: OvsdbError): void;
}

/** Where a session is in its life. `live`: the replica is whole and follows the server. */
export type SessionState = "connecting" | "syncing" | "live" | "ended";

/** How long to wait for the reply after a `cancel`, before the outcome of a write is called unknown. */
const CANCEL_GRACE = 1_000;

/**
 * One logical connection to one database: finds a usable server among the remotes, opens the monitor, watches that
 * the server lives, carries transactions.
 */
export class Session {
  readonly #database: string;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  #state: SessionState = "connecting";
  #peer: Peer | undefined;
  #monitor: Monitor | undefined;
  #remote = "";
  #watchdog: Watchdog | undefined;
  #probe: NodeJS.Timeout | undefined;
  #end: OvsdbError | undefined;

  private constructor(database: string, options: SessionOptions, handlers: SessionHandlers) {
    this.#database = database;
    this.#options = options;
    this.#handlers = handlers;
  }

  /**
   * Connects to the first usable remote and resolves when the first snapshot was handed to the handlers.
   * Throws `EndpointError`, `TlsError`, `ProtocolError`, `TimeoutError`, or the reason of the signal.
   */
  static async open(
    database: string,
    remotes: string | readonly string[],
    options: SessionOptions,
    handlers: SessionHandlers,
  ): Promise<Session> {
    const endpoints = parseEndpoints(typeof remotes === "string" ? remotes : remotes.join(","));
    const session = new Session(database, options, handlers);
    const failures: Error[] = [];
    for (const endpoint of endpoints) {
      options.signal?.throwIfAborted();
      try {
        await session.#connect(endpoint);
        return session;
      } catch (error) {
        session.#release();
        options.signal?.throwIfAborted();
        failures.push(error instanceof Error ? error : new ProtocolError(String(error)));
      }
    }
    const [first] = failures;
    if (failures.length === 1 && first !== undefined) throw first;
    throw new EndpointError(
      endpoints.map(formatEndpoint).join(","),
      `no usable server among ${endpoints.length} remotes: ${failures.map((failure) => failure.message).join("; ")}`,
      { cause: new AggregateError(failures), retryable: true },
    );
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

  async #connect(endpoint: Endpoint): Promise<void> {
    const remote = formatEndpoint(endpoint);
    this.#state = "connecting";
    const peer = await this.#dial(endpoint, remote);
    this.#remote = remote;
    this.#peer = peer;
    const idle = this.#options.syncIdleTimeout ?? DEFAULT_SYNC_IDLE_TIMEOUT;
    // What made us hang up, if we did: it explains more than "closed".
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      peer.close();
    };
    this.#watchdog = new Watchdog(
      idle,
      () => peer.lastReceivedAt,
      () => fail(new TimeoutError(`a byte of the first synchronisation from ${remote}`, idle)),
    );
    const abort = (): void => fail(this.#options.signal?.reason);
    this.#options.signal?.addEventListener("abort", abort, { once: true });
    try {
      // A server that knows this keeps the connection over a schema change; an older one answers with an error.
      await peer.call("set_db_change_aware", [true]).catch(ignoreRpcError);
      await checkServer(peer, this.#database, remote, this.#options.leaderOnly ?? true);
      const schema = await fetchSchema(peer, this.#database, remote);
      this.#state = "syncing";
      const tables = this.#handlers.onSchema(schema);
      await openMonitor(peer, "ovn-northbound", schema, tables, (monitor, updates) => {
        this.#monitor = monitor;
        this.#handlers.onSnapshot(updates);
        this.#state = "live";
      });
    } catch (error) {
      throw failure ?? error;
    } finally {
      this.#watchdog.stop();
      this.#options.signal?.removeEventListener("abort", abort);
    }
    // The connection may have ended in the turn in which the snapshot came.
    if (this.#end !== undefined) throw this.#end;
    this.#options.signal?.addEventListener("abort", this.#abort, { once: true });
    this.#watch(peer, endpoint);
  }

  readonly #abort = (): void => {
    this.#finish(
      new ClosedError("the connection was closed by its abort signal", {
        cause: this.#options.signal?.reason,
      }),
    );
  };

  async #dial(endpoint: Endpoint, remote: string): Promise<Peer> {
    const timeout = this.#options.dialTimeout ?? DEFAULT_DIAL_TIMEOUT;
    const expiry = AbortSignal.timeout(timeout);
    const { signal, tls } = this.#options;
    try {
      const transport = await (this.#options.dial ?? dialSocket)(endpoint, {
        signal: signal === undefined ? expiry : AbortSignal.any([signal, expiry]),
        ...(tls === undefined ? {} : { tls }),
      });
      return new Peer(
        transport,
        {
          onNotification: (method, params) => this.#notified(method, params),
          onClose: (error) => {
            if (this.#state === "live") {
              this.#finish(error ?? new ConnectionLostError(`${remote} closed the connection`));
            }
          },
        },
        this.#options.limits,
      );
    } catch (error) {
      if (expiry.aborted && !signal?.aborted) {
        throw new TimeoutError(`a connection to ${remote}`, timeout);
      }
      throw error;
    }
  }

  #notified(method: string, params: readonly Json[]): void {
    if (method === "monitor_canceled") {
      this.#finish(
        new ConnectionLostError(`${this.#remote} cancelled the monitor: the schema of the database changed`),
      );
      return;
    }
    if (this.#state !== "live") return;
    let updates: readonly RowUpdate[] | undefined;
    try {
      updates = this.#monitor?.read(method, params);
      if (updates !== undefined) this.#handlers.onUpdate(updates);
    } catch (error) {
      // A replica that missed a part of an update must not be read any more.
      this.#finish(
        error instanceof OvsdbError
          ? error
          : new ProtocolError("an update could not be applied", { cause: error }),
      );
    }
  }

  /** Probes as the C client does: `echo` after silence, the end after as much silence again. Not on unix sockets. */
  #watch(peer: Peer, endpoint: Endpoint): void {
    const interval = this.#options.probeInterval ?? DEFAULT_PROBE_INTERVAL;
    if (interval === 0 || endpoint.kind === "unix") return;
    this.#probe = setInterval(() => {
      const silence = performance.now() - peer.lastReceivedAt;
      if (silence >= 2 * interval) {
        this.#finish(
          new ConnectionLostError(`${this.#remote} has been silent for ${Math.round(silence)} ms`),
        );
      } else if (silence >= interval) {
        // Whatever the answer is, it is a sign of life; its absence is noticed by the next ticks.
        peer.call("echo", []).catch(() => undefined);
      }
    }, interval / 2);
  }

  /**
   * Sends one `transact` and returns its raw result array.
   *
   * On timeout or abort the server is asked to cancel. Throws `TimeoutError` or the signal's reason when it is certain
   * that nothing was done, `OutcomeUnknownError` when it is not, `NotSyncedError` before anything was sent.
   */
  async transact(
    operations: readonly Json[],
    options: { readonly signal?: AbortSignal; readonly timeout: number },
  ): Promise<Json> {
    const peer = this.#peer;
    if (peer === undefined || this.#state !== "live") {
      throw this.#end ?? new NotSyncedError("the connection is not live");
    }
    options.signal?.throwIfAborted();
    const stop = new AbortController();
    let reason: unknown;
    let id: number | undefined;
    let grace: NodeJS.Timeout | undefined;
    const give = (why: unknown): void => {
      if (reason !== undefined) return;
      reason = why;
      if (id !== undefined && !peer.closed) peer.notify("cancel", [id]);
      grace = setTimeout(() => stop.abort(), CANCEL_GRACE);
    };
    const timer = setTimeout(
      () => give(new TimeoutError("the reply to the transaction", options.timeout)),
      options.timeout,
    );
    const abort = (): void => give(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      return await peer.call("transact", [this.#database, ...operations], {
        signal: stop.signal,
        onSent: (given) => {
          id = given;
        },
      });
    } catch (error) {
      // Without an id nothing was sent: the error is about the request itself.
      throw id === undefined ? error : outcome(error, reason);
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends the session; pending transactions reject. Calling it again does nothing. */
  close(): void {
    this.#finish(new ClosedError("the connection was closed"));
  }

  #finish(error: OvsdbError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#state = "ended";
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#release();
    this.#handlers.onEnd(error);
  }

  #release(): void {
    this.#watchdog?.stop();
    clearInterval(this.#probe);
    this.#peer?.close();
    this.#peer = undefined;
    this.#monitor = undefined;
  }
}

/** What to throw when a `transact` got no result: did it happen or not? */
function outcome(error: unknown, reason: unknown): unknown {
  if (error instanceof RpcError) {
    // "canceled" answers our own cancel: the server gave the transaction up, so nothing was done.
    return error.error === "canceled" && reason !== undefined ? reason : error;
  }
  const why = reason ?? error;
  return new OutcomeUnknownError(
    `the transaction was sent and its reply never came (${why instanceof Error ? why.message : String(why)}): it may have been committed`,
    { cause: why },
  );
}

function ignoreRpcError(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}
