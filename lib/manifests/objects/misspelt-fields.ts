import { similar } from "../../jsonrpc/index.ts";
import type { FieldPath } from "../text/field-path.ts";
import {
  ACL_LOGGING,
  ACL_STATELESS,
  DEFAULT_NETWORK,
  DHCP,
  DOMAIN,
  GATEWAY_CONFIG,
  GATEWAY_MTU_SUPPORT,
  HOST_CIDRS,
  MASQUERADE_SUBNET,
  MIGRATION_READY,
  MULTICAST,
  NETWORK_ID,
  NETWORK_IDS,
  NETWORKS,
  NODE_CHASSIS_ID,
  NODE_ID,
  NODE_SUBNETS,
  OPEN_PORTS,
  POD_NETWORKS,
  POLICY_FOR,
  PRIMARY_CLAIM,
  ROUTE_ADVERTISEMENTS,
  SLICE_NETWORK,
  TRANSIT_ADDRESSES,
  TUNNEL_KEYS,
  ZONE_NAME,
} from "./annotations.ts";
import type { Kind } from "./kind.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/** The keys of a part that are read, and those of its parts; a list's are those of each of its elements. */
export interface Keys {
  readonly [key: string]: Keys | undefined;
}

function keys(...names: readonly string[]): Keys {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

const NODE_ANNOTATIONS = keys(
  NODE_SUBNETS,
  NODE_CHASSIS_ID,
  NODE_ID,
  NETWORK_IDS,
  GATEWAY_CONFIG,
  GATEWAY_MTU_SUPPORT,
  MASQUERADE_SUBNET,
  HOST_CIDRS,
  ZONE_NAME,
  TRANSIT_ADDRESSES,
);
const POD_ANNOTATIONS = keys(
  NETWORKS,
  POD_NETWORKS,
  DEFAULT_NETWORK,
  PRIMARY_CLAIM,
  OPEN_PORTS,
  DOMAIN,
  MIGRATION_READY,
);

function metadata(annotations: Keys): Keys & { readonly annotations: Keys } {
  return { ...keys("name", "namespace", "labels"), annotations };
}

/** Annotations are open to everybody, and no API server looks at them. */
const METADATA: Readonly<Record<Kind, ReturnType<typeof metadata>>> = {
  Node: metadata(NODE_ANNOTATIONS),
  Namespace: metadata(keys(ACL_LOGGING, MULTICAST)),
  NetworkAttachmentDefinition: metadata(keys(NETWORK_ID, TUNNEL_KEYS, ROUTE_ADVERTISEMENTS, DHCP)),
  UserDefinedNetwork: metadata(keys(DHCP)),
  ClusterUserDefinedNetwork: metadata(keys(DHCP)),
  Pod: { ...metadata(POD_ANNOTATIONS), ...keys("uid", "creationTimestamp") },
  IPAMClaim: metadata(keys()),
  NetworkPolicy: metadata(keys(ACL_STATELESS)),
  MultiNetworkPolicy: metadata(keys(POLICY_FOR, ACL_STATELESS)),
  Service: metadata(keys()),
  EndpointSlice: metadata(keys(SLICE_NETWORK)),
};

/** Of one kind they may be near to those of another: `network-id` of a network, `network-ids` of a node. */
const ALL_ANNOTATIONS: ReadonlySet<string> = new Set(
  Object.values(METADATA).flatMap(({ annotations }) => Object.keys(annotations)),
);

/** The names of Kubernetes' own kinds. Beside what is listed here they have many more that say nothing of networks. */
const FIELDS: Readonly<Record<"Pod" | "Service" | "EndpointSlice", Keys>> = {
  Pod: {
    spec: {
      ...keys("nodeName", "nodeSelector", "hostNetwork"),
      containers: { ports: keys("name", "protocol", "containerPort") },
    },
    status: keys("phase"),
  },
  Service: {
    spec: {
      ...keys("type", "clusterIP", "clusterIPs", "externalIPs", "sessionAffinity"),
      ...keys("externalTrafficPolicy", "internalTrafficPolicy", "publishNotReadyAddresses"),
      ports: keys("name", "protocol", "port", "nodePort"),
      sessionAffinityConfig: { clientIP: keys("timeoutSeconds") },
    },
    status: { loadBalancer: { ingress: keys("ip") } },
  },
  EndpointSlice: {
    addressType: undefined,
    ports: keys("name", "protocol", "port"),
    endpoints: {
      ...keys("addresses", "nodeName"),
      conditions: keys("ready", "serving", "terminating"),
      targetRef: keys("kind", "name", "namespace"),
    },
  },
};

/** Kinds whose `spec` is looked for by its name alone; that of a Pod and a Service is in {@link FIELDS}. */
const WITH_SPEC: ReadonlySet<Kind> = new Set<Kind>([
  "NetworkAttachmentDefinition",
  "UserDefinedNetwork",
  "ClusterUserDefinedNetwork",
  "NetworkPolicy",
  "MultiNetworkPolicy",
]);
const METADATA_AND_SPEC = keys("metadata", "spec");
const METADATA_ALONE = keys("metadata");

/** Refuses misspelt names of an object's parts, in its metadata, and of its annotations. Returns those in the metadata that were meant. */
export function refuseMisspeltMetadata(part: Part, kind: Kind, problems: Problems): readonly string[] {
  refuseMisspelt(part, [], WITH_SPEC.has(kind) ? METADATA_AND_SPEC : METADATA_ALONE, problems);
  return refuseMisspelt(part, ["metadata"], METADATA[kind], problems);
}

/** Refuses misspelt names of fields outside of the metadata. */
export function refuseMisspeltFields(part: Part, kind: keyof typeof FIELDS, problems: Problems): void {
  refuseMisspelt(part, [], FIELDS[kind], problems);
}

/**
 * A name that nobody reads is usually one of the many that are rightly ignored, of this version of Kubernetes or the next. It is a
 * fault where it is nearly one that is read and that is missing beside it.
 */
function refuseMisspelt(part: Part, path: FieldPath, known: Keys, problems: Problems): readonly string[] {
  const found: string[] = [];
  // Values and not parts of parts: nearly always there is nothing to say, of any number of pods.
  const visit = (value: unknown, at: FieldPath, expected: Keys): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) visit(element, [...at, index], expected);
      return;
    }
    const given = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(given)) {
      if (given[key] === null || given[key] === undefined) continue;
      if (Object.hasOwn(expected, key)) {
        const inner = expected[key];
        if (inner !== undefined) visit(given[key], [...at, key], inner);
        continue;
      }
      if (isFar(key, expected)) continue;
      const absent = Object.keys(expected).filter(
        (name) => !Object.hasOwn(given, name) || given[name] === null,
      );
      const meant = meantName(key, absent);
      if (meant === undefined) continue;
      found.push(meant);
      problems.add(part, [...at, key], `is not known; did you mean ${meant}?`);
    }
  };
  visit(part.get(path), path, known);
  return found;
}

