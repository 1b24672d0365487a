import { checkObject, UsageError } from "../jsonrpc/index.ts";

/** How much an entry matters: `warn` is for what the library copes with by itself, `error` for what ends a handle. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** One thing that happened, for a log. */
export interface LogEntry {
  /** When it happened. */
  readonly time: Date;
  /** How much it matters. */
  readonly level: LogLevel;
  /** What happened, as one word that does not change between versions, such as `state`. */
  readonly event: string;
  /** Which handle: 1 for the first that this process opened, and so on. */
  readonly session: number;
  /** Name of the database, as in `OVN_Northbound`. */
  readonly database: string;
  /** What else there is to say. */
  readonly fields: LogFields;
}

/** Details of a log entry. */
export type LogFields = { readonly [name: string]: string | number | boolean };

/** Receives log entries, in order, soon after the thing happened and never in the middle of it. */
export type Log = (entry: LogEntry) => void;

/**
 * One line for an entry, without a line break: `time level event key=value ...`.
 *
 * Values that hold a space, a quote, an equals sign or a control character are written as JSON strings. Throws `UsageError` for
 * what is no entry.
 */
export function formatLogEntry(entry: LogEntry): string {
  checkObject("a log entry", entry);
  if (typeof entry.time?.toISOString !== "function")
    throw new UsageError("a log entry has time, a Date, as those that `log` is called with");
  const { time, level, event, session, database, fields } = entry;
  const pairs = Object.entries({ session, database, ...fields }).map(
    ([name, value]) => `${name}=${typeof value === "string" ? quoted(value) : value}`,
  );
  return [time.toISOString(), level, event, ...pairs].join(" ");
}

function quoted(value: string): string {
  if (/^[!#-<>-~]+$/.test(value)) return value;
  // JSON escapes the control characters of ASCII alone; these others break lines, too.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
