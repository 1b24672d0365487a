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
  if (latest?.topology === topology && isSame(latest.input, input)) return latest.spec;
  const text = plainText(topology, input);
  if (text === undefined) return parse(topology, input);
  const spec = specs.get(text) ?? deepFrozen(parse(topology, input));
  specs.delete(text);
  specs.set(text, spec);
  const [oldest] = specs.keys();
  if (specs.size > MAX_NETWORKS && oldest !== undefined) specs.delete(oldest);
  latest = Object.values(input).every(isAtom) ? { topology, input: { ...input }, spec } : undefined;
  return spec;
}

/**
 * What was asked for last, if it was atoms only: whoever plans node by node describes the network each time, and to compare takes
 * far less than to write it down.
 */
let latest:
  | {
      readonly topology: TopologyName;
      readonly input: Readonly<Record<string, unknown>>;
      readonly spec: NetworkSpec;
    }
  | undefined;

/** Whether an ordinary object has these properties and no others. */
function isSame(known: Readonly<Record<string, unknown>>, input: NetworkInput): boolean {
  if (!isOrdinary(input)) return false;
  let count = 0;
  for (const name in input) {
    if (!Object.hasOwn(known, name) || !Object.is(known[name], input[name as keyof NetworkInput]))
      return false;
    count += 1;
  }
  for (const _name in known) count -= 1;
  return count === 0;
}

/** All that an ordinary object of texts, whole numbers, truth values and lists of texts says; undefined for any other. */
function plainText(topology: TopologyName, input: NetworkInput): string | undefined {
  if (!isOrdinary(input) || !Object.values(input).every(isPlain)) return undefined;
  return JSON.stringify([topology, input]);
}

function isOrdinary(input: unknown): boolean {
  return typeof input === "object" && input !== null && Object.getPrototypeOf(input) === Object.prototype;
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
