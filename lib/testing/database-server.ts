import { join } from "node:path";
import { anyPort, chosenPort, type Listener } from "./chosen-port.ts";
import { ask } from "./control.ts";
import { Daemon } from "./daemon.ts";
import { SandboxError } from "./errors.ts";
import { runProgram } from "./run-program.ts";
import { socketPath } from "./sandbox-directory.ts";
import type { SchemaSource } from "./schema-source.ts";
import { schemaFile } from "./schema-source.ts";
import type { TlsFiles } from "./tls-material.ts";
import { tlsOptions } from "./tls-material.ts";

/** Where a sandbox's servers listen on TCP besides their unix sockets. */
export type TcpAddress = "127.0.0.1" | "::1";

/** What a database server of a sandbox is made of. */
export interface DatabaseServerSpec {
  /** Name in its sandbox, such as "northbound". */
  readonly name: string;
  readonly directory: string;
  /** File name of its socket: OVN's and Open vSwitch's own names, so that their tools find it by directory. */
  readonly socketName: string;
  /** What it serves, as ovsdb-server(1) takes it: paths of files, or "relay:DATABASE:REMOTES". */
  readonly databases: readonly string[];
  readonly tcp: TcpAddress | undefined;
  readonly tls: TlsFiles | undefined;
  readonly timeout: number;
}

/** One ovsdb-server(1) of a sandbox or a cluster. */
export class DatabaseServer {
  /** Where a client connects: "unix:" and the path of the socket. */
  readonly remote: string;
  /** Path of the socket in `remote`. */
  readonly socket: string;
  readonly #spec: DatabaseServerSpec;
  readonly #daemon: Daemon;
  // The ports that the kernel chose, kept over restarts so that clients can come back to them.
  readonly #ports: Map<Listener, number> = new Map();
  #paused = false;
  #conversions = 0;

  /** A server that was not started yet. @throws SandboxError for a name too long for a socket. */
  constructor(spec: DatabaseServerSpec) {
    this.#spec = spec;
    socketPath(spec.directory, `${spec.name}.ctl`);
    this.socket = socketPath(spec.directory, spec.socketName);
    this.remote = `unix:${this.socket}`;
    this.#daemon = this.#makeDaemon();
  }

  /** Name in its sandbox. */
  get name(): string {
    return this.#spec.name;
  }

  /** "tcp:127.0.0.1:PORT" or "tcp:[::1]:PORT". @throws SandboxError when it was started without `tcp`. */
  get tcp(): string {
    return `tcp:${this.#host}:${this.#port("tcp")}`;
  }

  /** "ssl:127.0.0.1:PORT" or "ssl:[::1]:PORT". @throws SandboxError when it was started without `tls`. */
  get ssl(): string {
    return `ssl:${this.#host}:${this.#port("tls")}`;
  }

  /** Process id while it runs, else undefined. */
  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  /** Whether it runs and is not paused, so that it can be expected to answer. */
  get isRunning(): boolean {
    return this.pid !== undefined && !this.#paused;
  }

  /** Path of the file with what the server printed. */
  get logFile(): string {
    return this.#daemon.logFile;
  }

  /** Ends the server. Its databases stay: {@link start} serves them again at the same remotes. */
  async stop(): Promise<void> {
    await this.#daemon.stop();
    this.#paused = false;
  }

  /** Ends the server as a crash or a power cut would, with SIGKILL, and resolves when the process is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.stop();
  }

  /** Starts the server again after {@link stop}, {@link kill} or a crash; resolves when it answers. */
  start(signal?: AbortSignal): Promise<void> {
    return this.#daemon.start(signal);
  }

  /** {@link stop} and {@link start}: the same databases at the same remotes, in a new process. */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.stop();
    await this.start(signal);
  }

  /** Freezes the server with SIGSTOP: connections stay and new ones are accepted by the kernel, but nothing is answered. */
  pause(): void {
    this.signal("SIGSTOP");
  }

  /** Lets the server go on after {@link pause}. */
  resume(): void {
    this.signal("SIGCONT");
  }

  /** Sends a signal: SIGSTOP and SIGCONT pause and resume it, SIGKILL is a crash. Returns false when it does not run. */
  signal(name: NodeJS.Signals): boolean {
    const sent = this.#daemon.signal(name);
    if (sent && (name === "SIGSTOP" || name === "SIGCONT")) {
      this.#paused = name === "SIGSTOP";
    }
    return sent;
  }

  /** Runs an `ovs-appctl` command in the server, such as ("ovsdb-server/reconnect"), and returns its answer. */
  appctl(command: string, ...args: string[]): Promise<string> {
    return this.#daemon.appctl(command, ...args);
  }

  /**
   * Converts the database of the schema's name to that schema, while the server runs and clients work
   * (ovsdb-client(1), "convert").
   *
   * @throws CommandError when the server refuses, with its words.
   */
  async convert(schema: Exclude<SchemaSource, true>): Promise<void> {
    await convertDatabase(this.remote, schema, this.#nextSchemaFile());
  }

  #nextSchemaFile(): string {
    this.#conversions++;
    return join(this.#spec.directory, `${this.name}-conversion-${this.#conversions}.ovsschema`);
  }

  #port(listener: Listener): number {
    const port = this.#ports.get(listener);
    if (port === undefined)
      throw new SandboxError(
        `the server ${this.name} was started without \`${listener}\`: start it with \`${listener}: true\``,
      );
    return port;
  }

  get #host(): string {
    return this.#spec.tcp === "::1" ? "[::1]" : "127.0.0.1";
  }

  get #listeners(): readonly Listener[] {
    const { tcp, tls } = this.#spec;
    return [
      ...(tcp === undefined ? [] : (["tcp"] as const)),
      ...(tls === undefined ? [] : (["tls"] as const)),
    ];
  }

  #makeDaemon(): Daemon {
    const { databases, directory, name, timeout, tls } = this.#spec;
    const server = this;
    return new Daemon({
      name,
      program: "ovsdb-server",
      directory,
      timeout,
      get args(): string[] {
        const listen = server.#listeners.map((listener) => {
          const method = listener === "tcp" ? "ptcp" : "pssl";
          return `--remote=${method}:${server.#ports.get(listener) ?? anyPort[listener]}:${server.#host}`;
        });
        return [`--remote=punix:${server.socket}`, ...listen, ...tlsOptions(tls), ...databases];
      },
      isReady: async (daemon, signal) => {
        for (const listener of server.#listeners.filter((one) => !server.#ports.has(one))) {
          // list-remotes answers with the 0 that was asked for; only the log has the port the kernel chose.
          const port = chosenPort(daemon.log(), listener);
          if (port !== undefined) server.#ports.set(listener, port);
        }
        await ask(server.socket, "list_dbs", [], signal);
        return server.#listeners.every((listener) => server.#ports.has(listener));
      },
    });
  }
}

/**
 * Converts a running database; of several remotes the tool finds the leader.
 *
 * @param file where a schema object is written to.
 */
export async function convertDatabase(
  remotes: string,
  schema: Exclude<SchemaSource, true>,
  file: string,
): Promise<void> {
  await runProgram("ovsdb-client", ["convert", remotes, schemaFile(schema, "this", file)]);
}
