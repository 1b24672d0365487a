import { order } from "./order.ts";

/** Numbers in names by their value, so that node2 is before node10; equal by that, by code units. */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [chunks(a), chunks(b)];
  for (const [index, word] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = chunkOrder(word, other);
    if (difference !== 0) return difference;
  }
  return left.length - right.length || order(a, b);
}

function chunks(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function chunkOrder(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return order(a, b);
  const [left, right] = [a.replace(/^0+(?=\d)/, ""), b.replace(/^0+(?=\d)/, "")];
  // More digits are more, however many they are.
  return left.length - right.length || order(left, right);
}

/** Addresses as people list them: IPv4 first, and those of a whole network before single ones. */
export function addressOrder(a: string, b: string): number {
  const isSingle = (address: string): boolean => /\/(?:32|128)$/.test(address);
  return (
    Number(a.includes(":")) - Number(b.includes(":")) ||
    Number(isSingle(a)) - Number(isSingle(b)) ||
    naturalOrder(a, b)
  );
}

/** A text that can stand in any picture: what steers a terminal, turns the direction of writing or is no character is spelt out. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}

/** A text that is not longer than that; of a long one beginning and end are left, which tell more than the middle. */
export function shorten(text: string, longest: number): string {
  const characters = [...text];
  if (characters.length <= longest) return text;
  const end = Math.floor((longest - 1) / 2);
  return [...characters.slice(0, longest - 1 - end), "…", ...characters.slice(-end)].join("");
}

/** `1 pod`, `2 pods`, `3 policies`. */
export function counted(number: number, noun: string): string {
  return `${number} ${number === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  if (noun.endsWith("y")) return `${noun.slice(0, -1)}ies`;
  return noun.endsWith("ch") ? `${noun}es` : `${noun}s`;
}

/** The first of them, and in one more line how many are left. One that would be left alone takes no more room than that line. */
export function firstLines(lines: readonly string[], longest: number, noun: string): readonly string[] {
  if (longest === 0) return [];
  if (lines.length <= longest + 1) return lines;
  return [...lines.slice(0, longest), `and ${counted(lines.length - longest, `more ${noun}`)}`];
}
