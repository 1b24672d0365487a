import { UsageError } from "../jsonrpc/index.ts";

/** Longest delay that a timer can have; with a longer one it would fire at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/** Calls `expired` after so many milliseconds; `Infinity` (and what no timer can hold, 24 days) is never. */
export function startTimer(milliseconds: number, expired: () => void): () => void {
  if (milliseconds > LONGEST_DELAY) return () => undefined;
  const timer = setTimeout(expired, milliseconds);
  return () => clearTimeout(timer);
}

/** Throws `UsageError` for what is no number of milliseconds: negative, not a number. `Infinity` is one. */
export function checkMilliseconds(name: string, value: number | undefined): void {
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw new UsageError(`${name}: ${shown(value)} is not a number of milliseconds`);
}

/** What should have been a number: a text of digits looks like one. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  // As text some objects throw.
  return typeof value === "object" ? "an object" : String(value);
}
