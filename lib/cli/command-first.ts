import type { Command } from "commander";
import { flagsWithValue, plainFlags } from "./plain-flags.ts";

/**
 * Puts the command's name before its options: `-f x apply` becomes `apply -f x`. Commander takes only the options of the
 * whole program before the name of a command. Flags become plain ones.
 *
 * Returns the name too; `undefined` when there is none.
 */
export function commandFirst(
  given: readonly string[],
  program: Command,
): { readonly name: string | undefined; readonly argv: readonly string[] } {
  const names = new Set(program.commands.map((command) => command.name()));
  const takesValue = flagsWithValue(program);
  const argv = plainFlags(given, program);
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (takesValue.has(argument)) index += 1;
    else if (names.has(argument))
      return { name: argument, argv: [argument, ...argv.slice(0, index), ...argv.slice(index + 1)] };
    else if (!argument.startsWith("-") || argument === "--") break;
  }
  return { name: undefined, argv };
}
