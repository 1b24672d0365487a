import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";

/**
 * Throws `UsageError` for what is no text, as plain JavaScript may give: within a name it would be `undefined` or `[object Object]`.
 *
 * @returns the same
 */
export function checkedText(what: string, value: string): string {
  if (typeof value === "string") return value;
  throw notText(what, value);
}

/** The same for an empty one, too: whatever lacks a name would share it with all others. */
export function checkedFilled(what: string, value: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw notText(what, value);
}

function notText(what: string, value: unknown): UsageError {
  return new UsageError(`${what} is a text, and not ${value === "" ? "an empty one" : sketch(value)}`);
}
