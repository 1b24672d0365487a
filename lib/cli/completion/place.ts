import type { Command, Option } from "commander";
import { commandFirst } from "../command-first.ts";
import type { TypedLine } from "./typed-line.ts";

/** Where in the grammar a line ends. */
export interface Place {
  /** Undefined before the name of a command. */
  readonly command: Command | undefined;
  /** The words that are no options, without the command's name. */
  readonly operands: readonly string[];
  /** Values of options, by the names that commander gives them; the last where one is repeated. */
  readonly values: ReadonlyMap<string, string>;
  /** The option whose value the last word is, or may be. */
  readonly option: Option | undefined;
  /** Whether the last word may be an argument of the command. */
  readonly isOperand: boolean;
  /** Whether the last word may be an option: not after `--`. */
  readonly mayBeFlag: boolean;
  /** What of the last word stands before the value: `--wait=`. */
  readonly prefix: string;
}

/** Follows a line to its end, through the options and arguments that commander knows. */
export function placeOf({ words, last }: Pick<TypedLine, "words" | "last">, program: Command): Place {
  const { name, argv } = commandFirst(words, program);
  const command = program.commands.find((each) => each.name() === name);
  const options = [program, ...(command === undefined ? program.commands : [command])].flatMap(
    (each) => each.options,
  );
  const operands: string[] = [];
  const values = new Map<string, string>();
  let open: Option | undefined;
  let isNeeded = false;
  let mayBeFlag = true;
  const take = (option: Option, value: string): void => {
    values.set(option.attributeName(), value);
    // Before the name of a command it takes one value.
    open = option.variadic && command !== undefined ? option : undefined;
    isNeeded = false;
  };
  for (const word of command === undefined ? argv : argv.slice(1)) {
    if (open !== undefined && isNeeded) take(open, word);
    else if (!mayBeFlag) operands.push(word);
    else if (word === "--") [mayBeFlag, open] = [false, undefined];
    else if (isFlag(word)) {
      const inline = withValue(word, options);
      if (inline !== undefined) values.set(inline.option.attributeName(), word.slice(inline.prefix.length));
      const option = inline === undefined ? optionOf(word, options) : undefined;
      open = option?.required || option?.optional ? option : undefined;
      isNeeded = option?.required === true;
    } else if (open !== undefined) take(open, word);
    else operands.push(word);
  }
  const here = { command, operands, values, mayBeFlag };
  if (isNeeded) return { ...here, option: open, isOperand: false, mayBeFlag: false, prefix: "" };
  if (!mayBeFlag || !isFlag(last))
    return { ...here, option: open, isOperand: open?.variadic !== true, prefix: "" };
  const inline = withValue(last, options);
  return { ...here, option: inline?.option, isOperand: false, prefix: inline?.prefix ?? "" };
}

function optionOf(flag: string, options: readonly Option[]): Option | undefined {
  return options.find(({ long, short }) => flag === long || flag === short);
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

/** `--wait=sb`, `-o=json` or `-ojson`, and after letters that take no value: `-wo=json`. */
function withValue(
  word: string,
  options: readonly Option[],
): { readonly option: Option; readonly prefix: string } | undefined {
  const [prefix = "", long] = /^(--[\w-]+)=/.exec(word) ?? [];
  if (long !== undefined) {
    const option = optionOf(long, options);
    return option?.required || option?.optional ? { option, prefix } : undefined;
  }
  for (let end = 2; end < word.length; end += 1) {
    const option = optionOf(`-${word[end - 1]}`, options);
    if (option === undefined) return undefined;
    if (option.required) return { option, prefix: word.slice(0, word[end] === "=" ? end + 1 : end) };
  }
  return undefined;
}
