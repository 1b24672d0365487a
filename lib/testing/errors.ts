import { OvsdbError } from "../jsonrpc/index.ts";
import type { MissingProgram } from "./programs.ts";
import { describeMissing } from "./programs.ts";

/**
 * A sandbox could not do what was asked: a daemon ended early or was not ready in time, a schema could not be
 * found, a database is not part of this sandbox. When a daemon is to blame, the message ends with its log's tail.
 */
export class SandboxError extends OvsdbError {
  static override readonly name: string = "SandboxError";
  readonly code = "ERR_SANDBOX";
}

/** Programs of OVN or Open vSwitch are not installed. The message says which, and how to install them. */
export class MissingProgramsError extends OvsdbError {
  static override readonly name: string = "MissingProgramsError";
  readonly code = "ERR_MISSING_PROGRAMS";
  readonly missing: readonly MissingProgram[];

  constructor(missing: readonly MissingProgram[]) {
    super(describeMissing(missing));
    this.missing = missing;
  }
}

/** What is known of a command that failed; see {@link CommandError}. */
export interface CommandFailure {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Exit code; null when a signal ended the command. */
  readonly exitCode: number | null;
  /** The signal that ended the command; null when it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command run in a sandbox ended with another exit code than 0, or was ended by a signal. */
export class CommandError extends OvsdbError implements CommandFailure {
  static override readonly name: string = "CommandError";
  readonly code = "ERR_COMMAND";
  readonly command: readonly string[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(failure: CommandFailure) {
    const end = failure.signal === null ? `exit code ${failure.exitCode}` : `signal ${failure.signal}`;
    const words = failure.stderr.trim() || failure.stdout.trim() || "(it printed nothing)";
    super(`${failure.command.join(" ")}: ${end}\n${words}`);
    this.command = failure.command;
    this.exitCode = failure.exitCode;
    this.signal = failure.signal;
    this.stdout = failure.stdout;
    this.stderr = failure.stderr;
  }
}
