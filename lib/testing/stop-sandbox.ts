import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import { SandboxError } from "./errors.ts";
import { removeSandboxDirectory } from "./sandbox-directory.ts";
import { markerName } from "./sandbox-home.ts";

const stopTimeout = 20_000;
const forceAfter = 2_000;
const pollInterval = 5;

/**
 * Ends the daemons of a sandbox that was left running with {@link Sandbox.detach} and removes its directory.
 *
 * @param directory its {@link Sandbox.directory}
 * @throws SandboxError when the directory is not a sandbox's (nothing is touched then), or a daemon does not end; UsageError for
 *   what is no text.
 */
export async function stopSandbox(directory: string): Promise<void> {
  if (typeof directory !== "string")
    throw new UsageError(`directory is a path, and not ${sketch(directory)}`);
  const path = ownName(resolve(directory));
  const pids = sandboxPids(path);
  signalAll(pids, "SIGTERM");
  const start = performance.now();
  let forced = false;
  for (let left = pids; left.length > 0; left = left.filter((pid) => belongsTo(pid, path))) {
    const elapsed = performance.now() - start;
    if (elapsed > stopTimeout) {
      throw new SandboxError(`${path}: process ${left.join(", ")} does not end`);
    }
    if (elapsed > forceAfter && !forced) {
      forced = true;
      signalAll(left, "SIGKILL");
    }
    await new Promise((done) => setTimeout(done, pollInterval));
  }
  removeSandboxDirectory(path);
}

/** The name the sandbox was made under: the daemons' command lines have that one, not another path to it. */
function ownName(directory: string): string {
  const marker = join(directory, markerName);
  if (!existsSync(marker)) {
    throw new SandboxError(`${directory}: not a directory of a sandbox (it has no ${markerName})`);
  }
  const content = JSON.parse(readFileSync(marker, "utf8")) as { readonly directory: string };
  return content.directory;
}

function sandboxPids(directory: string): number[] {
  const folder = join(directory, "pids");
  return readdirSync(folder)
    .map((file) => Number(readFileSync(join(folder, file), "utf8").trim()))
    .filter((pid) => Number.isSafeInteger(pid) && pid > 1 && belongsTo(pid, directory));
}

/** Process ids are used again: only one whose command line names the directory is one of the sandbox's. */
function belongsTo(pid: number, directory: string): boolean {
  if (!existsSync("/proc/self")) {
    return isAlive(pid);
  }
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    // Empty while a process is ending, and for one that has ended and was not yet waited for (state Z or X).
    return command === ""
      ? !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
      : command.includes(directory);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended on its own in the meantime, which is all that is wanted.
    }
  }
}
