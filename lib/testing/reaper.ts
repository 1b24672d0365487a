import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";

/**
 * Cleans up behind a test process that died without saying goodbye (kill -9, crash, out of memory).
 *
 * A small shell waits on a pipe that only this process holds open. Its end means this process is gone: the shell
 * kills the daemons and removes the directory. This works from any thread and on any Unix, which a parent-death
 * signal (`setpriv --pdeathsig`) does not: that one fires when the *thread* that started the daemon ends, and is
 * Linux only.
 *
 * No daemon escapes: each writes its process id into `pids/` before it becomes the daemon (see daemon.ts), and the
 * shell renames that folder before it reads it, so a daemon just being started finds no folder and does not start.
 * A process id is only believed while its command line still names the directory, as ids are used again.
 */
export class Reaper {
  readonly #shell: ChildProcess;

  constructor(directory: string, keepDirectory: boolean) {
    this.#shell = spawn(
      "/bin/sh",
      ["-c", script, "ovn-sandbox-reaper", directory, keepDirectory ? "keep" : ""],
      {
        // Its own session: Ctrl-C in a terminal must not end it before it did its work.
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
        cwd: "/",
      },
    );
    this.#shell.on("error", () => {});
    this.#shell.stdin?.on("error", () => {});
    this.#shell.unref();
    // The handle of a pipe can be unref'd, but the stream types do not say so.
    (this.#shell.stdin as { unref?: () => void } | null)?.unref?.();
  }

  /** Process id of the waiting shell, undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#shell.pid;
  }

  /** Ends the watch without killing or removing anything. */
  async release(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null || this.#shell.pid === undefined) {
      return;
    }
    this.#shell.ref();
    await new Promise<void>((resolve) => {
      this.#shell.once("exit", () => resolve());
      this.#shell.stdin?.end("release\n");
    });
  }
}

const script: string = `
while read -r word; do
  [ "$word" = release ] && exit 0
done
mv "$1/pids" "$1/pids.closed" || exit 0
for file in "$1"/pids.closed/*; do
  [ -f "$file" ] || continue
  read -r pid < "$file"
  if [ ! -d /proc/self ] || grep -aqF -- "$1" "/proc/$pid/cmdline"; then
    kill -KILL "$pid"
  fi
done
[ "$2" = keep ] && exit 0
# A daemon that is just dying may still create a file.
rm -rf "$1" || rm -rf "$1" || rm -rf "$1"
`;
