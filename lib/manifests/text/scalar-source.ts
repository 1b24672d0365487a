import { Scalar } from "yaml";

/**
 * Where a character of a text stands in the YAML that it is written in; what is behind the last visible one stands where that does.
 *
 * Folding and indentation only change white space, so the n-th visible character of the text is the n-th visible one of the source.
 * One that is written with more characters than one, as a quote within quotes, stands where those begin.
 */
export function sourceOffset(source: string, scalar: Scalar<string>, offset: number): number {
  const { value, type } = scalar;
  const [start, end] = scalar.range ?? [0, 0];
  let wanted = Math.min(visibleIn(value.slice(0, offset)), visibleIn(value) - 1);
  let at = isBlock(type) ? source.indexOf("\n", start) + 1 : isQuoted(type) ? start + 1 : start;
  while (wanted >= 0 && at < end) {
    const written = writtenAt(source, at, type);
    wanted -= visibleIn(written.text);
    if (wanted < 0) return at;
    at += written.length;
  }
  return start;
}

type Style = Scalar["type"];

function isBlock(type: Style): boolean {
  return type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED;
}

function isQuoted(type: Style): boolean {
  return type === Scalar.QUOTE_SINGLE || type === Scalar.QUOTE_DOUBLE;
}

/** How many of the characters are neither blanks nor line breaks of YAML; a space of another kind is like a letter to it. */
function visibleIn(text: string): number {
  return text.replace(/[ \t\r\n]+/g, "").length;
}

/** What stands for one character of the text, or for none: that character and the length in the source. */
function writtenAt(
  source: string,
  at: number,
  type: Style,
): { readonly text: string; readonly length: number } {
  if (type === Scalar.QUOTE_SINGLE && source.startsWith("''", at)) return { text: "'", length: 2 };
  if (type === Scalar.QUOTE_DOUBLE && source[at] === "\\") return escapedAt(source, at);
  return { text: source[at] ?? "", length: 1 };
}

/** Digits of a character that is written by its number. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** White space that is written with a letter. */
const BLANKS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** See YAML 1.2, section 5.7. */
function escapedAt(source: string, at: number): { readonly text: string; readonly length: number } {
  const sign = source[at + 1] ?? "";
  const digits = DIGITS.get(sign);
  if (digits === undefined) return { text: BLANKS.get(sign) ?? sign, length: 2 };
  const number = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
  return { text: String.fromCodePoint(number), length: 2 + digits };
}
