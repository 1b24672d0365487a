import {
  checkNetworkRanges,
  type NetworkInput,
  type NetworkSpec,
  networkDifference,
  parseNetwork,
  SpecError,
} from "../../topology/index.ts";
import { NETWORK_ID, PRIMARY_NAMESPACE, TUNNEL_KEYS } from "../objects/annotations.ts";
import type { Kind } from "../objects/kind.ts";
import type { ManifestNetwork } from "../objects/manifest-set.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { describeValue } from "../text/describe-value.ts";
import { refuseAdvertised } from "./advertised.ts";
import { withDhcp } from "./dhcp.ts";
import type { Namespaces } from "./namespaces.ts";
import { readNetconf } from "./netconf.ts";
import type { NetworkDescription } from "./network-description.ts";
import { reasonOf } from "./topology-reason.ts";
import { readClusterUserDefinedNetwork, readUserDefinedNetwork } from "./user-defined-network.ts";

/** What a pod finds when it asks for a NetworkAttachmentDefinition. */
export type DefinitionState =
  | { readonly state: "ours"; readonly network: string }
  | { readonly state: "foreign"; readonly reason: string }
  | { readonly state: "faulty" };

/** One object that describes a network, and the keys of NetworkAttachmentDefinitions that lead to it. */
interface Definition {
  readonly object: KubernetesObject;
  readonly nads: readonly string[];
  readonly description: NetworkDescription;
  readonly spec: NetworkSpec;
}

/** An object that describes no network that could be used, and what its keys lead to instead. */
interface Other {
  readonly nads: readonly string[];
  readonly state: DefinitionState;
}

/** The networks of a set of manifests, and which NetworkAttachmentDefinition leads to which. */
export class Networks {
  /** By name. */
  readonly list: readonly ManifestNetwork[];
  readonly #states: ReadonlyMap<string, DefinitionState>;
  readonly #primaries: ReadonlyMap<string, PrimaryDefinition>;
  readonly #definitions: readonly Definition[];

  /** Takes the objects in the order of their keys: where definitions agree, the first stands for all. */
  constructor(objects: readonly KubernetesObject[], namespaces: Namespaces, problems: Problems) {
    const states = new Map<string, DefinitionState>();
    const byName = new Map<string, [Definition, ...Definition[]]>();
    for (const object of objects) {
      const definition = readDefinition(object, namespaces, problems);
      if ("state" in definition) {
        for (const nad of definition.nads) if (!states.has(nad)) states.set(nad, definition.state);
        continue;
      }
      const { name } = definition.spec;
      for (const nad of definition.nads) {
        const known = states.get(nad);
        if (known?.state === "ours" && known.network !== name)
          reportTaken(definition, nad, known.network, problems);
        states.set(nad, { state: "ours", network: name });
      }
      const others = byName.get(name);
      if (others === undefined) byName.set(name, [definition]);
      else others.push(definition);
    }
    this.#states = states;
    this.#definitions = [...byName.values()].flat();
    this.#primaries = findPrimaries(this.#definitions, problems);
    this.list = Array.from(byName.values(), (definitions) => merge(definitions, problems)).toSorted((a, b) =>
      compareText(a.spec.name, b.spec.name),
    );
  }

  /** What the definition of that key, `namespace/name`, is; `undefined` when it is not among the manifests. */
  definition(key: string): DefinitionState | undefined {
    return this.#states.get(key);
  }

  /** The network of that name, as far as it could be read. */
  byName(name: string): ManifestNetwork | undefined {
    return this.list.find(({ spec }) => spec.name === name);
  }

  /** The network on which pods of the namespace are without asking. */
  primaryOf(namespace: string): { readonly network: string; readonly nad: string } | undefined {
    return this.#primaries.get(namespace);
  }

