import * as v from "valibot";
import { parseMac } from "../../topology/index.ts";
import { SELECTION_KEYS } from "../networks/cni-keys.ts";
import { NETWORKS } from "../objects/annotations.ts";
import { check, cleanString, map, nameString, optional } from "../objects/check.ts";
import type { ManifestPosition } from "../objects/errors.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import { tellUnknownKeys } from "../objects/unknown-keys.ts";
import { isAddress, isCidr } from "../text/address-text.ts";
import type { FieldPath } from "../text/field-path.ts";

/** One element of a networks annotation. */
export interface Selection {
  /** Key of the NetworkAttachmentDefinition, `namespace/name`. */
  readonly definition: string;
  /** The same with `/1`, `/2`, ... when the pod asks for it again. */
  readonly nad: string;
  readonly interface: string;
  readonly mac?: string;
  readonly ips?: readonly string[];
  /** The IPAMClaim whose addresses it is to have. */
  readonly claim?: ClaimReference;
  readonly source: ManifestPosition;
}

/** A mention of an IPAMClaim, and where it stands. */
export interface ClaimReference {
  /** `namespace/name`. */
  readonly key: string;
  readonly source: ManifestPosition;
}

interface Element {
  readonly namespace: string;
  readonly name: string;
  readonly interface?: string | undefined;
  readonly mac?: string | undefined;
  readonly ips?: readonly string[] | undefined;
  readonly claim?: ClaimReference | undefined;
  readonly source: ManifestPosition;
}

/** An element of the JSON notation as it is written; MAC addresses are normalised. */
export interface CheckedElement {
  readonly name: string;
  readonly namespace?: string | null | undefined;
  readonly interface?: string | null | undefined;
  readonly mac?: string | null | undefined;
  readonly ips?: readonly string[] | null | undefined;
  readonly "ipam-claim-reference"?: string | null | undefined;
}

const PATH: FieldPath = ["metadata", "annotations", NETWORKS];

/** Kubernetes allows no others in names (RFC 1123); anything else is a typing error in a notation this terse. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** What Linux takes as the name of a network device: at most 15 bytes, no slash, no white space, not a colon. */
const INTERFACE_NAME = /^(?!\.{1,2}$)[!-~]{1,15}$/;

const objectName = v.pipe(nameString(), v.regex(OBJECT_NAME, "is not the name of a Kubernetes object"));
const interfaceName = v.pipe(
  v.string(),
  v.check((text) => INTERFACE_NAME.test(text) && !/[/:]/.test(text), "is not a name for a network interface"),
);

/** The MAC address of a request or a record, normalised. */
export const macAddress: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check((text) => parseMac(text) !== undefined, "is not a MAC address of one interface"),
  v.transform((text) => parseMac(text) ?? text),
);

const address = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => isAddress(text) || isCidr(text), "is not an address or an address with a prefix length"),
);

const ELEMENT_ENTRIES = {
  name: objectName,
  namespace: optional(objectName),
  interface: optional(interfaceName),
  mac: optional(macAddress),
  ips: optional(v.array(address)),
  "ipam-claim-reference": optional(cleanString()),
};

/** What an element of a networks annotation in JSON, or of a request for the default network, says. */
export const ElementSchema: v.GenericSchema<unknown, CheckedElement> = map(ELEMENT_ENTRIES);

/** The keys of such an element, those without effect among them. */
export const ELEMENT_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(ELEMENT_ENTRIES),
  ...SELECTION_KEYS,
]);

/**
 * Reads the annotation `k8s.v1.cni.cncf.io/networks` in both notations of the multi-net-spec: the short one,
 * `[namespace/]name[@interface], ...`, and the JSON list. `undefined` when an element cannot be read.
 */
export function readSelections(
  object: KubernetesObject,
  text: string,
  problems: Problems,
): readonly Selection[] | undefined {
  // The characters by which Multus tells the notations apart; none of them can be in the short one.
  const elements = /[[{"]/.test(text)
    ? readJsonList(object, text, problems)
    : readShortList(object, text, problems);
  if (elements.includes(undefined)) return undefined;
  const counts = new Map<string, number>();
  const interfaces = new Set<string>();
  const selections: Selection[] = [];
  for (const [index, element] of elements.entries()) {
    if (element === undefined) continue;
    const definition = `${element.namespace}/${element.name}`;
    const count = counts.get(definition) ?? 0;
    counts.set(definition, count + 1);
    const name = element.interface ?? `net${index + 1}`;
    if (interfaces.has(name))
      problems.addAt(element.source, "has the interface of another element of the annotation", name);
    interfaces.add(name);
    selections.push({
      definition,
      nad: count === 0 ? definition : `${definition}/${count}`,
      interface: name,
      ...(element.mac === undefined ? {} : { mac: element.mac }),
      ...(element.ips === undefined || element.ips.length === 0 ? {} : { ips: element.ips }),
      ...(element.claim === undefined ? {} : { claim: element.claim }),
      source: element.source,
    });
  }
  return selections;
}

function readShortList(object: KubernetesObject, text: string, problems: Problems): (Element | undefined)[] {
  return text.split(",").map((raw, index) => {
    const written = raw.trim();
    const [, namespace, name = "", device] = /^(?:([^/@]*)\/)?([^/@]*)(?:@([^/@]*))?$/.exec(written) ?? [];
    const source = object.part.position([...PATH, index]);
    const good =
      OBJECT_NAME.test(name) &&
      (namespace === undefined || OBJECT_NAME.test(namespace)) &&
      (device === undefined || v.is(interfaceName, device));
    if (good) return { namespace: namespace ?? object.namespace, name, interface: device, source };
    problems.addAt(source, "is not of the form [namespace/]name[@interface]", written);
    return undefined;
  });
}

function readJsonList(object: KubernetesObject, text: string, problems: Problems): (Element | undefined)[] {
  const part = problems.json(object.part, PATH, text);
  if (part === undefined) return [undefined];
  if (!Array.isArray(part.value)) {
    problems.add(part, [], "must be a list");
    return [undefined];
  }
  return part.value.map((_, index) => {
    const item = part.at([index]);
    tellUnknownKeys(object, item, ELEMENT_KEYS, problems);
    const element = check(ElementSchema, item, problems);
    if (element === undefined) return undefined;
    const namespace = element.namespace ?? object.namespace;
    const claim = element["ipam-claim-reference"];
    return {
      namespace,
      name: element.name,
      interface: element.interface ?? undefined,
      mac: element.mac ?? undefined,
      ips: element.ips ?? undefined,
      // In the namespace of the definition, as upstream has it.
      claim: claim
        ? { key: `${namespace}/${claim}`, source: item.position(["ipam-claim-reference"]) }
        : undefined,
      source: item.position(),
    };
  });
}
