import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { ask } from "./control.ts";
import { MissingProgramsError, SandboxError } from "./errors.ts";
import type { ProgramName } from "./programs.ts";
import { findProgram, missingPrograms, searchPath } from "./programs.ts";

/** How to start one daemon of a sandbox. */
export interface DaemonSpec {
  /** Name of the daemon in its sandbox; names its files. */
  readonly name: string;
  readonly program: ProgramName;
  readonly args: readonly string[];
  /** The sandbox's directory. */
  readonly directory: string;
  /** Milliseconds it may take to become ready. */
  readonly timeout: number;
  /** Asked again and again until it gives true; a throw means "not yet". */
  readonly isReady: (daemon: Daemon, signal: AbortSignal) => Promise<boolean>;
  /** Where it runs. Linux only. Default: here, as a child of this process. */
  readonly within?: Enclosure;
  /** The program has no option --unixctl, as ovn-controller(8) until 23.03, and names its control socket itself. */
  readonly ownControlSocket?: true;
}

/** A place with namespaces of its own, in which programs can be run. */
export interface Enclosure {
  /**
   * A command, such as nsenter(1) with its options, that runs a program as its child and ends with it; killed, it
   * takes the program along.
   */
  readonly command: readonly string[];
  /** Whether programs and process ids there are others than here, as in a container. */
  readonly foreign: boolean;
}

const stopGrace = 2_000;
const pollInterval = 3;
const logTailLines = 20;

const writePid = 'echo "$$" > "$0" && exec "$@"';
// In a PID namespace `$$` is a number that means nothing out here; /proc, mounted out here, has ours.
const writeOuterPid = 'read -r pid rest < /proc/self/stat && echo "$pid" > "$0" && exec "$@"';

/** One process of a sandbox. It can be stopped, killed, paused and started again while the sandbox lives. */
export class Daemon {
  readonly #spec: DaemonSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve("it was never started");

  constructor(spec: DaemonSpec) {
    this.#spec = spec;
  }

  /** Name of the daemon in its sandbox, such as "northbound" or "northd". */
  get name(): string {
    return this.#spec.name;
  }

  /** Process id while it runs, else undefined. */
  get pid(): number | undefined {
    const { within } = this.#spec;
    const own = this.#child?.pid;
    if (within === undefined || own === undefined) {
      return own;
    }
    try {
      if (within.foreign) {
        // What the daemon knows as its id means nothing here; but it is the one child of the command.
        return Number(readFileSync(`/proc/${own}/task/${own}/children`, "utf8").trim()) || undefined;
      }
      return Number(readFileSync(this.#pidFile, "utf8").trim()) || undefined;
    } catch {
      return undefined;
    }
  }

  get #pidFile(): string {
    return join(this.#spec.directory, "pids", this.#spec.name);
  }

  /** Path of the file with everything the daemon printed, over all its starts. */
  get logFile(): string {
    return join(this.#spec.directory, `${this.#spec.name}.log`);
  }

  /** Path of the socket that `ovs-appctl -t` takes. */
  get controlSocket(): string {
    return this.#ownSockets[0] ?? join(this.#spec.directory, `${this.#spec.name}.ctl`);
  }

  /** Control sockets named `PROGRAM.PID.ctl`, with an id that in a PID namespace is not the one we know. */
  get #ownSockets(): readonly string[] {
    const { directory, ownControlSocket, program } = this.#spec;
    return ownControlSocket === undefined
      ? []
      : readdirSync(directory)
          .filter((file) => file.startsWith(`${program}.`) && file.endsWith(".ctl"))
          .map((file) => join(directory, file));
  }

  /** What the daemon has printed so far. */
  log(): string {
    try {
      return readFileSync(this.logFile, "utf8");
    } catch {
      return "";
    }
  }

  /**
   * Starts the daemon and resolves when it is ready for work. Does nothing while it runs.
   *
   * @throws MissingProgramsError, or SandboxError with the log's tail when it ends or is not ready in time.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#child !== undefined) {
      return;
    }
    const logStart = this.log().length;
    this.#spawn();
    const deadline = AbortSignal.timeout(this.#spec.timeout);
    const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    const trouble = await Promise.race([this.#ended, this.#untilReady(stop)]);
    if (trouble === undefined) {
      return;
    }
    await this.stop();
    signal?.throwIfAborted();
    throw new SandboxError(
      `${this.#spec.program} (${this.name}): ${trouble}${tail(this.log().slice(logStart))}`,
    );
  }

  /**
   * Ends the daemon, gently at first, by force after two seconds, and resolves when the process is gone.
   * Its database stays, so {@link start} continues where it was.
   */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) {
      return;
    }
    child.ref();
    this.signal("SIGTERM");
    // A paused process does not see the first signal.
    this.signal("SIGCONT");
    const force = setTimeout(() => {
      this.signal("SIGKILL");
      child.kill("SIGKILL");
    }, stopGrace);
    await this.#ended;
    clearTimeout(force);
  }

