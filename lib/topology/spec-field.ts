import { SpecError } from "./errors.ts";

/** A {@link SpecError} whose message shows field and value. */
export function fault(path: string, value: unknown, problem: string, source?: string): SpecError {
  const shown = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
  return new SpecError(`${path} ${problem}: ${shown}`, { path, value, source });
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
