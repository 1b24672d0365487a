import type { Command } from "commander";

/**
 * Puts the command's name before its options: `-f x apply` becomes `apply -f x`. Commander takes only the options of the
 * whole program before the name of a command. And `-o=json`, as kubectl takes it, becomes `-ojson`: it would be the value `=json`.
 *
 * Returns the name too; `undefined` when there is none.
 */
export function commandFirst(
  given: readonly string[],
  program: Command,
): { readonly name: string | undefined; readonly argv: readonly string[] } {
  const names = new Set(program.commands.map((command) => command.name()));
  const takesValue = flagsWithValue(program);
  const rest = given.indexOf("--");
  const argv = given.map((argument, index) =>
    /^-\w=./.test(argument) && takesValue.has(argument.slice(0, 2)) && (rest < 0 || index < rest)
      ? argument.slice(0, 2) + argument.slice(3)
      : argument,
  );
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (takesValue.has(argument)) index += 1;
    else if (names.has(argument))
      return { name: argument, argv: [argument, ...argv.slice(0, index), ...argv.slice(index + 1)] };
    else if (!argument.startsWith("-") || argument === "--") break;
  }
  return { name: undefined, argv };
}

function flagsWithValue(program: Command): ReadonlySet<string> {
  return new Set(
    [program, ...program.commands]
      .flatMap((command) => command.options)
      .filter((option) => option.required)
      .flatMap(({ short, long }) => [short, long])
      .filter((flag) => flag !== undefined),
  );
}
