import type { Command } from "commander";
import type { Io } from "../io.ts";

/** Receives the exit code of the command that was run. */
export type Finish = (exitCode: number) => void;

/** Adds the grammar of a command to the program. What the command does is loaded only when it is run. */
export type AddCommand = (program: Command, io: Io, finish: Finish) => void;
