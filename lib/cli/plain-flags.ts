import type { Command, Option } from "commander";

/** Flags as kubectl takes them, written as commander understands them. What follows `--` stays as it is. */
export function plainFlags(argv: readonly string[], program: Command): readonly string[] {
  const takesValue = flagsWithValue(program);
  const takesNone = flagsOf(program, ({ required, optional }) => !(required || optional));
  const rest = argv.indexOf("--");
  return argv.flatMap((argument, index) =>
    takesValue.has(argv[index - 1] ?? "") || (rest >= 0 && index >= rest)
      ? [argument]
      : plainFlag(argument, takesValue, takesNone),
  );
}

/** Short and long flags of the program's options, and of its commands', after which a value must come. */
export function flagsWithValue(program: Command): ReadonlySet<string> {
  return flagsOf(program, ({ required }) => required);
}

/**
 * `-o=json` as `-ojson`: it would be the value `=json`. `-wo json` as `-w -o json`: commander takes letters apart only where all are
 * the command's own, and `-o` is the whole program's. `--watch=true` as `--watch`, and `--watch=false` as nothing. `-n=`, as of a
 * variable of the shell that is not set, as `-n ''`.
 */
function plainFlag(
  argument: string,
  takesValue: ReadonlySet<string>,
  takesNone: ReadonlySet<string>,
): readonly string[] {
  const [, long = "", isSet] = /^(--[\w-]+)=(true|false)$/.exec(argument) ?? [];
  if (takesNone.has(long)) return isSet === "true" ? [long] : [];
  const [flag, rest] = [argument.slice(0, 2), argument.slice(2)];
  if (takesNone.has(flag) && /^\w/.test(rest)) return [flag, ...plainFlag(`-${rest}`, takesValue, takesNone)];
  if (!takesValue.has(flag) || !rest.startsWith("=")) return [argument];
  return rest === "=" ? [flag, ""] : [flag + rest.slice(1)];
}

function flagsOf(program: Command, isMeant: (option: Option) => boolean): ReadonlySet<string> {
  return new Set(
    [program, ...program.commands]
      .flatMap((command) => command.options)
      .filter(isMeant)
      .flatMap(({ short, long }) => [short, long])
      .filter((flag) => flag !== undefined),
  );
}
