/** Typing errors that are still recognised: more turn most words into others. */
const FARTHEST = 2;

/**
 * The word that was probably meant: equal but for case, else the one that the fewest typing errors lead to. At most `limit`
 * of them, by default two, one in words of three letters or fewer; `undefined` when no word is that near.
 */
export function similar(
  word: string,
  words: Iterable<string>,
  limit: number = word.length > 3 ? FARTHEST : 1,
): string | undefined {
  const lower = word.toLowerCase();
  let found: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of words) {
    const distance = editDistance(lower, candidate.toLowerCase(), limit);
    if (distance <= limit && distance < (found?.distance ?? Number.POSITIVE_INFINITY))
      found = { word: candidate, distance };
  }
  return found?.word;
}

/** That it was meant, for the end of a message; empty when no word is near. */
export function hint(word: string, words: Iterable<string>): string {
  // Not text, where plain JavaScript had nothing to name.
  const meant = similar(String(word), words);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** Letters to insert, delete or replace (Levenshtein); a number above the limit when there are more than that. */
function editDistance(a: string, b: string, limit: number): number {
  // Names in manifests may have any length, and the work grows with the product.
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const line = [row + 1];
    for (let column = 0; column < b.length; column += 1) {
      line.push(
        Math.min(
          (above[column] ?? 0) + Number(b[column] !== letter),
          (above[column + 1] ?? 0) + 1,
          (line[column] ?? 0) + 1,
        ),
      );
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