  /** Sends a signal: SIGSTOP and SIGCONT pause and resume it, SIGKILL is a crash. Returns false when it does not run. */
  signal(name: NodeJS.Signals): boolean {
    const { pid } = this;
    if (this.#spec.within === undefined || pid === undefined) {
      return this.#child?.kill(name) ?? false;
    }
    try {
      process.kill(pid, name);
    } catch {
      return false;
    }
    // nsenter(1) stops itself with its child, and a stopped one would not tell that the child has ended.
    if (name !== "SIGSTOP") {
      this.#child?.kill("SIGCONT");
    }
    return true;
  }

  /** Runs an `ovs-appctl` command in the daemon, such as ("vlog/set", "dbg"), and returns what it answers. */
  async appctl(command: string, ...args: string[]): Promise<string> {
    try {
      return String(await ask(this.controlSocket, command, args, AbortSignal.timeout(this.#spec.timeout)));
    } catch (cause) {
      throw new SandboxError(`${this.name}: ${command}: ${String(cause)}`, { cause });
    }
  }

  #spawn(): void {
    const { directory, program, within } = this.#spec;
    const path = within?.foreign === true ? program : findProgram(program);
    if (path === undefined) {
      throw new MissingProgramsError(missingPrograms([program]));
    }
    const pidFile = this.#pidFile;
    rmSync(pidFile, { force: true });
    // Standard error to a file, not to a pipe: nothing is lost or blocked when this process goes first.
    const output = openSync(this.logFile, "a");
    for (const left of this.#ownSockets) {
      rmSync(left, { force: true });
    }
    const control = this.#spec.ownControlSocket === undefined ? [`--unixctl=${this.controlSocket}`] : [];
    const logging = ["-vconsole:info", "-vsyslog:off", "-vfile:off", ...control];
    const script = within === undefined ? writePid : writeOuterPid;
    const [command = "/bin/sh", ...args] = [...(within?.command ?? []), "/bin/sh", "-c", script];
    const child = spawn(command, [...args, pidFile, path, ...logging, ...this.#spec.args], {
      cwd: directory,
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...process.env, PATH: searchPath(), OVS_RUNDIR: directory, OVN_RUNDIR: directory },
    });
    closeSync(output);
    // A forgotten sandbox must not keep its process alive; the reaper sees to the rest.
    child.unref();
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        this.#child = undefined;
        rmSync(pidFile, { force: true });
        resolve(how);
      };
      child.once("exit", (code, signal) => onEnd(`ended with ${signal ?? `exit code ${code}`}`));
      child.once("error", (error) => onEnd(`${basename(path)} could not be run: ${error.message}`));
    });
  }

  /** Resolves with undefined when ready, with the reason when time is up. */
  async #untilReady(signal: AbortSignal): Promise<string | undefined> {
    let reason = "no answer";
    while (!signal.aborted && this.#child !== undefined) {
      try {
        if (await this.#spec.isReady(this, signal)) {
          return undefined;
        }
        reason = "it answers, but is not ready";
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, pollInterval));
    }
    return `not ready after ${this.#spec.timeout} ms (${reason})`;
  }
}

function tail(log: string): string {
  const lines = log.trimEnd().split("\n").slice(-logTailLines);
  return lines.join("") === ""
    ? "\n(its log is empty)"
    : `\n${lines.map((line) => `  | ${line}`).join("\n")}`;
}
