import { UsageError } from "./errors.ts";
import { similar } from "./similar.ts";

/** Keys that somebody reads. Typed as `Record<keyof X, true>` where it is written, so that no field of X is forgotten. */
export type KnownKeys = Readonly<Record<string, true>>;

/** From this length on a word within another one is no chance. */
const TELLING = 4;

/**
 * The first key of an object that nobody reads, as a misspelt one is: TypeScript finds it in literals only. A key whose value
 * is `undefined` counts as absent.
 */
export function unknownKey(given: object, known: KnownKeys): string | undefined {
  // Not by `in`, which knows `constructor`. What is inherited nobody wrote here.
  for (const key in given)
    if (known[key] !== true && given[key as never] !== undefined && Object.hasOwn(given, key)) return key;
  return undefined;
}

/** The key that was probably meant. */
export function meantKey(key: string, known: KnownKeys): string | undefined {
  return meantWord(key, Object.keys(known));
}

/** The word that was probably meant: one that typing errors lead to, else one that has all of it. */
export function meantWord(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  return (
    similar(text, words) ??
    (text.length < TELLING ? undefined : words.find((word) => word.toLowerCase().includes(lower)))
  );
}

/** What to say of a key that nobody reads. */
export function notKnown(meant: string | undefined): string {
  return meant === undefined ? "is not known" : `is not known; did you mean ${meant}?`;
}

/** Throws `UsageError` for an argument that is no object, as plain JavaScript may give; `what` names it. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value === "object" && value !== null) return;
  const given = value === null || value === undefined ? `${value}` : `a ${typeof value}`;
  throw new UsageError(`${what} must be an object, and not ${given}`);
}

/** Throws `UsageError` for an option that nobody reads. `within` is the option that they stand in, with a dot. */
export function checkOptions(options: object, known: KnownKeys, within = ""): void {
  checkObject(within === "" ? "options" : `option ${within.slice(0, -1)}`, options);
  const key = unknownKey(options, known);
  if (key !== undefined) throw new UsageError(`option ${within}${key} ${notKnown(meantKey(key, known))}`);
}
