/** A name as it can be shown: on one line, without anything that could steer a terminal. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** `1 row`, `2 rows`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A list as a sentence takes it; a long one is cut. */
export function enumerate(words: readonly string[], longest = 10): string {
  const shown = words.slice(0, longest).map(printable).join(", ");
  return words.length > longest ? `${shown} and ${words.length - longest} more` : shown;
}

/** What of a text has room on a line of a terminal: of several lines only the last one could be taken back. */
export function onOneLine(text: string, columns: number | undefined): string {
  // Some terminals do not know how wide they are, or say 0.
  return printable(text).slice(0, (columns || 80) - 1);
}

/** Plain code unit order: the same on every machine. */
export function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
