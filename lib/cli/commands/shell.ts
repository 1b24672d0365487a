import { spawn } from "node:child_process";
import { FakeMultinode } from "../../testing/index.ts";
import { CliError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { CLUSTER_VARIABLE, type GlobalOptions } from "../options.ts";

/** Options of `shell`. */
export interface ShellOptions extends GlobalOptions {
  readonly cluster?: string;
}

/** `shell`: a shell, or a command, in a node, pod or machine of a cluster that the test kit left running. */
export async function shell(
  place: string,
  words: readonly string[],
  options: ShellOptions,
  io: Io,
): Promise<number> {
  const directory = options.cluster ?? io.env[CLUSTER_VARIABLE];
  if (!directory) throw new CliError(`shell takes a cluster: --cluster DIR or ${CLUSTER_VARIABLE}`);
  const { command, env } = FakeMultinode.enter(directory, place);
  const [program = "", ...args] = command;
  const inner = words.length > 0 ? words : [io.env["SHELL"] || "/bin/sh"];
  const child = spawn(program, [...args, ...inner], { stdio: "inherit", env: { ...io.env, ...env } });
  // Ctrl-C is for the program in the foreground there, however often.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  return await new Promise<number>((resolve, reject) => {
    child.once("error", (cause) => reject(new CliError(`${program}: ${cause.message}`, { cause })));
    // A shell's own number for a command that a signal ended is 128 and more.
    child.once("close", (code) => resolve(code ?? 128));
  }).finally(() => process.off("SIGINT", ignore));
}
