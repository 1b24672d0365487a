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
  return `${path} ${problem}: ${isNumber ? value : textOf(value)}`;
}

/** As JSON, or what kind of thing it is: JSON has no functions, no large numbers, and nothing that holds itself. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
    return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
  }
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
  // Without holes, which would be passed over.
  return [...input];
}
