import { OvsdbError } from "../jsonrpc/index.ts";
import { type CounterValues, type LockStatus, readCounters, type SessionState } from "../session/index.ts";
import type { Link } from "./link.ts";

/** What a handle is doing, as plain data that `JSON.stringify` takes. Times are in milliseconds. */
export interface Status {
  /** Name of the database. */
  readonly database: string;
  /** Whether rows can be read now: the replica is whole. What a health check asks for. */
  readonly synced: boolean;
  /** Where the connection is in its life. */
  readonly state: SessionState;
  /** How long it has been in that state, in milliseconds. */
  readonly inState: number;
  /** The remote in use or being tried, or the last one. */
  readonly remote: string;
  /** What the server says of itself in its database `_Server`; null without a connection, and for servers before 2.9. */
  readonly server: StatusServer | null;
  /** Milliseconds to the next dial, in a pause between dials; null otherwise. */
  readonly nextDial: number | null;
  /** Why the last connection was lost or left; null if none was. */
  readonly lastLoss: StatusError | null;
  /** Why none of the remotes that were dialled since then could be used; null as soon as one is in use. */
  readonly lastRefusal: StatusError | null;
  /** Why the handle has ended; null while it has not. */
  readonly endedBy: StatusError | null;
  /** Transactions that are under way, those included that wait for a slow server to take what was sent before. */
  readonly pendingTransactions: number;
  /** What was given to the socket and has not left the process, in bytes. */
  readonly unsentBytes: number;
  /** The locks that are wanted. */
  readonly locks: readonly LockStatus[];
  /** Rows in memory; 0 when they cannot be read. */
  readonly rows: number;
  /** What has happened since the handle was opened. */
  readonly counters: CounterValues;
}

/** What a server says of itself (ovsdb-server(5)). */
export interface StatusServer {
  /** `standalone`, `clustered` or `relay`. */
  readonly model: string;
  /** Whether it is in touch with a majority of its cluster, or as a relay with its source. */
  readonly connected: boolean;
  /** Whether it leads its cluster; a standalone server always does, a relay never. */
  readonly leader: boolean;
  /** The cluster's id. */
  readonly cid: string | null;
  /** How much of the cluster's log it has; with `leaderOnly` as of the dial. */
  readonly index: number | null;
}

/** An error, as plain data. */
export interface StatusError {
  /** As of an `OvsdbError`; the `name` of any other error. */
  readonly code: string;
  readonly message: string;
}

/** The status of a link. Works in every state, and after the end. */
export function statusOf(link: Link): Status {
  const { session } = link;
  session.updates.catchUp();
  const { since, server, lastLoss, lastRefusal, nextDial, pending, unsent } = session.details;
  const now = performance.now();
  return {
    database: link.model.name,
    synced: link.whole,
    state: session.state,
    inState: now - since,
    remote: session.remote,
    server: server === undefined ? null : { ...server, cid: server.cid ?? null, index: server.index ?? null },
    nextDial: nextDial === undefined ? null : Math.max(0, nextDial - now),
    lastLoss: plain(lastLoss),
    lastRefusal: plain(lastRefusal),
    endedBy: plain(session.endedBy),
    pendingTransactions: pending,
    unsentBytes: unsent,
    locks: session.locks.status,
    rows: link.whole ? link.replica.size : 0,
    counters: readCounters(session.counters),
  };
}

/** What is shown of a handle that is logged: why it cannot be read is told only where it cannot. */
export function shownOf({ database, remote, state, synced, rows, ...more }: Status): object {
  const { lastLoss, lastRefusal, endedBy } = more;
  const why = Object.entries({ lastLoss, lastRefusal, endedBy }).filter(([, error]) => error !== null);
  return { database, remote, state, synced, ...(synced ? { rows } : Object.fromEntries(why)) };
}

function plain(error: Error | undefined): StatusError | null {
  if (error === undefined) return null;
  // A `dial` of the caller's throws what it likes.
  return { code: error instanceof OvsdbError ? error.code : error.name, message: error.message };
}
