import type { Command } from "commander";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../options.ts";
import { createProgram } from "../program.ts";
import { type Suggestion, type Suggestions, suggestionsFor } from "./suggestions.ts";
import { type Shell, splitLine, type TypedLine } from "./typed-line.ts";

/** Seconds that a database has to tell its names: somebody waits for the next letter. */
const PATIENCE = 2;

/**
 * Answers a script of `ovn-northbound completion`: a word on each line, and on the last line `:`, or `:files` or `:folders`
 * where the shell is to look for words itself. Words are for bash as they are to be inserted; for others they are whole and
 * unquoted, with a tab and what they are. Whatever goes wrong, nothing else is said.
 *
 * @param argv The shell, the line up to the cursor, and for bash its COMP_WORDBREAKS.
 */
export async function complete(argv: readonly string[], io: Io): Promise<void> {
  const [shell = "", line = "", breaks] = argv;
  const typed = splitLine(line, shell as Shell, breaks);
  const suggestions = await suggested(typed, silenced(io, typed.variables)).catch((): Suggestions => []);
  const lines =
    typeof suggestions === "string"
      ? [`:${suggestions}`]
      : [...suggestions.map((each) => answer(each, shell as Shell, typed)), ":"];
  io.out(lines.map((line) => `${line}\n`).join(""));
}

async function suggested(typed: TypedLine, io: Io): Promise<Suggestions> {
  const program = await createProgram(io, () => undefined);
  return suggestionsFor(typed, program, async (resource) => {
    const options = { ...globalOptions(program, typed.words), timeout: PATIENCE };
    const { namesIn } = await import("./names.ts");
    // From now on: on a slow machine it takes a while to come here. What the grammar has is offered all the same.
    return namesIn(resource, options, { ...io, begun: performance.now() }).catch(() => []);
  });
}

function globalOptions(program: Command, words: readonly string[]): GlobalOptions {
  program.parseOptions([...words]);
  return program.opts<GlobalOptions>();
}

function answer({ word, about }: Suggestion, shell: Shell, { quote, kept }: TypedLine): string {
  if (shell === "bash") return quoted(word.slice(kept), quote);
  return about === undefined ? word : `${word}\t${about}`;
}

/** What bash is to insert, where a quote is open or none is. */
function quoted(text: string, quote: string): string {
  if (quote === "'") return text.replaceAll("'", String.raw`'\''`);
  return text.replaceAll(quote === '"' ? /["\\$`]/g : /[\s"'\\$`!#&()*;<>?[\]^{|}~]/g, String.raw`\$&`);
}

/** Messages would stand in the middle of the line that is typed. */
function silenced(io: Io, variables: TypedLine["variables"]): Io {
  const nothing = (): void => undefined;
  return {
    env: { ...io.env, ...variables },
    width: io.width,
    begun: io.begun,
    signal: io.signal,
    unread: io.unread,
    out: nothing,
    err: nothing,
    progress: nothing,
    written: () => io.written(),
    readStdin: () => io.readStdin(),
  };
}
