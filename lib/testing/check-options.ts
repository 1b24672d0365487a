import { statSync } from "node:fs";
import { checkBooleans, UsageError } from "../jsonrpc/index.ts";
import { isKeyed, sketch } from "../ovsdb/index.ts";
import { SandboxError } from "./errors.ts";

// Values that plain JavaScript may give: without these checks Node.js would say so, or a daemon, or nobody.

/** What all that starts something takes. */
interface StartOptions {
  readonly keepDirectory?: boolean | undefined;
  readonly parentDirectory?: string | undefined;
  readonly timeout?: number | undefined;
}

/** Throws `UsageError` for an option that is not of its type, and `SandboxError` for a directory that is not there. */
export function checkStart(options: StartOptions): void {
  checkBooleans(options, ["keepDirectory"]);
  checkNumbers(options, ["timeout"]);
  if (options.parentDirectory !== undefined) checkDirectory("parentDirectory", options.parentDirectory);
}

/** The same for where servers listen. */
export function checkListening({ tcp, tls }: { readonly tcp?: unknown; readonly tls?: unknown }): void {
  if (tcp !== undefined && typeof tcp !== "boolean" && tcp !== "127.0.0.1" && tcp !== "::1")
    throw notOfType(`tcp is true, false, "127.0.0.1" or "::1"`, tcp);
  if (tls === undefined || typeof tls === "boolean") return;
  for (const file of ["caFile", "certFile", "keyFile"] as const)
    if (!isKeyed(tls) || typeof tls[file as never] !== "string")
      throw notOfType(`tls is true, false or { caFile, certFile, keyFile }`, tls);
}

/** Throws `UsageError` for options that are no numbers from zero on. */
export function checkNumbers<X extends object>(options: X, names: readonly (keyof X & string)[]): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0))
      throw notOfType(`${name} is a number`, value);
  }
}

/** Throws `UsageError` for a value that is none of these. */
export function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return;
  throw notOfType(`${name} is one of ${choices.join(", ")}`, value);
}

/** The same for what is no list of texts. */
export function checkTexts(name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string")))
    return;
  throw notOfType(`${name} is a list of texts`, value);
}

/** What to throw for a value that is another than what was to be said of it. */
export function notOfType(what: string, value: unknown): UsageError {
  return new UsageError(`${what}, and not ${sketch(value)}`);
}

/** The same for what is no object with members. */
export function checkMembers(name: string, value: unknown): void {
  if (value !== undefined && !isKeyed(value)) throw notOfType(`${name} is an object`, value);
}

/** Throws for what is no path of a directory. */
export function checkDirectory(name: string, path: string): void {
  if (typeof path !== "string" || path === "") throw notOfType(`${name} is the path of a directory`, path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new SandboxError(`${name}: there is no directory ${path}`);
}
