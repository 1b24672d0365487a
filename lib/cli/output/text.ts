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
