/** A shell that can ask for words. */
export type Shell = "bash" | "zsh" | "fish";

/** A command line up to the cursor. */
export interface TypedLine {
  /** What is set for this command alone, before its name: `OVN_NB_DB=...`. */
  readonly variables: Readonly<Record<string, string>>;
  /** The words before the last one, as the command would get them, without the command's own name. */
  readonly words: readonly string[];
  /** What is typed of the last one; empty after a blank. */
  readonly last: string;
  /** The quote that is open at the end, if one is. */
  readonly quote: string;
  /** How much of the last one bash leaves as it is: what stands before an open quote, or a character that parts words for it. */
  readonly kept: number;
}

/**
 * Takes a line apart as the shell does, and expands nothing: what is typed may not be meant to be run yet.
 *
 * @param breaks Characters that part words for bash's line editor, beside blanks: its COMP_WORDBREAKS.
 */
export function splitLine(line: string, shell: Shell, breaks = ""): TypedLine {
  const words: string[] = [];
  let word = "";
  let isWord = false;
  let quote = "";
  let kept = 0;
  let opened = 0;
  const characters = [...line];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    const next = characters[index + 1] ?? "";
    if (character === "\\" && isEscaped(next, quote, shell)) {
      word += next;
      isWord = true;
      index += 1;
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      opened = word.length;
      isWord = true;
    } else if (/\s/.test(character)) {
      if (isWord) words.push(word);
      word = "";
      isWord = false;
      kept = 0;
    } else {
      word += character;
      isWord = true;
      if (breaks.includes(character)) kept = word.length;
    }
  }
  const first = words.findIndex((each) => !/^\w+=/.test(each));
  const variables = words.slice(0, first < 0 ? undefined : first).map((each): [string, string] => {
    const at = each.indexOf("=");
    return [each.slice(0, at), each.slice(at + 1)];
  });
  return {
    variables: Object.fromEntries(variables),
    words: first < 0 ? [] : words.slice(first + 1),
    last: word,
    quote,
    kept: quote === "" ? kept : opened,
  };
}

/** Whether a backslash takes the meaning from a character. */
function isEscaped(character: string, quote: string, shell: Shell): boolean {
  if (quote === '"') return /["\\$`]/.test(character);
  return quote === "" || (shell === "fish" && /['\\]/.test(character));
}
