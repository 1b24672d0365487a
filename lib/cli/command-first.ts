import type { Command } from "commander";

/**
 * Puts the command's name before its options: `-f x apply` becomes `apply -f x`. Commander takes only the options of the
 * whole program before the name of a command. And flags of one letter are written as it understands them all, see {@link apart}.
 *
 * Returns the name too; `undefined` when there is none.
 */
export function commandFirst(
  given: readonly string[],
  program: Command,
): { readonly name: string | undefined; readonly argv: readonly string[] } {
  const names = new Set(program.commands.map((command) => command.name()));
  const takesValue = flagsOf(program, true);
  const takesNone = flagsOf(program, false);
  const rest = given.indexOf("--");
  const argv = given.flatMap((argument, index) =>
    takesValue.has(given[index - 1] ?? "") || (rest >= 0 && index >= rest)
      ? [argument]
      : apart(argument, takesValue, takesNone),
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

/**
 * `-o=json`, as kubectl takes it, as `-ojson`: it would be the value `=json`. And `-wo json` as `-w -o json`: commander takes letters
 * apart only where all are the command's own, and `-o` is the whole program's.
 */
function apart(
  argument: string,
  takesValue: ReadonlySet<string>,
  takesNone: ReadonlySet<string>,
): readonly string[] {
  const [flag, rest] = [argument.slice(0, 2), argument.slice(2)];
  if (takesNone.has(flag) && /^\w/.test(rest)) return [flag, ...apart(`-${rest}`, takesValue, takesNone)];
  return takesValue.has(flag) && /^=./.test(rest) ? [flag + rest.slice(1)] : [argument];
}

function flagsOf(program: Command, withValue: boolean): ReadonlySet<string> {
  return new Set(
    [program, ...program.commands]
      .flatMap((command) => command.options)
      .filter((option) => option.required === withValue)
      .flatMap(({ short, long }) => [short, long])
      .filter((flag) => flag !== undefined),
  );
}
