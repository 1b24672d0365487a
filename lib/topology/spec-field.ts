import { SpecError } from "./errors.ts";

/** A {@link SpecError} whose message shows field and value. */
export function fault(path: string, value: unknown, problem: string, source?: string): SpecError {
  return new SpecError(messageOf(path, value, problem), { path, value, source });
}

/** {@link fault} in a field of a network that was well by itself, and is not with these nodes or this database. */
export function networkFault(network: string, path: string, value: unknown, problem: string): SpecError {
  return new SpecError(messageOf(path, value, problem), { path, value, network });
}

function messageOf(path: string, value: unknown, problem: string): string {
  if (value === undefined) return `${path} ${problem}`;
  // As JSON, NaN and Infinity would be null.
  const isNumber = typeof value === "number" || typeof value === "bigint";
  const shown = isNumber ? String(value) : (JSON.stringify(value) ?? String(value));
  return `${path} ${problem}: ${shown}`;
}

/** Both ways of giving a list; an empty text is an omitted list, an empty entry is a mistake for the parser to name. */
export function entries<T>(path: string, input: string | readonly T[] | undefined): readonly (string | T)[] {
  if (input === undefined || input === "") {
    return [];
  }
  if (typeof input === "string") {
    return input.split(",");
  }
  if (!Array.isArray(input)) {
    throw fault(path, input, "must be a text or a list");
  }
  return input;
}
