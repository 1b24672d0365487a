import { showAs } from "../jsonrpc/index.ts";
import type { Daemon } from "./daemon.ts";
import { createDatabases } from "./database-file.ts";
import { DatabaseServer } from "./database-server.ts";
import { MissingProgramsError, SandboxError } from "./errors.ts";
import { startNorthd } from "./northd.ts";
import type { SandboxOptions, SandboxPlan } from "./options.ts";
import { planSandbox } from "./options.ts";
import { missingPrograms } from "./programs.ts";
import type { RunOptions } from "./run-program.ts";
import { runProgram } from "./run-program.ts";
import { SandboxHome } from "./sandbox-home.ts";
import type { TlsMaterial } from "./tls-material.ts";
import { makeTlsMaterial } from "./tls-material.ts";

/**
 * Starts OVN and Open vSwitch daemons in a private directory; resolves when all of them answer.
 *
 * ```ts
 * await using sandbox = await startSandbox({ northbound: true, southbound: true, northd: true });
 * await sandbox.run("ovn-nbctl", ["--wait=sb", "ls-add", "sw0"]);
 * const nb = await connectNorthbound(sandbox.northbound.remote);
 * ```
 *
 * The daemons touch nothing outside the directory, need no root, and end with {@link Sandbox.close}, with
 * `await using`, or when this process dies, however it dies. With KEEP_SANDBOX=1 in the environment the directory
 * with databases and logs stays.
 *
 * @throws MissingProgramsError naming what to install; SandboxError when a daemon does not become ready, with its
 *   log's tail; the signal's reason. Nothing is left behind then.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const plan = planSandbox(options);
  options.signal?.throwIfAborted();
  const missing = missingPrograms(plan.programs);
  if (missing.length > 0) {
    throw new MissingProgramsError(missing);
  }
  const parts = makeParts(plan);
  const { directory } = parts.home;
  const sandbox = new Sandbox(parts);
  try {
    parts.tls = plan.tls === true ? await makeTlsMaterial(directory) : undefined;
    const tls = plan.tls === true ? parts.tls?.server : plan.tls;
    // allSettled, not all: a server that is still starting must not be left to itself when another one fails.
    const starts = await Promise.allSettled(
      plan.databases.map(async ({ name, socketName, sources }) => {
        const { tcp, timeout } = plan;
        const server = new DatabaseServer({
          ...{ name, directory, socketName, tcp, tls, timeout },
          databases: await createDatabases(directory, name, sources),
        });
        parts.servers.set(name, server);
        await server.start(options.signal);
      }),
    );
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    // In the order of the options, and not as their files came to be.
    for (const { name } of plan.databases) {
      const server = parts.servers.get(name);
      if (server === undefined) continue;
      parts.servers.delete(name);
      parts.servers.set(name, server);
    }
    if (plan.northd) {
      const spec = {
        directory,
        northbound: sandbox.northbound.socket,
        southbound: sandbox.southbound.socket,
        timeout: plan.timeout,
      };
      parts.northd = await startNorthd(spec, options.signal);
    }
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** What a sandbox holds; {@link startSandbox} fills it in as things start. */
interface SandboxParts {
  readonly home: SandboxHome;
  readonly servers: Map<string, DatabaseServer>;
  northd: Daemon | undefined;
  tls: TlsMaterial | undefined;
}

function makeParts(plan: SandboxPlan): SandboxParts {
  return { home: new SandboxHome(plan.home), servers: new Map(), northd: undefined, tls: undefined };
}

/** Running daemons in a private directory; made by {@link startSandbox}. */
export class Sandbox implements AsyncDisposable {
  readonly #parts: SandboxParts;
  #closing: Promise<void> | undefined;

  static {
    showAs(Sandbox.prototype, "Sandbox", (sandbox) => ({
      directory: sandbox.directory,
      databases: Object.fromEntries([...sandbox.#parts.servers].map(([name, { remote }]) => [name, remote])),
      pids: sandbox.pids,
    }));
  }

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  /** The private directory, with sockets, databases and logs. */
  get directory(): string {
    return this.#parts.home.directory;
  }

  /** The server of the northbound database. @throws SandboxError when the sandbox was started without. */
  get northbound(): DatabaseServer {
    return this.database("northbound");
  }

  /** The server of the southbound database. @throws SandboxError when the sandbox was started without. */
  get southbound(): DatabaseServer {
    return this.database("southbound");
  }

  /** The server of the Open_vSwitch database. @throws SandboxError when the sandbox was started without. */
  get openvswitch(): DatabaseServer {
    return this.database("openvswitch");
  }

  /** The ovn-northd process. @throws SandboxError when the sandbox was started without. */
  get northd(): Daemon {
    if (this.#parts.northd === undefined) {
      throw new SandboxError("this sandbox was started without northd");
    }
    return this.#parts.northd;
  }

  /** The certificates that `tls: true` made. @throws SandboxError when the sandbox was started without. */
  get tls(): TlsMaterial {
    if (this.#parts.tls === undefined) {
      throw new SandboxError("this sandbox was started without `tls: true`");
    }
    return this.#parts.tls;
  }

  /**
   * The server that `databases` of the options named so, or "northbound", "southbound", "openvswitch".
   *
   * @throws SandboxError when there is none of that name.
   */
  database(name: string): DatabaseServer {
    const server = this.#parts.servers.get(name);
    if (server === undefined) {
      const names = [...this.#parts.servers.keys()].join(", ") || "none";
      throw new SandboxError(`this sandbox was started without a database "${name}" (it has: ${names})`);
    }
    return server;
  }

  /** Process ids of the daemons that run now, by name. */
  get pids(): Readonly<Record<string, number>> {
    const daemons = [
      ...this.#parts.servers.values(),
      ...(this.#parts.northd === undefined ? [] : [this.#parts.northd]),
    ];
    const running = daemons.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const]));
    return Object.fromEntries(running);
  }

  /** The variables through which OVN's and Open vSwitch's tools, and this project's command, find the sandbox. */
  get env(): Readonly<Record<string, string | undefined>> {
    return {
      OVN_RUNDIR: this.directory,
      OVS_RUNDIR: this.directory,
      OVN_NB_DB: this.#parts.servers.get("northbound")?.remote,
      OVN_SB_DB: this.#parts.servers.get("southbound")?.remote,
      // A daemon-mode ovn-nbctl of the caller's would answer for another database.
      OVN_NB_DAEMON: undefined,
      OVN_SB_DAEMON: undefined,
    };
  }

  /**
   * Runs a program against the sandbox, as in `run("ovn-nbctl", ["show"])`, and returns its standard output.
   *
   * @throws CommandError with the output when it ends with another exit code than 0.
   */
  run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    return runProgram(program, args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** Ends the daemons and removes the directory. Safe to call again, also while it runs. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Lets the daemons run on after this process, and gives up their care: {@link close} does nothing any more.
   * {@link stopSandbox} ends them.
   */
  async detach(): Promise<void> {
    this.#closing ??= this.#parts.home.release();
    await this.#closing;
  }

  /** Calls {@link close}; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // northd first: it would only complain about its databases leaving.
    await this.#parts.northd?.stop();
    await Promise.all([...this.#parts.servers.values()].map((server) => server.stop()));
    await this.#parts.home.close();
  }
}
