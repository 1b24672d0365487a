import {
  type NetworkInput,
  type NetworkSpec,
  networkDifference,
  parseNetwork,
  SpecError,
} from "../topology/index.ts";
import { describeValue, type ManifestPosition } from "./errors.ts";
import type { FieldPath } from "./field-path.ts";
import type { ManifestNetwork } from "./manifest-set.ts";
import { type Netconf, readNetconf } from "./netconf.ts";
import type { KubernetesObject } from "./object.ts";
import type { Problems } from "./problems.ts";
import { reasonOf } from "./topology-reason.ts";

/** What a pod finds when it asks for a NetworkAttachmentDefinition. */
export type DefinitionState =
  | { readonly state: "ours"; readonly network: string }
  | { readonly state: "foreign"; readonly reason: string }
  | { readonly state: "faulty" };

interface Definition {
  readonly key: string;
  readonly netconf: Netconf;
  readonly spec: NetworkSpec;
}

/** The networks of a set of manifests, and which NetworkAttachmentDefinition leads to which. */
export class Networks {
  /** By name. */
  readonly list: readonly ManifestNetwork[];
  readonly #states: ReadonlyMap<string, DefinitionState>;

  /** Takes the objects in the order of their keys: where definitions agree, the first stands for all. */
  constructor(objects: readonly KubernetesObject[], problems: Problems) {
    const states = new Map<string, DefinitionState>();
    const byName = new Map<string, [Definition, ...Definition[]]>();
    for (const object of objects) {
      const definition = readDefinition(object, problems);
      if ("state" in definition) {
        states.set(object.key, definition);
        continue;
      }
      const { name } = definition.spec;
      states.set(object.key, { state: "ours", network: name });
      const others = byName.get(name);
      if (others === undefined) byName.set(name, [definition]);
      else others.push(definition);
    }
    this.#states = states;
    this.list = Array.from(byName.values(), (definitions) => merge(definitions, problems)).toSorted((a, b) =>
      compareText(a.spec.name, b.spec.name),
    );
  }

  /** What the definition of that key, `namespace/name`, is; `undefined` when it is not among the manifests. */
  definition(key: string): DefinitionState | undefined {
    return this.#states.get(key);
  }
}

function readDefinition(object: KubernetesObject, problems: Problems): Definition | DefinitionState {
  const reading = readNetconf(object, problems);
  if (reading.state === "foreign") problems.skip(object.part, object.kind, object.key, reading.reason);
  if (reading.state !== "ours") return reading;
  const { netconf } = reading;
  const spec = specOf(netconf, problems);
  return spec === undefined ? { state: "faulty" } : { key: object.key, netconf, spec };
}

/**
 * Lets the topology layer judge the fields together.
 *
 * It stops at the first fault. The field at fault is then left out and the rest judged again, so that a user sees all
 * of them.
 */
function specOf(netconf: Netconf, problems: Problems): NetworkSpec | undefined {
  const faulty = new Set<string>();
  let input: NetworkInput = netconf.input;
  for (;;) {
    try {
      const spec = parseNetwork(netconf.topology, input);
      return faulty.size === 0 ? spec : undefined;
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      const { path, value, message } = error;
      const field = fieldOf(path);
      // Leaving it out did not help: nothing more can be learned.
      if (faulty.has(field)) return undefined;
      faulty.add(field);
      problems.addAt(configPosition(netconf, field), reasonOf(message, path, value), value, error);
      input = without(input, field);
    }
  }
}

/** The configuration's field that a path of the topology layer, `subnets[1].cidr` say, is about. */
function fieldOf(path: string): string {
  const name = /^\w+/.exec(path)?.[0] ?? "";
  return name === "nad" ? "netAttachDefName" : name;
}

/** Takes the place of faulty subnets: every exclusion lies in it, every topology allows it. */
const ANY_SUBNET = "0.0.0.0/0,::/0";

function without(input: NetworkInput, field: string): NetworkInput {
  if (field === "subnets") return { ...input, subnets: ANY_SUBNET };
  const { [field as "mtu"]: _, ...rest } = input;
  return rest;
}

function configPosition(netconf: Netconf, field: string): ManifestPosition {
  const path: FieldPath = field === "" ? [] : [field];
  return (field === "name" ? netconf.namePart : netconf.part).position(path);
}

/** One network of all definitions that name it. */
function merge(definitions: readonly [Definition, ...Definition[]], problems: Problems): ManifestNetwork {
  const [first, ...others] = definitions;
  for (const other of others) compare(first, other, problems);
  const nads = definitions.map(({ key }) => key);
  return {
    spec: Object.freeze({ ...first.spec, nads: Object.freeze(nads) }),
    nads,
    source: first.netconf.part.position(),
    namePosition: configPosition(first.netconf, "name"),
  };
}

/** All definitions of a network must say the same, or which of them counts would be up to chance. */
function compare(first: Definition, other: Definition, problems: Problems): void {
  const field = networkDifference(first.spec, other.spec);
  if (field === undefined) return;
  const { file, document, line } = first.netconf.part.position([field]);
  const written = first.netconf.part.get([field]);
  problems.add(
    other.netconf.part,
    [field],
    `differs from that of ${first.key} (${written === undefined ? "absent" : describeValue(written)}) ` +
      `in ${file}, document ${document}, line ${line}, which names the same network ${describeValue(first.spec.name)}`,
  );
}

/** Order of code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
