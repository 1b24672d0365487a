import * as v from "valibot";
import type { FieldPath } from "../text/field-path.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/**
 * Checks a part against a schema; every issue becomes a problem with the field and line it is about.
 *
 * Returns `undefined` when there were issues. Fields that the schema does not name are ignored, as the API server's
 * own extra fields must be.
 */
export function check<const S extends v.GenericSchema>(
  schema: S,
  part: Part,
  problems: Problems,
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, part.value);
  if (result.success) return result.output;
  for (const issue of result.issues) problems.add(part, pathOf(issue), reasonOf(issue));
  return undefined;
}

/** Makes a field optional the way Kubernetes means it: absent and null are the same. */
export function optional<const S extends v.GenericSchema>(schema: S): v.NullishSchema<S, undefined> {
  return v.nullish(schema);
}

/** A map of the entries, and of others that are ignored. A list is none, though it is an object to JavaScript. */
export function map<const E extends v.ObjectEntries>(
  entries: E,
  problem?: string,
): v.GenericSchema<unknown, v.InferOutput<v.ObjectSchema<E, undefined>>> {
  return v.pipe(anyMap(problem), v.object(entries));
}

/** Lets a schema see no key whose value is null, at any depth: the API server drops them before it looks. */
export function withoutNulls<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T> {
  return v.pipe(v.unknown(), v.transform(dropNulls), schema);
}

function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, dropNulls(inner)]])),
  );
}

/** A map, whatever is in it. */
export function anyMap(
  problem = "must be a map",
): v.GenericSchema<unknown, Readonly<Record<string, unknown>>> {
  return v.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    problem,
  );
}

/** A map of any keys to values of one kind. Of a list `v.record` would take the positions for keys. */
export function mapOf<const S extends v.GenericSchema>(
  value: S,
): v.GenericSchema<unknown, Readonly<Record<string, v.InferOutput<S>>>> {
  return v.pipe(anyMap(), v.record(v.string(), value));
}

/** A string without control characters and lone surrogates, which a database and a terminal both choke on. */
export function cleanString(): v.GenericSchema<string> {
  return v.pipe(
    v.string(),
    v.check((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "must not hold control characters"),
  );
}

/** A clean string that can be a name: not empty. */
export function nameString(): v.GenericSchema<string> {
  return v.pipe(cleanString(), v.nonEmpty("must not be empty"));
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  Object: "a map",
  Array: "a list",
};

function pathOf(issue: v.BaseIssue<unknown>): FieldPath {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

/** What is wrong, in our words where the library's are its own. */
export function reasonOf(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== "schema") return issue.message;
  if (issue.received === "undefined") return "is missing";
  const kind = KINDS[issue.expected ?? ""];
  return kind === undefined ? issue.message : `must be ${kind}`;
}