/** Names that are near to none that is read: the same few in each of any number of objects. */
const farNames = new WeakMap<Keys, Set<string>>();
/** Kubernetes has fewer. What somebody else invents is compared each time. */
const MOST_FAR_NAMES = 500;

function isFar(key: string, expected: Keys): boolean {
  let far = farNames.get(expected);
  if (far === undefined) {
    far = new Set();
    farNames.set(expected, far);
  }
  if (far.has(key)) return true;
  if (!ALL_ANNOTATIONS.has(key) && meantName(key, Object.keys(expected)) !== undefined) return false;
  if (far.size < MOST_FAR_NAMES) far.add(key);
  return true;
}

/**
 * The name that was probably meant. Stricter than a hint has to be: short words are near to many others, `port` to `host` and
 * `path`.
 */
export function meantName(key: string, names: readonly string[]): string | undefined {
  const within = (reach: number): readonly string[] => names.filter((name) => reachOf(name) === reach);
  return (
    similar(key, within(2), 2) ??
    similar(key, within(1), 1) ??
    similar(key, within(0), 0) ??
    within(1).find((name) => sorted(name) === sorted(key))
  );
}

/** How many typing errors a name may have. Of an annotation's the prefix, which many share, does not make it longer. */
function reachOf(name: string): number {
  const { length } = name.slice(name.lastIndexOf("/") + 1);
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

/** Equal for words of which two letters changed places. */
function sorted(word: string): string {
  return [...word.toLowerCase()].sort().join("");
}
