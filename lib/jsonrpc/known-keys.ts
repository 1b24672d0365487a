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

/** The word that was probably meant: one that typing errors lead to, else one that has all of it, else the longest that it begins with. */
export function meantWord(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  const near = similar(text, words);
  if (near !== undefined || text.length < TELLING) return near;
  const within = words.find((word) => word.toLowerCase().includes(lower));
  const [first] = words
    .filter((word) => word.length >= TELLING && lower.startsWith(word.toLowerCase()))
    .toSorted((a, b) => b.length - a.length);
  return within ?? first;
}

/** What to say of a key that nobody reads. */
export function notKnown(meant: string | undefined): string {
  return meant === undefined ? "is not known" : `is not known; did you mean ${meant}?`;
}

/** Throws `UsageError` for an argument that is no object, as plain JavaScript may give; `what` names it. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  const given =
    value === null || value === undefined
      ? `${value}`
      : Array.isArray(value)
        ? "a list"
        : `a ${typeof value}`;
  throw new UsageError(`${what} must be an object, and not ${given}`);
}

/** Throws `UsageError` for an option that nobody reads, and for a `signal` that is none. `within` is the option that they stand in, with a dot. */
export function checkOptions(options: object, known: KnownKeys, within = ""): void {
  checkObject(within === "" ? "options" : `option ${within.slice(0, -1)}`, options);
  const key = unknownKey(options, known);
  if (key !== undefined) throw new UsageError(`option ${within}${key} ${notKnown(meantKey(key, known))}`);
  if (known["signal"] === true) checkSignal((options as { readonly signal?: unknown }).signal);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || isSignal(signal)) return;
  const isController = typeof signal === "object" && signal !== null && "signal" in signal;
  const instead = isController ? "; did you mean its signal?" : "";
  throw new UsageError(`signal: ${kindOf(signal)} is not an AbortSignal${instead}`);
}

/** By what is asked of it: it may be of another realm. */
function isSignal(signal: unknown): boolean {
  if (typeof signal !== "object" || signal === null) return false;
  const { throwIfAborted, addEventListener } = signal as Partial<AbortSignal>;
  return typeof throwIfAborted === "function" && typeof addEventListener === "function";
}

/** Throws `UsageError` for options that are neither true nor false: each text would be taken for true, "false" among them. */
export function checkBooleans<X extends object>(options: X, names: readonly (keyof X & string)[]): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== "boolean")
      throw new UsageError(`${name}: ${kindOf(value)} is neither true nor false`);
  }
}

/** Throws `UsageError` for options that are no functions. */
export function checkFunctions<X extends object>(options: X, names: readonly (keyof X & string)[]): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== "function")
      throw new UsageError(`${name}: ${kindOf(value)} is not a function`);
  }
}

/** A value for a message; of one that is not simple, what it is. */
function kindOf(value: unknown): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") return `${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
