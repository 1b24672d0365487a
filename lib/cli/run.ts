import { inspect } from "node:util";
import { CommanderError } from "commander";
import { commandFirst } from "./command-first.ts";
import { Interrupted, type Io } from "./io.ts";
import { DEBUG_VARIABLE } from "./options.ts";
import { tell } from "./output/messages.ts";
import { createProgram } from "./program.ts";

/**
 * Runs one command line, without the names of Node.js and of the script, and resolves with the exit code. Never throws.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  const command = commandFirst(argv, program);
  // As diff(1) has it: 1 is a difference, so errors need another code. Also where the grammar was not understood.
  const failure = command.name === "diff" ? 2 : 1;
  try {
    await program.parseAsync(command.argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : failure;
    return await explain(error, io, failure);
  }
}

async function explain(error: unknown, io: Io, failure: number): Promise<number> {
  const reason: unknown = io.signal.reason;
  const { failureLines } = await import("./output/failure.ts");
  for (const line of failureLines(error)) tell(io, line);
  if (io.env[DEBUG_VARIABLE] === "1") io.err(`${inspect(error)}\n`);
  return reason instanceof Interrupted ? reason.exitCode : failure;
}
