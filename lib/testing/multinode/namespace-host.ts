import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Enclosure } from "../daemon.ts";
import { SandboxError } from "../errors.ts";
import { searchPath } from "../programs.ts";
import type { RunOptions } from "../run-program.ts";
import { checkCommand, runProgram } from "../run-program.ts";
import type { WellKnownDatabase } from "../schema-source.ts";
import { installedSchema } from "../schema-source.ts";
import type { Backend } from "./backend.ts";
import { unshareOptions } from "./probe.ts";

/**
 * The namespaces that a cluster is in: a process that does nothing but hold them, with a process id namespace of which
 * it is the first process. When it ends, the kernel kills all others there and every namespace and interface goes
 * with them. It reads from a pipe that only this process holds open, so it also ends with this process, however that ends.
 */
export class NamespaceHost implements Backend {
  readonly kind = "namespaces";
  /** All ends with the one process. */
  readonly endCommands: readonly (readonly string[])[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #userNamespace: boolean;
  #pid = 0;

  private constructor(child: ChildProcess, userNamespace: boolean) {
    this.#child = child;
    this.#userNamespace = userNamespace;
    // Not "close": that waits for pipes which, as they are unref'd, do not keep a process alive that waits for them.
    this.#ended = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  /**
   * Makes the namespaces.
   *
   * @param directory the cluster's, which has a folder `pids`
   */
  static async start(directory: string, userNamespace: boolean): Promise<NamespaceHost> {
    const child = spawn(
      "unshare",
      [...unshareOptions(userNamespace), "/bin/sh", "-c", holdScript, "ovn-multinode", directory],
      {
        cwd: "/",
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
        env: { ...process.env, PATH: searchPath() },
      },
    );
    const host = new NamespaceHost(child, userNamespace);
    child.stdin?.on("error", () => {});
    let complaint = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      complaint += chunk;
    });
    const line = await firstLine(child);
    if (!/^\d+$/.test(line ?? "")) {
      throw new SandboxError(`the namespaces of a cluster could not be made: ${complaint.trim()}`);
    }
    host.#pid = Number(line);
    writeFileSync(join(directory, "pids", "namespaces"), `${host.#pid}\n`);
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      // The handle of a pipe can be unref'd, but the stream types do not say so.
      (stream as { unref?: () => void } | null)?.unref?.();
    }
    return host;
  }

  get pid(): number {
    return this.#pid;
  }

  /** A machine is a network namespace: its programs and files are this machine's. */
  async addMachines(names: readonly string[]): Promise<void> {
    await this.script(names.map((name) => `ip netns add ${name}`).join("\n"));
  }

  enclosure(namespace?: string): Enclosure {
    return { command: enterCommand(this.#pid, this.#userNamespace, namespace), foreign: false };
  }

  schema(database: WellKnownDatabase): string {
    return installedSchema(database);
  }

  async run(
    namespace: string | undefined,
    command: string,
    args: readonly string[],
    options?: RunOptions,
  ): Promise<string> {
    checkCommand(command, args);
    const [program = "", ...rest] = this.enclosure(namespace).command;
    return runProgram(program, [...rest, command, ...args], options);
  }

  script(text: string): Promise<string> {
    return this.run(undefined, "/bin/sh", ["-es"], { input: text });
  }

  async stop(): Promise<void> {
    this.#child.ref();
    this.#child.stdin?.destroy();
    try {
      process.kill(this.#pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#ended;
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.stdin?.end("release\n", () => resolve());
    });
  }
}

/** The command, with arguments, that runs another one in a cluster's namespaces; `pid` is that of the holder. */
export function enterCommand(pid: number, userNamespace: boolean, namespace?: string): string[] {
  return [
    "nsenter",
    `--target=${pid}`,
    ...(userNamespace ? ["--user", "--preserve-credentials"] : []),
    ...["--mount", "--pid"],
    namespace === undefined ? "--net" : `--net=/proc/${pid}/root/run/netns/${namespace}`,
    "--",
    // Who kills nsenter wants the command to end, not to go on by itself.
    ...["setpriv", "--pdeathsig", "KILL", "--"],
  ];
}

// A folder of its own for the names of network namespaces; the machine's /run stays as it is. The loop is where the
// process waits: for the end of the pipe, or, once released, for a signal. It stays a shell with the directory among
// its arguments, by which others know it again.
const holdScript: string = `
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
[ -d "$1" ] || { echo "$1 is below /run, which a cluster has for itself: give another parentDirectory" >&2; exit 1; }
ip link set lo up
read -r pid rest < /proc/self/stat
echo "$pid"
exec >/dev/null 2>&1
while read -r word; do
  [ "$word" != release ] || while sleep 1000000; do :; done
done
`;

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) {
    return undefined;
  }
  const failed = new Promise<undefined>((resolve) => child.once("error", () => resolve(undefined)));
  const lines = createInterface({ input: child.stdout });
  const line = new Promise<string | undefined>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(undefined));
  });
  try {
    return await Promise.race([line, failed]);
  } finally {
    lines.close();
  }
}
