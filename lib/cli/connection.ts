import { type ConnectOptions, Database, Deadline, delay, whenSynced } from "../database/index.ts";
import {
  ConnectionLostError,
  EndpointError,
  OvsdbError,
  TimeoutError,
  unusablePem,
} from "../jsonrpc/index.ts";
import type { MonitorTables } from "../ovsdb/index.ts";
import { type Log, NotSyncedError } from "../session/index.ts";

import type { Northbound } from "../topology/index.ts";
import { CliError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { type ConnectionOptions, DEFAULT_REMOTE, REMOTE_VARIABLE } from "./options.ts";
import { inOurWords } from "./output/library-words.ts";

/** Longest time a timer of Node.js takes, in milliseconds. */
const NEVER = 2_147_483_647;

/** Milliseconds between two attempts to connect to a server that was not ready. */
const AGAIN = 250;

/** Where the database is: `--db`, else the variable, else the default. */
export function remoteOf(options: ConnectionOptions, io: Io): string {
  return options.db ?? (io.env[REMOTE_VARIABLE] || DEFAULT_REMOTE);
}

/** The time that is left to a command by `--timeout`. */
export function deadlineOf({ timeout }: Pick<ConnectionOptions, "timeout">, { begun }: Io): Deadline {
  return new Deadline(timeout === 0 ? NEVER : timeout * 1000, begun);
}

/**
 * Connects to the northbound database, runs `use` with what time is left, and closes the connection. A connection that is
 * lost meanwhile is made again while there is time.
 */
export async function withNorthbound<R>(
  options: ConnectionOptions,
  io: Io,
  wanted: Pick<ConnectOptions, "tables" | "log">,
  use: (nb: Northbound, deadline: Deadline) => Promise<R>,
): Promise<R> {
  // This model alone: the other two would take as long to load.
  const { northbound } = await import("../schemas/northbound/index.ts");
  const deadline = deadlineOf(options, io);
  const nb = await connecting(options, io, deadline, (remote, connectOptions) =>
    Database.connect(northbound, remote, { ...connectOptions, ...wanted }),
  );
  try {
    return await use(nb, deadline);
  } catch (error) {
    if (!(error instanceof TimeoutError || error instanceof NotSyncedError) || !isLost(nb)) throw error;
    throw new CliError(
      `the connection to ${remoteOf(options, io)} was lost and could not be made again within the ${options.timeout} seconds of --timeout`,
      { cause: error },
    );
  } finally {
    await nb.close();
  }
}

/**
 * Connects to the northbound database and reads from it; again, should the connection be lost just then. What reads is
 * loaded while the server gathers the content, when there is nothing else to do.
 */
export function readNorthbound<R>(
  options: ConnectionOptions,
  io: Io,
  tables: MonitorTables,
  load: () => Promise<(nb: Northbound) => R>,
): Promise<R> {
  let loading: Promise<(nb: Northbound) => R> | undefined;
  const loaded = (): Promise<(nb: Northbound) => R> => {
    loading ??= load();
    return loading;
  };
  const log: Log = ({ event, fields }) => {
    // The request leaves at the end of this turn of the event loop; not before it has left.
    if (event === "state" && fields["state"] === "syncing")
      setImmediate(() => loaded().catch(() => undefined));
  };
  return withNorthbound(options, io, { tables, log }, async (nb, deadline) => {
    const read = await loaded();
    return whenSynced(nb, () => read(nb), { deadline, signal: io.signal });
  });
}

function isLost(nb: Northbound): boolean {
  try {
    nb.tables.NB_Global.find({});
    return false;
  } catch (error) {
    return error instanceof NotSyncedError;
  }
}

/**
 * Makes a connection, whatever it is for. Where a server is there and cannot be used yet, as while a cluster elects
 * its leader, or goes away meanwhile, it is tried again until the deadline. Where nobody listens that is said at once: as a
 * rule the address is wrong.
 */
export async function connecting<R>(
  options: ConnectionOptions,
  io: Io,
  deadline: Deadline,
  connect: (remote: string, connectOptions: ConnectOptions) => Promise<R>,
): Promise<R> {
  const remote = remoteOf(options, io);
  // The signal of a connection ends it also later on. Once there is one, transactions end by themselves, more gently:
  // they ask the server to cancel, and know whether it did.
  const attempt = new AbortController();
  const stop = (): void => attempt.abort(io.signal.reason);
  io.signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(
    () => attempt.abort(new TimeoutError(`the content of ${remote}`, deadline.timeout)),
    deadline.left,
  );
  try {
    io.signal.throwIfAborted();
    io.progress(`connecting to ${remote}`);
    const connectOptions: ConnectOptions = {
      leaderOnly: options.leaderOnly,
      shuffle: options.shuffleRemotes,
      signal: attempt.signal,
      ...(await tlsOf(remote, options, attempt.signal)),
    };
    let failure: unknown;
    try {
      return await connect(remote, connectOptions);
    } catch (error) {
      if (!isPassing(error)) throw error;
      failure = error;
    }
    for (;;) {
      const why = failure instanceof Error ? inOurWords(failure.message) : String(failure);
      io.progress(`connecting to ${remote}: ${why}`);
      try {
        await delay(Math.min(AGAIN, deadline.left), attempt.signal);
        return await connect(remote, connectOptions);
      } catch (error) {
        // What was wrong with the server tells more than that the time is over.
        if (attempt.signal.aborted && !io.signal.aborted) throw failure;
        if (!(error instanceof OvsdbError) || !error.retryable) throw error;
        failure = error;
      }
    }
  } finally {
    clearTimeout(timer);
    io.signal.removeEventListener("abort", stop);
    io.progress("");
  }
}

/** Whether a failure is one that passes by itself, and soon: a server is there, or was a moment ago. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof OvsdbError) || !error.retryable) return false;
  const { cause } = error;
  if (cause instanceof AggregateError) return cause.errors.some(isPassing);
  // The operating system's reason for a dial that failed is its cause; a member of a cluster gives its own.
  return error instanceof ConnectionLostError || (error instanceof EndpointError && cause === undefined);
}

/** Only `ssl:` has a use for keys, and what reads them takes time to load. */
async function tlsOf(
  remote: string,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Pick<ConnectOptions, "tls">> {
  if (!/(?:^|,)\s*ssl:/.test(remote)) return {};
  const { readTlsOptions } = await import("./tls-options.ts");
  const tls = await readTlsOptions(options, unusablePem, signal);
  return Object.keys(tls).length === 0 ? {} : { tls };
}
