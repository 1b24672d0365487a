/**
 * What happened in a session since it was opened, over all its connections. Numbers only ever grow.
 *
 * Fields are counted up in place by whoever sees the thing happen; {@link readCounters} makes a copy for others.
 */
export class Counters {
  /** Messages that came in: replies, updates, probes of the server. */
  messagesReceived = 0;
  messagesSent = 0;
  bytesReceived = 0;
  /** Characters, which are bytes as long as they are ASCII. */
  bytesSent = 0;
  /** Times that the session became live, the first time included. */
  connections = 0;
  /** Attempts to reach a remote after the session had been live once. */
  redials = 0;
  /** Connections that were live and ended although nobody closed the session. */
  losses = 0;
  /** Servers that were left, or refused, since they were silent after a probe. */
  probeFailures = 0;
  /** Snapshots after the first one that replaced everything. */
  resyncsFull = 0;
  /** Resumptions in which the server sent only what had changed meanwhile. */
  resyncsFast = 0;
  /** Updates that could not follow from what came before; each leads to a full resync. */
  impossibleUpdates = 0;
  /** Rows in snapshots and updates. */
  rowsReceived = 0;
  /** Calls of `transact` that wrote something; also those whose `wait` did not end well. */
  committed = 0;
  /** Calls of `transact` that had nothing to send, were dry, or only read. */
  unchanged = 0;
  /** Runs of a transaction's function for which somebody else was faster; as a rule each was repeated. */
  conflicts = 0;
  /** Calls of `transact` that ended in an error, and nothing was changed. */
  failed = 0;
  /** Calls of `transact` of which it is not known whether something was changed. */
  unknown = 0;
  /** Calls of `transact` whose reply was lost and that were then found to be committed; also in `committed`. */
  settled = 0;
}

/** Counters at one moment, as plain data. */
export type CounterValues = { readonly [K in keyof Counters]: number };

/** The present values, which no longer change. */
export function readCounters(counters: Counters): CounterValues {
  return { ...counters };
}
