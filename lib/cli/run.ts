import { inspect } from "node:util";
import { type Command, CommanderError } from "commander";
import { commandFirst } from "./command-first.ts";
import type { Finish } from "./grammar/add-command.ts";
import type { HelpTexts } from "./help-text.ts";
import { Interrupted, type Io } from "./io.ts";
import { DEBUG_VARIABLE } from "./options.ts";
import { tell } from "./output/messages.ts";
import { COMMAND_NAMES, createProgram } from "./program.ts";

/**
 * Runs one command line, without the names of Node.js and of the script, and resolves with the exit code. Never throws.
 * `__complete` is what the scripts of `completion` ask by; nobody else has a use for it.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  if (argv[0] === "__complete") {
    const { complete } = await import("./completion/complete.ts");
    await complete(argv.slice(1), io);
    return 0;
  }
  let exitCode = 0;
  const { program, command } = await grammarFor(argv, io, (code) => {
    exitCode = code;
  });
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

/** The command that is meant, with the grammar of those that are named: that of all others takes longer to make than to read. */
async function grammarFor(argv: readonly string[], io: Io, finish: Finish): Promise<Grammar> {
  const named = COMMAND_NAMES.filter((name) => argv.includes(name));
  if (named.length > 0) {
    const program = await createProgram(io, finish, named, argv.some(mayAskForHelp) ? await helpTexts() : {});
    const command = commandFirst(argv, program);
    if (command.name !== undefined) return { program, command };
  }
  // What is to be said of a line without a command is about all of them.
  const program = await createProgram(io, finish, COMMAND_NAMES, await helpTexts());
  return { program, command: commandFirst(argv, program) };
}

/** Also where it is the value of an option, or a letter of several: then the texts are read for nothing. */
function mayAskForHelp(argument: string): boolean {
  return argument === "help" || argument === "--help" || /^-[^-]*h/.test(argument);
}

async function helpTexts(): Promise<HelpTexts> {
  const { HELP } = await import("./help-text.ts");
  return HELP;
}

interface Grammar {
  readonly program: Command;
  readonly command: ReturnType<typeof commandFirst>;
}

async function explain(error: unknown, io: Io, failure: number): Promise<number> {
  const reason: unknown = io.signal.reason;
  const { failureLines } = await import("./output/failure.ts");
  for (const line of failureLines(error)) tell(io, line);
  if (io.env[DEBUG_VARIABLE] === "1") io.err(`${inspect(error)}\n`);
  return reason instanceof Interrupted ? reason.exitCode : failure;
}
