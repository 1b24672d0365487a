import type { NetworkInput, NetworkSpec, TopologyName } from "./network-spec.ts";

/** Descriptions that are remembered: who plans networks again and again describes the same ones each time. */
const MAX_NETWORKS = 256;

/** By {@link plainText}; the one that was asked for last comes last. */
const specs = new Map<string, NetworkSpec>();

/**
 * The checked form of a description: one object for the same description each time, as long as it is remembered. So what follows
 * from a network alone can be kept with it.
 *
 * @param parse Makes it; what it throws is thrown, and not remembered.
 */
export function knownSpec(
  topology: TopologyName,
  input: NetworkInput,
  parse: (topology: TopologyName, input: NetworkInput) => NetworkSpec,
): NetworkSpec {
  const text = plainText(topology, input);
  if (text === undefined) return parse(topology, input);
  const spec = specs.get(text) ?? deepFrozen(parse(topology, input));
  specs.delete(text);
  specs.set(text, spec);
  const [oldest] = specs.keys();
  if (specs.size > MAX_NETWORKS && oldest !== undefined) specs.delete(oldest);
  return spec;
}

/** All that an ordinary object of texts, whole numbers, truth values and lists of texts says; undefined for any other. */
function plainText(topology: TopologyName, input: NetworkInput): string | undefined {
  const isOrdinary = typeof input === "object" && Object.getPrototypeOf(input) === Object.prototype;
  if (!isOrdinary || !Object.values(input).every(isPlain)) return undefined;
  return JSON.stringify([topology, input]);
}

function isPlain(value: unknown): boolean {
  return isAtom(value) || (Array.isArray(value) && value.every((each) => typeof each === "string"));
}

function isAtom(value: unknown): boolean {
  return (
    value === undefined ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (Number.isInteger(value) && !Object.is(value, -0))
  );
}

function deepFrozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFrozen(part);
  return Object.freeze(value);
}
