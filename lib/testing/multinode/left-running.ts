import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SandboxError } from "../errors.ts";
import { pollUntil } from "../poll.ts";
import { runProgram } from "../run-program.ts";
import { removeSandboxDirectory } from "../sandbox-directory.ts";

/** What has to be known of a cluster that goes on without the process that started it. */
export interface LeftRunning {
  readonly directory: string;
  /** Process id of the process that holds its namespaces. */
  readonly pid: number;
  /** How to enter nodes, pods and physical hosts. */
  readonly places: Readonly<Record<string, EnterCommand>>;
  /** What ends that which does not end with the process. */
  readonly endCommands: readonly (readonly string[])[];
}

const fileName = "multinode.json";
const stopTimeout = 20_000;

/** Writes down what {@link enterLeftRunning} and {@link stopLeftRunning} need. */
export function noteLeftRunning(cluster: LeftRunning): void {
  writeFileSync(join(cluster.directory, fileName), `${JSON.stringify(cluster, null, 2)}\n`);
}

/** A command that runs another one in a place of a cluster, and variables for it. */
export interface EnterCommand {
  /** Program and arguments; those of the program to run come after them. */
  readonly command: readonly string[];
  /** Variables to set. */
  readonly env: Readonly<Record<string, string>>;
}

/** How to run a program in a node, pod or physical host of a cluster that was left running. */
export function enterLeftRunning(directory: string, place: string): EnterCommand {
  const cluster = readLeftRunning(directory);
  const { places } = cluster;
  if (!isAlive(cluster)) {
    throw new SandboxError(`${directory}: this cluster does not run any more`);
  }
  const found = Object.hasOwn(places, place) ? places[place] : undefined;
  if (found === undefined) {
    throw new SandboxError(`no "${place}" in this cluster (there are: ${Object.keys(places).join(", ")})`);
  }
  return found;
}

/** Ends a cluster that was left running, and removes its directory. */
export async function stopLeftRunning(directory: string): Promise<void> {
  const cluster = readLeftRunning(directory);
  if (isAlive(cluster)) {
    process.kill(cluster.pid, "SIGKILL");
    await pollUntil(`${directory} has ended`, stopTimeout, () => Promise.resolve(hasEnded(cluster.pid)));
  }
  for (const [program = "", ...args] of cluster.endCommands) {
    await runProgram(program, args);
  }
  removeSandboxDirectory(cluster.directory);
}

function readLeftRunning(directory: string): LeftRunning {
  const path = join(resolve(directory), fileName);
  if (!existsSync(path)) {
    throw new SandboxError(`${directory}: no cluster was left running here (there is no ${fileName})`);
  }
  return JSON.parse(readFileSync(path, "utf8")) as LeftRunning;
}

/** The first process of a namespace is a zombie, or gone, only after all others there; it loses its arguments before. */
function hasEnded(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** Process ids are used again: only a process with the directory among its arguments is the one. */
function isAlive({ pid, directory }: LeftRunning): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(directory);
  } catch {
    return false;
  }
}
