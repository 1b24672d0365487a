import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Reaper } from "./reaper.ts";
import { makeSandboxDirectory, removeSandboxDirectory } from "./sandbox-directory.ts";

/** File that marks a directory as a sandbox's, for {@link stopSandbox}. */
export const markerName: string = "sandbox.json";

/** What becomes of a sandbox's directory. */
export interface HomeOptions {
  /** Where it is made. Default: the system's temp directory. */
  readonly parent: string | undefined;
  /** Whether it stays there after the end. */
  readonly keep: boolean;
  /** Whether to say where the kept directory is: the caller, who asked by a variable, does not know. */
  readonly tellKept: boolean;
}

/** The options by which callers say what becomes of the directory, with KEEP_SANDBOX for the default. */
export function homeOptions(options: {
  readonly keepDirectory?: boolean | undefined;
  readonly parentDirectory?: string | undefined;
}): HomeOptions {
  return {
    parent: options.parentDirectory,
    keep: options.keepDirectory ?? !["", "0"].includes(process.env["KEEP_SANDBOX"] ?? ""),
    tellKept: options.keepDirectory === undefined,
  };
}

/** The private directory of a sandbox, a cluster or a proxy, and the watch over it. */
export class SandboxHome {
  readonly directory: string;
  readonly #options: HomeOptions;
  readonly #reaper: Reaper;

  constructor(options: HomeOptions) {
    this.directory = makeSandboxDirectory(options.parent);
    this.#options = options;
    // First of all, so that there is no moment in which dying would leave something behind.
    this.#reaper = new Reaper(this.directory, options.keep);
    mkdirSync(join(this.directory, "pids"));
    writeFileSync(join(this.directory, markerName), `${JSON.stringify({ directory: this.directory })}\n`);
  }

  /** Removes the directory, unless it is to be kept, and ends the watch. To be called when the daemons have ended. */
  async close(): Promise<void> {
    if (!this.#options.keep) {
      removeSandboxDirectory(this.directory);
    } else if (this.#options.tellKept) {
      process.stderr.write(`KEEP_SANDBOX: ${this.directory}\n`);
    }
    await this.release();
  }

  /** Ends the watch and leaves everything as it is. */
  release(): Promise<void> {
    return this.#reaper.release();
  }
}
