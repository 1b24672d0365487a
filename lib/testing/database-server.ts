import { join } from "node:path";
import { ask } from "./control.ts";
import { Daemon } from "./daemon.ts";
import { SandboxError } from "./errors.ts";
import { runProgram } from "./run-program.ts";
import { socketPath } from "./sandbox-directory.ts";
import type { SchemaSource } from "./schema-source.ts";
import { schemaFile } from "./schema-source.ts";

/** Where a sandbox's servers listen on TCP besides their unix sockets. */
export type TcpAddress = "127.0.0.1" | "::1";

/** What a database server of a sandbox is made of. */
export interface DatabaseServerSpec {
  /** Name in its sandbox, such as "northbound". */
  readonly name: string;
  readonly directory: string;
  /** File name of its socket: OVN's and Open vSwitch's own names, so that their tools find it by directory. */
  readonly socketName: string;
  readonly sources: readonly SchemaSource[];
  readonly tcp: TcpAddress | undefined;
  readonly timeout: number;
}

/** One ovsdb-server(1) of a sandbox. */
export class DatabaseServer {
  /** Where a client connects: "unix:" and the path of the socket. */
  readonly remote: string;
  /** Path of the socket in `remote`. */
  readonly socket: string;
  readonly #spec: DatabaseServerSpec;
  readonly #daemon: Daemon;
  // The port that the kernel chose, kept over restarts so that clients can come back to it.
  #port: number | undefined;

  private constructor(spec: DatabaseServerSpec, files: readonly string[]) {
    this.#spec = spec;
    this.socket = socketPath(spec.directory, spec.socketName);
    this.remote = `unix:${this.socket}`;
    this.#daemon = this.#makeDaemon(files);
  }

  /** Makes the server's empty databases and starts it; resolves when it answers. */
  static async start(spec: DatabaseServerSpec, signal?: AbortSignal): Promise<DatabaseServer> {
    // Checks the name's length before anything is made.
    socketPath(spec.directory, `${spec.name}.ctl`);
    const files = await Promise.all(spec.sources.map((source, index) => makeDatabase(spec, source, index)));
    const server = new DatabaseServer(spec, files);
    await server.start(signal);
    return server;
  }

  /** Name in its sandbox. */
  get name(): string {
    return this.#spec.name;
  }

  /** "tcp:127.0.0.1:PORT" or "tcp:[::1]:PORT"; undefined unless the sandbox was started with `tcp`. */
  get tcp(): string | undefined {
    const host = this.#spec.tcp === "::1" ? "[::1]" : this.#spec.tcp;
    return host === undefined || this.#port === undefined ? undefined : `tcp:${host}:${this.#port}`;
  }

  /** Process id while it runs, else undefined. */
  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  /** Path of the file with what the server printed. */
  get logFile(): string {
    return this.#daemon.logFile;
  }

  /** Ends the server. Its databases stay: {@link start} serves them again at the same remotes. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  /** Starts the server again after {@link stop} or a crash. */
  start(signal?: AbortSignal): Promise<void> {
    return this.#daemon.start(signal);
  }

  /** Sends a signal: SIGSTOP and SIGCONT pause and resume it, SIGKILL is a crash. Returns false when it does not run. */
  signal(name: NodeJS.Signals): boolean {
    return this.#daemon.signal(name);
  }

  /** Runs an `ovs-appctl` command in the server, such as ("ovsdb-server/reconnect"), and returns its answer. */
  appctl(command: string, ...args: string[]): Promise<string> {
    return this.#daemon.appctl(command, ...args);
  }

  #makeDaemon(files: readonly string[]): Daemon {
    const { directory, name, tcp, timeout } = this.#spec;
    const server = this;
    return new Daemon({
      name,
      program: "ovsdb-server",
      directory,
      timeout,
      get args(): string[] {
        const host = tcp === "::1" ? "[::1]" : tcp;
        const listen = host === undefined ? [] : [`--remote=ptcp:${server.#port ?? 0}:${host}`];
        return [`--remote=punix:${server.socket}`, ...listen, ...files];
      },
      isReady: async (daemon, signal) => {
        if (tcp !== undefined && server.#port === undefined) {
          // list-remotes answers with the 0 that was asked for; only the log has the port the kernel chose.
          const port = /listening on port (\d+)/.exec(daemon.log())?.[1];
          server.#port = port === undefined ? undefined : Number(port);
        }
        await ask(server.socket, "list_dbs", [], signal);
        return tcp === undefined || server.#port !== undefined;
      },
    });
  }
}

/** Makes an empty database file and returns its path. */
async function makeDatabase(spec: DatabaseServerSpec, source: SchemaSource, index: number): Promise<string> {
  const base = join(spec.directory, index === 0 ? spec.name : `${spec.name}-${index + 1}`);
  const schema = schemaFile(source, spec.name, `${base}.ovsschema`);
  try {
    await runProgram("ovsdb-tool", ["create", `${base}.db`, schema]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError(`the ${spec.name} database could not be made: ${why}`, { cause });
  }
  return `${base}.db`;
}
