import { spawn } from "node:child_process";
import { notOfType } from "./check-options.ts";
import { CommandError, MissingProgramsError, SandboxError } from "./errors.ts";
import { findProgram, isProgramName, missingPrograms, searchPath } from "./programs.ts";

/** How {@link Sandbox.run} runs a command. */
export interface RunOptions {
  /** Text for the command's standard input. Default: none (it reads an end of file). */
  readonly input?: string | undefined;
  /** Variables to set besides those of this process and the sandbox; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working directory. Default: this process's. */
  readonly cwd?: string | undefined;
  /** Ends the command with SIGKILL; `run` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the command is ended with SIGKILL and `run` throws. @default 60000 */
  readonly timeout?: number | undefined;
}

const defaultTimeout = 60_000;

/**
 * Runs a program to its end and returns what it printed on standard output.
 *
 * @throws CommandError for another exit code than 0, SandboxError when it took too long or cannot be run, UsageError for
 *   a program that is no text and for arguments that are no list.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  checkCommand(program, args);
  const path = program.includes("/") ? program : findProgram(program);
  if (path === undefined) {
    throw isProgramName(program)
      ? new MissingProgramsError(missingPrograms([program]))
      : new SandboxError(`${program}: no such program on PATH${argumentsApart(program, args)}`);
  }
  options.signal?.throwIfAborted();
  const timeout = options.timeout ?? defaultTimeout;
  const child = spawn(path, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: definedOnly({ ...process.env, PATH: searchPath(), ...options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command that ends without reading its input closes the pipe under us; its exit code tells the story.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");

  let late = false;
  const kill = (): void => void child.kill("SIGKILL");
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, timeout);
  options.signal?.addEventListener("abort", kill, { once: true });
  try {
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
      (resolve, reject) => {
        child.once("error", (cause) => reject(new SandboxError(`${path}: ${cause.message}`, { cause })));
        child.once("close", (code, name) => resolve([code, name]));
      },
    );
    options.signal?.throwIfAborted();
    if (late) {
      throw new SandboxError(`${[program, ...args].join(" ")}: not done after ${timeout} ms\n${stderr()}`);
    }
    if (exitCode !== 0) {
      throw new CommandError({
        command: [program, ...args],
        exitCode,
        signal,
        stdout: stdout(),
        stderr: stderr(),
      });
    }
    return stdout();
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
  }
}

/** Throws `UsageError` for what plain JavaScript may give: a text in place of the list would be taken letter by letter. */
export function checkCommand(program: string, args: readonly string[]): void {
  if (typeof program !== "string") throw notOfType("a program is named by a text", program);
  if (!Array.isArray(args))
    throw notOfType(`the arguments of ${program} are a list of texts, as in ["show"]`, args);
}

/** For a command line in one text. */
function argumentsApart(program: string, args: readonly string[]): string {
  const [name = "", ...rest] = program.split(" ");
  if (rest.length === 0 || args.length > 0) return "";
  return `; its arguments are a list of texts: run(${JSON.stringify(name)}, ${JSON.stringify(rest)})`;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}