  /** Whether the definition of that key leads to a primary network. */
  isPrimary(key: string): boolean {
    return [...this.#primaries.values()].some(({ nad }) => nad === key);
  }

  /** Networks that are advertised, or of ranges that the cluster has, are not made; those that are there already may be removed. */
  checkMaking(problems: Problems): void {
    for (const { object, spec, description } of this.#definitions) {
      if (spec.role === "primary" && object.kind === "NetworkAttachmentDefinition")
        refuseAdvertised(object, problems);
      try {
        checkNetworkRanges(spec);
      } catch (error) {
        report(error, description, problems);
      }
    }
  }

  /** A namespace says by a label that its pods are on a primary network; without it they would be on the cluster's own. */
  checkNamespaces(namespaces: Namespaces, problems: Problems): void {
    for (const [namespace, { object }] of this.#primaries) {
      namespaces.use(namespace);
      namespaces.tellMulticast(namespace, problems);
      if (namespaces.takesPrimary(namespace)) continue;
      const path =
        object.kind === "ClusterUserDefinedNetwork"
          ? ["spec", "namespaceSelector"]
          : ["metadata", "namespace"];
      const problem = namespaces.has(namespace)
        ? "lacks the label"
        : "is not among the manifests; its Namespace must be, with the label";
      problems.add(
        object.part,
        path,
        `is for a primary network, and the namespace ${describeValue(namespace)} ${problem} ${PRIMARY_NAMESPACE}`,
        namespace,
      );
    }
  }
}

/** A primary network as one namespace has it. */
interface PrimaryDefinition {
  readonly network: string;
  readonly nad: string;
  readonly object: KubernetesObject;
}

/** By namespace. Two of them in one namespace are a fault of the second. */
function findPrimaries(
  definitions: readonly Definition[],
  problems: Problems,
): ReadonlyMap<string, PrimaryDefinition> {
  const found = new Map<string, PrimaryDefinition>();
  for (const { object, nads, spec } of definitions) {
    if (spec.role !== "primary") continue;
    for (const nad of nads) {
      const namespace = nad.slice(0, nad.indexOf("/"));
      const other = found.get(namespace);
      if (other === undefined) found.set(namespace, { network: spec.name, nad, object });
      else if (other.nad !== nad)
        problems.add(
          object.part,
          ["metadata", "name"],
          `is a second primary network for the namespace ${describeValue(namespace)}, which has ${other.nad} already`,
        );
    }
  }
  return found;
}

/** The objects that describe networks, in the order in which {@link Networks} takes them. */
export function networkObjects(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const ofKind = (kind: Kind): KubernetesObject[] => objects.filter((object) => object.kind === kind);
  // What users wrote comes before what OVN-Kubernetes made of it, for faults are to be mended there.
  return [
    ...ofKind("ClusterUserDefinedNetwork"),
    ...ofKind("UserDefinedNetwork"),
    ...ofKind("NetworkAttachmentDefinition"),
  ];
}

function readDefinition(
  object: KubernetesObject,
  namespaces: Namespaces,
  problems: Problems,
): Definition | Other {
  if (object.kind === "NetworkAttachmentDefinition") {
    const reading = readNetconf(object, problems);
    if (reading.state === "foreign") problems.skip(object.part, object.kind, object.key, reading.reason);
    if (reading.state !== "ours") return { nads: [object.key], state: reading };
    return judged(object, reading.description, [object.key], problems);
  }
  namespaces.use(object.namespace);
  const { description, nads } =
    object.kind === "UserDefinedNetwork"
      ? readUserDefinedNetwork(object, problems)
      : readClusterUserDefinedNetwork(object, namespaces, problems);
  if (description === undefined) return { nads, state: { state: "faulty" } };
  return judged(object, description, nads, problems);
}

function judged(
  object: KubernetesObject,
  plain: NetworkDescription,
  nads: readonly string[],
  problems: Problems,
): Definition | Other {
  const description = withDhcp(object, plain, problems);
  const spec = specOf(description ?? plain, problems);
  return spec === undefined || description === undefined
    ? { nads, state: { state: "faulty" } }
    : { object, nads, description, spec };
}

/** OVN-Kubernetes would make a NetworkAttachmentDefinition of a key that another network has. */
function reportTaken({ object }: Definition, nad: string, network: string, problems: Problems): void {
  problems.add(
    object.part,
    ["metadata", "name"],
    `leads to the NetworkAttachmentDefinition ${nad}, which is of the network ${describeValue(network)} already`,
  );
}

/**
 * Lets the topology layer judge the fields together.
 *
 * It stops at the first fault. The field at fault is then left out and the rest judged again, so that a user sees all
 * of them.
 */
function specOf(description: NetworkDescription, problems: Problems): NetworkSpec | undefined {
  const faulty = new Set<string>();
  let input: NetworkInput = description.input;
  for (;;) {
    try {
      const spec = parseNetwork(description.topology, input);
      return faulty.size === 0 ? spec : undefined;
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      const field = fieldOf(error);
      // Leaving it out did not help, or it is measured against subnets that stand in: nothing more can be learned.
      if (faulty.has(field) || (faulty.has("subnets") && BESIDE_SUBNETS.has(field))) return undefined;
      faulty.add(field);
      report(error, description, problems);
      input = without(input, field);
    }
  }
}

/** The field's name without what is within it, as in `subnets[1].cidr`. */
function fieldOf({ path }: SpecError): string {
  return /^\w+/.exec(path)?.[0] ?? "";
}

/** What must fit the number of the subnets, or lie outside of them. */
const BESIDE_SUBNETS: ReadonlySet<string> = new Set(["defaultGatewayIPs", "transitSubnet"]);

/** Tells a fault that the topology layer found where the field stands. Throws what is no such fault. */
function report(error: unknown, description: NetworkDescription, problems: Problems): void {
  if (!(error instanceof SpecError)) throw error;
  const { path, value, message } = error;
  problems.addAt(description.position(fieldOf(error), value), reasonOf(message, path, value), value, error);
}

/** Takes the place of faulty subnets: every exclusion lies in it. What ranges may not overlap is judged last. */
const ANY_SUBNET = "0.0.0.0/0,::/0";

function without(input: NetworkInput, field: string): NetworkInput {
  if (field === "subnets") return { ...input, subnets: ANY_SUBNET };
  const { [field as "mtu"]: _, ...rest } = input;
  return rest;
}

/** One network of all definitions that name it. */
function merge(definitions: readonly [Definition, ...Definition[]], problems: Problems): ManifestNetwork {
  const [first, ...others] = definitions;
  for (const other of others) compare(first, other, problems);
  const nads = [...new Set(definitions.flatMap((definition) => definition.nads))].toSorted(compareText);
  const { description } = first;
  const { spec } = others.reduce(completed, first);
  const networkId = mergeGiven(definitions, "networkId", NETWORK_ID, problems);
  const tunnelKeys = mergeGiven(definitions, "tunnelKeys", TUNNEL_KEYS, problems);
  const given = { ...networkId?.at, ...tunnelKeys?.at };
  return {
    spec: Object.freeze({
      ...spec,
      nads: Object.freeze(nads),
      ...(networkId && { networkId: networkId.value }),
      ...(tunnelKeys && { tunnelKeys: tunnelKeys.value }),
    }),
    nads,
    source: description.source,
    namePosition: description.position("name"),
    ...(Object.keys(given).length > 0 && { given }),
  };
}

/** What upstream gave to the network, and the annotation of it. Upstream writes it on each definition that it made. */
function mergeGiven<F extends "networkId" | "tunnelKeys">(
  definitions: readonly Definition[],
  field: F,
  annotation: string,
  problems: Problems,
): { readonly value: NonNullable<NetworkSpec[F]>; readonly at: ManifestNetwork["given"] } | undefined {
  const path = ["metadata", "annotations", annotation];
  const [first, ...others] = definitions.filter(({ spec }) => spec[field] !== undefined);
  const value = first?.spec[field];
  if (first === undefined || value === undefined) return undefined;
  for (const { object, spec } of others)
    if (String(spec[field]) !== String(value))
      problems.add(object.part, path, `is not that of ${first.object.key}, which names the same network`);
  return { value, at: { [field]: first.object.part.position(path) } };
}

/** All definitions of a network must say the same, or which of them counts would be up to chance. */
function compare(first: Definition, other: Definition, problems: Problems): void {
  const field = networkDifference(completed(first, other).spec, completed(other, first).spec);
  if (field === undefined) return;
  const { file, document, line } = first.description.position(field);
  const written = first.description.written(field);
  problems.addAt(
    other.description.position(field),
    `differs from that of ${first.description.label} (${written === undefined ? "absent" : describeValue(written)}) ` +
      `in ${file}, document ${document}, line ${line}, which names the same network ${describeValue(first.spec.name)}`,
    other.description.written(field),
  );
}

/** What one definition says of DHCP is true of all: of the annotation nobody makes copies. */
function completed(definition: Definition, other: Definition): Definition {
  const { spec, description } = rendered(definition, other);
  const { dhcp: own, ...rest } = spec;
  const isSilent = description.input.dhcp === undefined && other.description.input.dhcp !== undefined;
  const { dhcp } = isSilent ? other.spec : { dhcp: own };
  return { ...definition, spec: { ...rest, ...(dhcp && { dhcp }) } };
}

/** What a user-defined network does not say, OVN-Kubernetes chose when it made the other definition of it. */
function rendered(definition: Definition, { spec: other, description, object }: Definition): Definition {
  const isRendered =
    object.kind === "NetworkAttachmentDefinition" && definition.object.kind !== "NetworkAttachmentDefinition";
  if (!isRendered) return definition;
  const { underlayMtu: _, ...spec } = definition.spec;
  const transitSubnets =
    description.input.transitSubnet === undefined ? undefined : other.primary?.transitSubnets;
  return {
    ...definition,
    spec: {
      ...spec,
      ...(spec.mtu === undefined && other.mtu !== undefined && { mtu: other.mtu }),
      ...(spec.primary && transitSubnets && { primary: { ...spec.primary, transitSubnets } }),
    },
  };
}

/** Order of code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
