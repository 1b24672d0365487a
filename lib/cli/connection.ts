import { readFile } from "node:fs/promises";
import { type ConnectOptions, type Database, Deadline } from "../database/index.ts";
import { TimeoutError, type TlsOptions } from "../jsonrpc/index.ts";

import type { Northbound } from "../topology/index.ts";
import type { Io } from "./io.ts";
import { DEFAULT_REMOTE, type GlobalOptions, REMOTE_VARIABLE } from "./options.ts";
import { tryTo } from "./sources.ts";

/** Longest time a timer of Node.js takes, in milliseconds. */
const NEVER = 2_147_483_647;

/** Where the database is: `--db`, else the variable, else the default. */
export function remoteOf(options: GlobalOptions, io: Io): string {
  return options.db ?? (io.env[REMOTE_VARIABLE] || DEFAULT_REMOTE);
}

/** The time that is left to a command by `--timeout`. */
export function deadlineOf(options: GlobalOptions): Deadline {
  return new Deadline(options.timeout === 0 ? NEVER : options.timeout * 1000);
}

/** Connects to the northbound database, runs `use` with what time is left, and closes the connection. */
export async function withNorthbound<R>(
  options: GlobalOptions,
  io: Io,
  tables: ConnectOptions["tables"],
  use: (nb: Northbound, deadline: Deadline) => Promise<R>,
): Promise<R> {
  const { connectNorthbound } = await import("../schemas/index.ts");
  const deadline = deadlineOf(options);
  const nb = await connecting(options, io, deadline, (remote, connectOptions) =>
    connectNorthbound(remote, {
      ...connectOptions,
      reconnect: false,
      ...(tables === undefined ? {} : { tables }),
    }),
  );
  try {
    return await use(nb, deadline);
  } finally {
    await nb.close();
  }
}

/** Makes a connection, whichever model it has, within the deadline. */
export async function connecting<D extends Pick<Database<Record<never, never>>, "close">>(
  options: GlobalOptions,
  io: Io,
  deadline: Deadline,
  connect: (remote: string, connectOptions: ConnectOptions) => Promise<D>,
): Promise<D> {
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
    const tls = await tlsOptions(remote, options);
    return await connect(remote, {
      leaderOnly: options.leaderOnly,
      signal: attempt.signal,
      ...(tls === undefined ? {} : { tls }),
    });
  } finally {
    clearTimeout(timer);
    io.signal.removeEventListener("abort", stop);
    io.progress("");
  }
}

/** Reads the files here, so that an error names the option and not the library's. Only `ssl:` has a use for them. */
async function tlsOptions(remote: string, options: GlobalOptions): Promise<TlsOptions | undefined> {
  if (!/(?:^|,)\s*ssl:/.test(remote)) return undefined;
  const read = async (option: string, file: string | undefined): Promise<Uint8Array | undefined> =>
    file === undefined ? undefined : tryTo(`read --${option}`, file, () => readFile(file));
  const key = await read("private-key", options.privateKey);
  const cert = await read("certificate", options.certificate);
  const ca = await read("ca-cert", options.caCert);
  const tls: TlsOptions = {
    ...(key === undefined ? {} : { key }),
    ...(cert === undefined ? {} : { cert }),
    ...(ca === undefined ? {} : { ca }),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
