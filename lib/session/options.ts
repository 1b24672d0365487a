import {
  checkBooleans,
  checkFunctions,
  checkOptions,
  type Dial,
  type FramerLimits,
  type TlsOptions,
  UsageError,
} from "../jsonrpc/index.ts";
import type { Log } from "./log.ts";
import { checkMilliseconds, shown } from "./timers.ts";

/**
 * How one logical connection to a database is made and kept. All times are in milliseconds; `Infinity` is no limit.
 */
export interface SessionOptions {
  /** Certificates for `ssl:` remotes. Files are read again at every dial. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Use a clustered server only while it is the leader, as ovn-nbctl does.
   * @default true
   */
  readonly leaderOnly?: boolean | undefined;
  /**
   * Draw the order of the remotes at random, once for each list, as ovn-nbctl does; `false`: as they are given.
   * @default true
   */
  readonly shuffle?: boolean | undefined;
  /**
   * For how many milliseconds the first connection is tried. All remotes are tried once in any case; while this time is not over,
   * and as long as that may help, again and again, with the pauses that `minBackoff` and `maxBackoff` say.
   * @default 0
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Milliseconds: what `transact` uses as its `timeout` where none is given. Topologies and `applyRows`, which may take several
   * transactions, do not: theirs is 60000 then.
   * @default 30000
   */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds for one remote to accept the connection, TLS included. @default 5000 */
  readonly dialTimeout?: number | undefined;
  /**
   * Longest silence of the server during the first synchronisation, in milliseconds. It bounds silence (no message, and less than
   * 4 KiB of one), not the total: a large database may take many seconds to be sent.
   * @default 30000
   */
  readonly syncIdleTimeout?: number | undefined;
  /**
   * Milliseconds of silence after which the server is probed with `echo`; twice that without an answer ends the connection. 0 and
   * `Infinity` turn probes off. Unix sockets are never probed, as in the C client.
   * @default 5000
   */
  readonly probeInterval?: number | undefined;
  /**
   * When a connection that was live is lost: dial the remotes again until one answers (`true`), or end with it (`false`).
   * @default true
   */
  readonly reconnect?: boolean | undefined;
  /** Milliseconds before the second dial after a loss, at random between half of it and all; it doubles each time. @default 1000 */
  readonly minBackoff?: number | undefined;
  /** Longest such pause, in milliseconds. @default 8000 */
  readonly maxBackoff?: number | undefined;
  /** Ends the attempt to connect, and later the connection. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How much may be queued for a server that reads slowly, in bytes: while it is more, transactions wait for their turn,
   * within their `timeout`. `Infinity` is no limit.
   * @default 8388608 (8 MiB)
   */
  readonly maxUnsentBytes?: number | undefined;
  /**
   * Told what happens on the connection: changes of state, losses with their reason, resyncs, locks, transactions.
   * `(entry) => console.error(formatLogEntry(entry))` writes lines. What it throws is reported once, as a warning of the
   * process, and changes nothing else.
   */
  readonly log?: Log | undefined;
  /** Bounds on what a server may send. */
  readonly limits?: FramerLimits | undefined;
  /** Opens one connection; replaced by tests and by users with transports of their own. */
  readonly dial?: Dial | undefined;
}

/** What a session may be told. What a misspelt word may have meant is looked for in this order. */
export const SESSION_OPTIONS: Readonly<Record<keyof SessionOptions, true>> = {
  tls: true,
  leaderOnly: true,
  shuffle: true,
  connectTimeout: true,
  requestTimeout: true,
  dialTimeout: true,
  syncIdleTimeout: true,
  probeInterval: true,
  reconnect: true,
  minBackoff: true,
  maxBackoff: true,
  signal: true,
  maxUnsentBytes: true,
  log: true,
  limits: true,
  dial: true,
};

const TLS: Readonly<Record<keyof TlsOptions, true>> = {
  caFile: true,
  certFile: true,
  keyFile: true,
  ca: true,
  cert: true,
  key: true,
  verifyHostname: true,
};
const LIMITS: Readonly<Record<keyof FramerLimits, true>> = { maxFrameBytes: true, maxDepth: true };

/** Throws `UsageError` for what nobody reads in the options that hold options, and for switches and functions that are none. */
export function checkInnerOptions(options: SessionOptions): void {
  const { tls = {}, limits = {} } = options;
  checkOptions(tls, TLS, "tls.");
  checkOptions(limits, LIMITS, "limits.");
  checkBooleans(tls, ["verifyHostname"]);
  checkBooleans(options, ["leaderOnly", "shuffle", "reconnect"]);
  checkFunctions(options, ["log", "dial"]);
}

const TIMES = [
  "connectTimeout",
  "requestTimeout",
  "dialTimeout",
  "syncIdleTimeout",
  "probeInterval",
  "minBackoff",
  "maxBackoff",
] as const;

/** Throws `UsageError` for what is no number of milliseconds. */
export function checkTimes(options: SessionOptions): void {
  for (const name of TIMES) checkMilliseconds(name, options[name]);
}

export const DEFAULT_DIAL_TIMEOUT = 5_000;
export const DEFAULT_SYNC_IDLE_TIMEOUT = 30_000;
export const DEFAULT_PROBE_INTERVAL = 5_000;
export const DEFAULT_MIN_BACKOFF = 1_000;
export const DEFAULT_MAX_BACKOFF = 8_000;
export const DEFAULT_MAX_UNSENT_BYTES: number = 8 * 1024 * 1024;

/** Throws `UsageError` for what is no number of bytes. `Infinity` is one. */
export function checkBytes(name: string, value: number | undefined): void {
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw new UsageError(`${name}: ${shown(value)} is not a number of bytes`);
}
