import { type Json, stringifyJson } from "../jsonrpc/index.ts";
import type { Mutation } from "../ovsdb/index.ts";

/**
 * A column's value on the wire as a set of texts, whichever way it is written (RFC 7047 section 5.1, value): sets and maps
 * are not ordered, and a set of one may be a bare atom. The values are those of maps, empty texts for all else.
 */
export type WireSet = ReadonlyMap<string, string>;

/** Reads a value. */
export function wireSet(value: Json): WireSet {
  const pairs = tagged(value, "map");
  if (pairs !== undefined) {
    return new Map(pairs.map((pair) => (Array.isArray(pair) ? [text(pair[0]), text(pair[1])] : ["", ""])));
  }
  return new Map((tagged(value, "set") ?? [value]).map((atom) => [text(atom), ""]));
}

/** Whether two values are the same. */
export function sameWireSet(a: WireSet, b: WireSet): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** What a mutation makes of a value; undefined where that is left to the server to calculate. */
export function mutated(before: WireSet, [, mutator, operand]: Mutation): WireSet | undefined {
  const given = wireSet(operand);
  switch (mutator) {
    case "insert":
      // Keys that are there keep their values.
      return new Map([...given, ...before]);
    case "delete": {
      // Of a map either keys are given, or pairs, which go only as they are.
      const pairs = tagged(operand, "map") !== undefined;
      return new Map(
        [...before].filter(([key, value]) => !(given.has(key) && (!pairs || given.get(key) === value))),
      );
    }
    default:
      return undefined;
  }
}

/**
 * Whether a calculation surely makes another value of this one. Of short integers that is so; a large real swallows what
 * is added to it.
 */
export function surelyChanges(before: WireSet, [, mutator, operand]: Mutation): boolean {
  const isShort = (text: string): boolean => /^-?\d{1,14}$/.test(text);
  const texts = [...before.keys(), text(operand)];
  return (
    (mutator === "+=" || mutator === "-=") && before.size > 0 && texts.every(isShort) && Number(operand) !== 0
  );
}

function tagged(value: Json, tag: "set" | "map"): readonly Json[] | undefined {
  return Array.isArray(value) && value[0] === tag && Array.isArray(value[1]) ? value[1] : undefined;
}

function text(atom: Json | undefined): string {
  return stringifyJson(atom ?? null);
}
