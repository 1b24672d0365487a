import * as v from "valibot";
import { similar } from "../../jsonrpc/index.ts";
import { describeValue } from "../text/describe-value.ts";
import { check, map, optional } from "./check.ts";
import type { Kind } from "./kind.ts";
import { meantName, refuseMisspeltMetadata } from "./misspelt-fields.ts";
import { reasonOfOtherKind } from "./other-kinds.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";

/** A Kubernetes object of ours, known by kind and name and not judged further. */
export interface KubernetesObject {
  readonly kind: Kind;
  /** Empty for objects that belong to no namespace. */
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly part: Part;
}

/** A kind name means ours only in this API group; the core group is empty. */
const GROUPS: Readonly<Record<Kind, string>> = {
  Node: "",
  Namespace: "",
  Pod: "",
  NetworkAttachmentDefinition: "k8s.cni.cncf.io",
  UserDefinedNetwork: "k8s.ovn.org",
  ClusterUserDefinedNetwork: "k8s.ovn.org",
  IPAMClaim: "k8s.cni.cncf.io",
  NetworkPolicy: "networking.k8s.io",
  MultiNetworkPolicy: "k8s.cni.cncf.io",
  Service: "",
  EndpointSlice: "discovery.k8s.io",
};

const CLUSTER_WIDE: ReadonlySet<string> = new Set<Kind>(["Node", "Namespace", "ClusterUserDefinedNetwork"]);

/** The namespace that kubectl uses when a manifest names none. */
const DEFAULT_NAMESPACE = "default";

/** Of parts between dots, each a label (RFC 1123): what the API server takes, and so what no other program has to be ready for. */
const LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
const OBJECT_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const NAMESPACE_NAME = new RegExp(`^${LABEL}$`);
const LETTERS = "lower-case letters, digits and hyphens, with a letter or digit first and last";

const ObjectSchema = map({
  metadata: map({
    name: v.pipe(
      v.string(),
      v.regex(OBJECT_NAME, `must be of ${LETTERS}, or several such with dots`),
      v.maxLength(253, "must have at most 253 characters"),
    ),
    namespace: optional(
      v.pipe(
        v.string(),
        v.regex(NAMESPACE_NAME, `must be of ${LETTERS}`),
        v.maxLength(63, "must have at most 63 characters"),
      ),
    ),
  }),
});

/** Finds the objects of our kinds in a document, lists opened; each other kind is skipped with a line. */
export function readObjects(document: Part, problems: Problems): KubernetesObject[] {
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.add(
      document,
      [],
      "is not a Kubernetes object: must be a map with apiVersion, kind and metadata",
    );
    return [];
  }
  const kind = document.get(["kind"]);
  if (typeof kind !== "string" || kind === "") {
    problems.add(
      document,
      ["kind"],
      kind === undefined ? "is missing" : "must be a string that is not empty",
    );
    return [];
  }
  const items = document.get(["items"]);
  if (kind.endsWith("List") && (Array.isArray(items) || items === null || items === undefined)) {
    const list: readonly unknown[] = items ?? [];
    return list.flatMap((_, index) => readItem(document, kind, index, problems));
  }
  // Others of that name may have anything there.
  const listed = kind.endsWith("List") ? kind.slice(0, -"List".length) : undefined;
  if (listed === "" || (listed !== undefined && Object.hasOwn(GROUPS, listed))) {
    problems.add(document, ["items"], "must be a list");
    return [];
  }
  return readObject(document, kind, problems);
}

/** Items of a `PodList`, as the API itself returns it, have no kind of their own; those of a `List` do. */
function readItem(list: Part, listKind: string, index: number, problems: Problems): KubernetesObject[] {
  const item = list.at(["items", index]);
  const kind = listKind.slice(0, -"List".length);
  const known = kind !== "" && item.get(["kind"]) === undefined;
  return known && typeof item.value === "object" && item.value !== null
    ? readObject(item, kind, problems)
    : readObjects(item, problems);
}

function readObject(part: Part, kind: string, problems: Problems): KubernetesObject[] {
  if (!isOurs(kind, part)) {
    if (reportMisspelling(part, kind, problems)) return [];
    problems.skip(part, kind, nameOf(part), reasonToSkip(part, kind));
    return [];
  }
  const object = check(ObjectSchema, part, problems);
  const misspelt = refuseMisspeltMetadata(part, kind, problems);
  // In the default namespace it would be another object.
  if (object === undefined || misspelt.includes("namespace")) return [];
  const { name } = object.metadata;
  const namespace = CLUSTER_WIDE.has(kind) ? "" : (object.metadata.namespace ?? DEFAULT_NAMESPACE);
  return [{ kind, namespace, name, key: namespace === "" ? name : `${namespace}/${name}`, part }];
}

function reasonToSkip(part: Part, kind: string): string {
  const group = groupOf(part);
  if (!Object.hasOwn(GROUPS, kind)) return reasonOfOtherKind(group, kind);
  return `this kind is not used of ${inWords(group)}, only of ${inWords(GROUPS[kind as Kind])}`;
}

function inWords(group: string | undefined): string {
  return group === undefined || group === ""
    ? "Kubernetes' core group"
    : `the group ${describeValue(group).slice(1, -1)}`;
}

function isOurs(kind: string, part: Part): kind is Kind {
  if (!Object.hasOwn(GROUPS, kind)) return false;
  const group = groupOf(part);
  // Without an apiVersion the kind alone decides: nobody but us reads such a manifest.
  return group === undefined || group === GROUPS[kind as Kind];
}

function groupOf(part: Part): string | undefined {
  const apiVersion = part.get(["apiVersion"]);
  if (typeof apiVersion !== "string") return undefined;
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** An object that was meant for us would else be passed over, and its network be missing. */
function reportMisspelling(part: Part, kind: string, problems: Problems): boolean {
  const group = groupOf(part);
  const theirs = (meant: string): string => (Object.hasOwn(GROUPS, meant) ? GROUPS[meant as Kind] : "");
  // Other groups have kinds of other names.
  const kinds = ["List", ...Object.keys(GROUPS)].filter(
    (known) => group === undefined || group === theirs(known),
  );
  const meant = Object.hasOwn(GROUPS, kind)
    ? undefined
    : (kinds.find((known) => pluralOf(known) === kind.toLowerCase()) ?? meantName(kind, kinds));
  if (meant !== undefined && meant !== kind) {
    problems.add(part, ["kind"], `is not a kind of Kubernetes; did you mean ${meant}?`);
    return true;
  }
  // People misspell what they do not write every day: the groups that are not Kubernetes' own.
  const own = Object.hasOwn(GROUPS, kind) ? GROUPS[kind as Kind] : "";
  if (own === "" || group === undefined || !isLike(group, own)) return false;
  problems.add(part, ["apiVersion"], `is not that of a ${kind}; did you mean ${own}/v1?`);
  return true;
}

/** The resource of a kind, as kubectl has it. */
function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`.replace(/ys$/, "ies");
}

/** Whether a group is another one misspelt; without a version it looks like a version without a group. */
function isLike(group: string, other: string): boolean {
  const withoutVersions = group.replaceAll(/\.v\d+\w*(?=\.)/g, "");
  return group === "" || similar(withoutVersions, [other]) !== undefined;
}

/** How a skipped object is called in its line. It has not been checked, and may hold anything. */
function nameOf(part: Part): string {
  const name = part.get(["metadata", "name"]);
  const namespace = part.get(["metadata", "namespace"]);
  if (typeof name !== "string") return "";
  const full = typeof namespace === "string" ? `${namespace}/${name}` : name;
  return describeValue(full).slice(1, -1);
}
