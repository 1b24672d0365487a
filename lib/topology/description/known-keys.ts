import { type KnownKeys, meantKey, notKnown, unknownKey } from "../../jsonrpc/index.ts";
import { SpecError } from "./errors.ts";
import { fault } from "./spec-field.ts";

/** All keys of X: a literal of this type that lacks one, or has another, does not compile. */
export type KeysOf<X> = Readonly<Record<keyof X, true>>;

/** Throws `SpecError` for what is neither true nor false: each text would be taken for true, "false" among them. */
export function checkFlags<X extends object>(given: X, names: readonly (keyof X & string)[]): void {
  for (const name of names) {
    const value: unknown = given[name];
    if (value !== undefined && typeof value !== "boolean") throw fault(name, value, "must be true or false");
  }
}

/** Throws `SpecError` for a key that nobody reads. `path` is where the object stands; empty for what the caller gave itself. */
export function checkKeys(path: string, given: object, known: KnownKeys): void {
  const key = unknownKey(given, known);
  if (key === undefined) return;
  throw stranger(path === "" ? key : `${path}.${key}`, given, key, meantKey(key, known));
}

/** The error for such a key; `meant` is the known one that it may have been. */
export function stranger(path: string, given: object, key: string, meant: string | undefined): SpecError {
  return new SpecError(`${path} ${notKnown(meant)}`, { path, value: given[key as never] });
}
