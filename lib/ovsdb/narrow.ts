import { type Json, ProtocolError } from "../jsonrpc/index.ts";
import type { Uuid } from "./model.ts";

// The wire is `Json`; these narrow it once, with a message that tells what was expected where.

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Whether a text is a uuid in its usual form, in either case. Of which table, the caller says, as in
 * `isUuid<"Logical_Switch">(text)`: a text from elsewhere becomes one that `byUuid` takes.
 */
export function isUuid<T extends string = string>(text: string): text is Uuid<T> {
  return uuidPattern.test(text);
}

export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

export function asArray(json: Json | undefined, what: string): readonly Json[] {
  if (isArray(json)) return json;
  throw new ProtocolError(`${what}: expected an array, got ${sketch(json)}`);
}

export function isMembers(json: Json | undefined): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null && !isArray(json);
}

export function asMembers(json: Json | undefined, what: string): { readonly [key: string]: Json } {
  if (isMembers(json)) return json;
  throw new ProtocolError(`${what}: expected an object, got ${sketch(json)}`);
}

export function asText(json: Json | undefined, what: string): string {
  if (typeof json === "string") return json;
  throw new ProtocolError(`${what}: expected a string, got ${sketch(json)}`);
}

/** Reads `["uuid", text]`. */
export function asUuid(json: Json | undefined, what: string): string {
  const uuid = uuidIn(json);
  if (uuid !== undefined) return uuid;
  throw new ProtocolError(`${what}: expected a uuid, got ${sketch(json)}`);
}

/** The text in `["uuid", text]`; undefined for all else. */
export function uuidIn(json: Json | undefined): string | undefined {
  if (!isArray(json) || json.length !== 2 || json[0] !== "uuid") return undefined;
  const text = json[1];
  return typeof text === "string" && isUuid(text) ? text : undefined;
}

/** Whether an object tells by its keys what is in it. A Map, a Date or a Promise has none, and would pass for an empty one. */
export function isKeyed(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // What was made in another realm has that one's prototype, which has none itself.
  const isPlain = Object.getPrototypeOf(prototype) === null;
  return isPlain || (Object.keys(value).length > 0 && !(Symbol.iterator in value));
}

/** A value for a message, in at most 80 characters. */
export function sketch(value: unknown): string {
  const text = inFull(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function inFull(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has neither, and shows these as null, and as an empty object.
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isKeyed(value))
    return kindOf(value);
  try {
    return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}` : v)) ?? `a ${typeof value}`;
  } catch {
    // What holds itself is no JSON.
    return kindOf(value);
  }
}

function kindOf(value: unknown): string {
  return `a ${Object.prototype.toString.call(value).slice("[object ".length, -1)}`;
}
