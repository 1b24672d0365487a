import {
  ConnectionLostError,
  closeTransport,
  type Endpoint,
  type FrameText,
  formatEndpoint,
  type Json,
  OvsdbError,
  Peer,
  ProtocolError,
  RpcError,
  TimeoutError,
} from "../jsonrpc/index.ts";
import type { Counters } from "./counters.ts";
import { dialInTime } from "./dial.ts";
import type { Events } from "./events.ts";
import type { Monitor } from "./monitor.ts";
import { DEFAULT_PROBE_INTERVAL, DEFAULT_SYNC_IDLE_TIMEOUT, type SessionOptions } from "./options.ts";
import { Prober } from "./prober.ts";
import { fetchSchema, type ServerSchema } from "./server-schema.ts";
import type { ServerWatch } from "./server-watch.ts";
import { LONGEST_DELAY } from "./timers.ts";
import { Watchdog } from "./watchdog.ts";

/** Name of the monitor of no table. */
const SCHEMA_WATCH = "ovn-northbound-schema";

/** Whom a connection tells what happens on it. */
export interface ConnectionOwner {
  readonly counters: Counters;
  readonly events: Events;
  /** As `notified`, before the message is parsed: says whether that need not be done. */
  notifiedText(connection: Connection, message: FrameText): boolean;
  notified(connection: Connection, method: string, params: readonly Json[]): void;
  /** It is of no use any more, and closed. Told once. */
  failed(connection: Connection, error: OvsdbError): void;
}

/**
 * One connection to one server, from the dial to its end, and what is known of it.
 *
 * It keeps the reason why it ended: that explains more than "closed", which is what its calls then reject with.
 */
export class Connection {
  readonly remote: string;
  readonly endpoint: Endpoint;
  /** When it was begun, by `performance.now()`. */
  readonly began: number = performance.now();
  readonly server: ServerWatch;

  // What the session takes down here as it goes, since it ends with the connection. First of the synchronisation that is under way, or
  // else of the last one.

  /** Counts what makes a synchronisation begin anew: whatever was asked before is of an older schema. */
  round = 0;
  /** Whether a synchronisation is under way. */
  syncing = false;
  /** When it was begun. */
  syncBegan = 0;
  /** The schema that is read with; undefined until it is known, which {@link cancelled} goes by. */
  schema: ServerSchema | undefined;
  /** What fills the replica; undefined as well when the server has cancelled it. */
  monitor: Monitor | undefined;
  /** The last round whose content the replica has held, if it has held any that came over it. */
  filled: number | undefined;

  // Then of the connection as such.

  /** Whether the server has said that it must not be used: it is healthy, and another one may be better. */
  refused = false;
  /** Whether the session has taken it over; until then a failure is told to who opens it. */
  established = false;

  readonly #options: SessionOptions;
  readonly #owner: ConnectionOwner;
  readonly #dialling = new AbortController();
  #peer: Peer | undefined;
  #prober: Prober | undefined;
  /** Whether the server will say so when the database gets another schema. */
  #watchesSchema = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(endpoint: Endpoint, options: SessionOptions, server: ServerWatch, owner: ConnectionOwner) {
    this.endpoint = endpoint;
    this.remote = formatEndpoint(endpoint);
    this.server = server;
    this.#options = options;
    this.#owner = owner;
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  async dial(): Promise<void> {
    const transport = await dialInTime(this.endpoint, this.#options, this.#dialling.signal);
    if (this.#failure !== undefined) {
      closeTransport(transport);
      throw this.#failure.error;
    }
    this.#peer = new Peer(
      transport,
      {
        onText: (message) => this.#owner.notifiedText(this, message),
        onNotification: (method, params) => this.#owner.notified(this, method, params),
        onClose: (error) =>
          this.fail(error ?? new ConnectionLostError(`${this.remote} closed the connection`)),
      },
      this.#options.limits,
      this.#owner.counters,
    );
  }

  /** Runs a synchronisation, as long as the server is not silent for too long. Throws why the connection failed, if it did. */
  async synchronise(step: (peer: Peer) => Promise<void>): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) throw new ConnectionLostError(`${this.remote} is not connected`);
    const idle = this.#options.syncIdleTimeout ?? DEFAULT_SYNC_IDLE_TIMEOUT;
    const watchdog = new Watchdog(
      idle,
      () => peer.lastReceivedAt,
      () => this.fail(new TimeoutError(`a byte of the first synchronisation from ${this.remote}`, idle)),
    );
    try {
      await step(peer);
    } catch (error) {
      throw this.#failure === undefined ? error : this.#failure.error;
    } finally {
      watchdog.stop();
    }
  }

  /** Throws why it ended, if it did. */
  checkOpen(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * Reads the schema; `undefined` when it has changed meanwhile. Of later changes {@link cancelled} tells: a server cancels
   * every monitor then, also one of no table, which can be opened first. What `_Server` says of the schema tells less: of a
   * server that is alone it stays as it was (ovsdb-server 3.1 to 3.7, update_database_status).
   */
  async fetchSchema(
    peer: Peer,
    database: string,
    known: ServerSchema | undefined,
  ): Promise<ServerSchema | undefined> {
    const watching = this.#watchesSchema
      ? undefined
      : peer.call("monitor", [database, SCHEMA_WATCH, {}]).catch(ignoreRpcError);
    this.#watchesSchema = true;
    const [schema] = await Promise.all([fetchSchema(peer, database, this.remote, known), watching]);
    return this.#watchesSchema ? schema : undefined;
  }

  /** Takes in that the server has cancelled a monitor; says whether everything is to be read anew. */
  cancelled(id: Json | undefined): boolean {
    if (id === SCHEMA_WATCH) {
      this.#watchesSchema = false;
      // Who is asking for the schema hears of it.
      return this.schema !== undefined;
    }
    if (id === undefined || id !== this.monitor?.id) return false;
    this.monitor = undefined;
    return true;
  }

  /** Not on unix sockets, where a server that has died closes the connection. */
  probe(): void {
    const interval = this.#options.probeInterval ?? DEFAULT_PROBE_INTERVAL;
    const peer = this.#peer;
    // The prober looks at half of it. What no timer can hold is never, as with all times; Node.js would look each millisecond.
    if (interval === 0 || interval / 2 > LONGEST_DELAY || this.endpoint.kind === "unix") return;
    if (peer === undefined || peer.closed) return;
    this.#prober = new Prober(peer, interval, (silence) => {
      this.#owner.counters.probeFailures += 1;
      this.#owner.events.note("warn", "probe-failed", { remote: this.remote });
      this.fail(new ConnectionLostError(`${this.remote} has been silent for ${Math.round(silence)} ms`));
    });
  }

  /** Ends the connection for this reason, unless it has ended before. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#prober?.stop();
    this.#dialling.abort(error);
    this.#peer?.close();
    this.#owner.failed(this, asOvsdbError(error, "the connection cannot be used on"));
  }
}

export function asOvsdbError(error: unknown, what: string): OvsdbError {
  return error instanceof OvsdbError ? error : new ProtocolError(what, { cause: error });
}

/** For requests that some servers do not know. */
export function ignoreRpcError(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}
