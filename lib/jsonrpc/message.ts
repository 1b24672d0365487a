import { notification, request, success } from "jsonrpc-lite";
import { ProtocolError, UsageError } from "./errors.ts";
import { findString, stringifyJson } from "./exact-json.ts";
import type { Json } from "./json.ts";
import { notUtf8, parseText } from "./json-text.ts";
import type { CutOut } from "./member-cutter.ts";

/** A message of JSON-RPC 1.0 as it came in (RFC 7047 section 4; ovsdb-server's dialect of it). */
export type Incoming =
  | { readonly kind: "request"; readonly id: Json; readonly method: string; readonly params: readonly Json[] }
  | { readonly kind: "notification"; readonly method: string; readonly params: readonly Json[] }
  | {
      readonly kind: "result";
      readonly id: Json;
      readonly result: Json;
      /** What is not in the result any more. */
      readonly cut?: CutOut;
    }
  | { readonly kind: "error"; readonly id: Json; readonly error: Json };

// jsonrpc-lite makes the outgoing messages and checks id and method. It speaks JSON-RPC 2.0, OVSDB speaks 1.0, hence:
// * its `jsonrpc` member must not leave: ovsdb-server drops a connection that sends any member it does not know;
// * params and results are put in afterwards, because the library tries them with JSON.stringify, which would cost the
//   encoding twice and refuses bigint;
// * its parser is not used: it calls all four kinds of message that ovsdb-server sends invalid.

/**
 * Writes a request.
 *
 * @throws UsageError naming the place of a value that JSON cannot hold, or of a string for which ovsdb-server would drop
 *   the connection: one with U+0000 or half a surrogate pair
 */
export function encodeRequest(id: number, method: string, params: readonly Json[]): string {
  return joinRequest(id, method, writeJson(params, "params"));
}

/** Writes a request around params that are text already, as `writeJson` makes it. Throws for id and method only. */
export function joinRequest(id: number, method: string, params: string): string {
  const named = methods.get(method) ?? nameMethod(method);
  if (!Number.isSafeInteger(id)) throw new UsageError(`the id of a request cannot be ${id}`);
  return `{"id":${id},${named},"params":${params}}`;
}

/** What jsonrpc-lite makes of a method, as text: all that two requests of the same method have in common. */
const methods: Map<string, string> = new Map();

function nameMethod(method: string): string {
  const { jsonrpc: _version, id: _id, ...members } = make(() => request(0, method));
  const named = JSON.stringify(members).slice(1, -1);
  methods.set(method, named);
  return named;
}

/** Writes a request that wants no reply; throws as `encodeRequest` does. */
export function encodeNotification(method: string, params: readonly Json[]): string {
  const { jsonrpc: _version, ...members } = make(() => notification(method));
  // JSON-RPC 1.0 marks a notification by an id of null, where 2.0 has none.
  return writeJson({ ...members, id: null, params });
}

/**
 * Writes the reply to the peer's request with this id, which may be any JSON value but null.
 *
 * @throws UsageError as `encodeRequest` does, and for a result of null: ovsdb-server takes null for absent, and drops the
 *   sender of a reply that has neither result nor error
 */
export function encodeReply(id: Json, result: Json): string {
  if (result === null) throw new UsageError("a reply cannot have a result of null");
  // The 0 stands in: jsonrpc-lite takes strings and integers for an id, ovsdb-server anything.
  const { jsonrpc: _version, ...members } = make(() => success(0, true));
  return writeJson({ ...members, id, result, error: null });
}

/**
 * Writes the reply that refuses the peer's request.
 *
 * It is made by hand, as an error of jsonrpc-lite has a number for its code and OVSDB has names (RFC 7047 section 4.1).
 */
export function encodeErrorReply(id: Json, error: Json): string {
  return writeJson({ id, result: null, error });
}

/**
 * Reads one frame.
 *
 * Members that are null count as absent, as they do for ovsdb-server, and members it does not know are passed over.
 *
 * @throws ProtocolError if it is not UTF-8, not JSON, or not a message
 */
export function decodeMessage(frame: Uint8Array): Incoming {
  const message = parseMembers(readText(frame));
  const { id = null, method = null, params = null, result = null, error = null } = message;
  if (method !== null) {
    if (typeof method !== "string") throw malformed("whose method is not a string");
    if (!Array.isArray(params)) throw malformed(`"${method}" without an array of params`);
    if (result !== null || error !== null) throw malformed("that is both a request and a reply");
    const checked = params as readonly Json[];
    return id === null
      ? { kind: "notification", method, params: checked }
      : { kind: "request", id, method, params: checked };
  }
  if (id === null) throw malformed("with neither method nor id");
  if (error !== null) {
    if (result !== null) throw malformed("with both result and error");
    return { kind: "error", id, error };
  }
  // A result of null is in order for JSON-RPC 1.0 at large, though no method of OVSDB has one.
  if (!Object.hasOwn(message, "result")) throw malformed("with neither result nor error");
  return { kind: "result", id, result };
}

// The framer has seen to it that a frame starts with a brace, so there is no byte order mark to expect or to drop.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws `ProtocolError` for bytes that are not UTF-8. */
function readText(frame: Uint8Array): string {
  try {
    return utf8.decode(frame);
  } catch (cause) {
    throw notUtf8({ cause });
  }
}

function parseMembers(text: string): { readonly [member: string]: Json } {
  const message = parseText(text);
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw malformed("that is not an object");
  }
  return message as { readonly [member: string]: Json };
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(`the peer sent a message ${what}`);
}

/** Lets jsonrpc-lite make a message; what it throws is no Error and does not say which member it means. */
function make<M>(build: () => M): M {
  try {
    return build();
  } catch (cause) {
    throw new UsageError("a method must be a string that is not empty, and an id a safe integer", { cause });
  }
}

/** How `JSON.stringify` writes the two kinds of string that ovsdb-server's parser refuses. */
const unsendableEscape = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;
const unsendable = /[\0\p{Surrogate}]/u;

/**
 * Writes a value as JSON text that ovsdb-server takes. `where` begins the names of places in errors.
 *
 * @throws UsageError as `encodeRequest` does
 */
export function writeJson(message: Json, where = ""): string {
  const text = stringifyJson(message, where);
  // Texts without any such escape, nearly all, are told by a search that costs next to nothing.
  if (text.includes("\\u") && unsendableEscape.test(text)) {
    // Only now is it worth a walk, which also tells an escape from a backslash followed by "u0000".
    const path = findString(message, (string) => unsendable.test(string));
    if (path !== undefined) {
      throw new UsageError(
        `the string at ${where}${where === "" ? path.replace(/^\./, "") : path} holds U+0000 or half a surrogate pair; ovsdb-server drops the connection for it`,
      );
    }
  }
  return text;
}
