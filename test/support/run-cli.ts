import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Sandbox } from "../../lib/testing/index.ts";
import { projectRoot } from "./project.ts";

/** How a command ended. */
export interface CliOutcome {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface CliProcess {
  readonly child: ChildProcess;
  readonly outcome: Promise<CliOutcome>;
}

/** How to run a command. */
export interface CliOptions {
  /** Text for standard input. Default: none, an end of file. */
  readonly input?: string;
  /** Leaves standard input open. */
  readonly keepInput?: true;
  /** Standard error goes where standard output goes, into a pipe, as with `2>&1 | cat`; the exit code is that of `cat`. */
  readonly isOnePipe?: true;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** The command of the tree that this test was compiled with, bundled as users have it. */
export const cliScript: string = join(import.meta.dirname, "../../command/main.js");

/** Milliseconds after which a command is killed: the process must end by itself, long before that. */
const LONGEST = 150_000;

/** Starts the compiled command as a process of its own, in the project's folder, against a sandbox. */
export function startCli(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  options: CliOptions = {},
): CliProcess {
  const command = [process.execPath, cliScript, ...args];
  const [program = "", ...words] =
    options.isOnePipe === true ? ["sh", "-c", '"$0" "$@" 2>&1 | cat', ...command] : command;
  const child = spawn(program, words, {
    cwd: options.cwd ?? projectRoot,
    env: { ...process.env, ...sandbox.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: LONGEST,
    killSignal: "SIGKILL",
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
    });
  child.stdin.on("error", () => {
    // A command that fails before it reads its input closes the pipe under us.
  });
  if (options.keepInput !== true) child.stdin.end(options.input);
  const outcome = new Promise<CliOutcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, ...text }));
  });
  return { child, outcome };
}

/** Runs the compiled command to its end. */
export function runCli(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliOutcome> {
  return startCli(sandbox, args, options).outcome;
}

/** Everything in the northbound database, as text: equal texts mean that nothing was written. */
export function dumpNorthbound(sandbox: Sandbox): Promise<string> {
  return sandbox.run("ovsdb-client", ["dump", "--format=json", sandbox.northbound.remote, "OVN_Northbound"]);
}
