import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Daemon } from "./daemon.ts";
import { DatabaseServer } from "./database-server.ts";
import { MissingProgramsError, SandboxError } from "./errors.ts";
import { startNorthd } from "./northd.ts";
import type { SandboxOptions, SandboxPlan } from "./options.ts";
import { planSandbox } from "./options.ts";
import { missingPrograms } from "./programs.ts";
import { Reaper } from "./reaper.ts";
import type { RunOptions } from "./run-program.ts";
import { runProgram } from "./run-program.ts";
import { makeSandboxDirectory, removeSandboxDirectory } from "./sandbox-directory.ts";

/** File that marks a directory as a sandbox's, for {@link stopSandbox}. */
export const markerName: string = "sandbox.json";

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
  const parts = makeParts(makeSandboxDirectory(options.parentDirectory), plan);
  const sandbox = new Sandbox(parts);
  try {
    const specs = plan.databases.map((database) => ({
      ...database,
      directory: parts.directory,
      tcp: plan.tcp,
      timeout: plan.timeout,
    }));
    // allSettled, not all: a server that is still starting must not be left to itself when another one fails.
    const starts = await Promise.allSettled(
      specs.map(async (spec) => {
        parts.servers.set(spec.name, await DatabaseServer.start(spec, options.signal));
      }),
    );
    const failed = starts.find((start) => start.status === "rejected");
    if (failed !== undefined) {
      throw failed.reason;
    }
    if (plan.northd) {
      const spec = {
        directory: parts.directory,
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
  readonly directory: string;
  readonly keep: boolean;
  readonly tellKept: boolean;
  readonly reaper: Reaper;
  readonly servers: Map<string, DatabaseServer>;
  northd: Daemon | undefined;
}

function makeParts(directory: string, plan: SandboxPlan): SandboxParts {
  // First of all, so that there is no moment in which dying would leave something behind.
  const reaper = new Reaper(directory, plan.keep);
  mkdirSync(join(directory, "pids"));
  writeFileSync(join(directory, markerName), `${JSON.stringify({ directory })}\n`);
  return {
    directory,
    keep: plan.keep,
    tellKept: plan.tellKept,
    reaper,
    servers: new Map(),
    northd: undefined,
  };
}

/** Running daemons in a private directory; made by {@link startSandbox}. */
export class Sandbox implements AsyncDisposable {
  readonly #parts: SandboxParts;
  #closing: Promise<void> | undefined;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  /** The private directory, with sockets, databases and logs. */
  get directory(): string {
    return this.#parts.directory;
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
    this.#closing ??= this.#parts.reaper.release();
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
    if (!this.#parts.keep) {
      removeSandboxDirectory(this.directory);
    } else if (this.#parts.tellKept) {
      process.stderr.write(`KEEP_SANDBOX: ${this.directory}\n`);
    }
    await this.#parts.reaper.release();
  }
}
