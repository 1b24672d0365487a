import * as v from "valibot";
import type { AttachmentInput, PodRecord, TopologyName } from "../../topology/index.ts";
import type { Namespaces } from "../networks/namespaces.ts";
import type { Networks } from "../networks/networks.ts";
import type { Nodes } from "../nodes/nodes.ts";
import {
  DEFAULT_NETWORK,
  DOMAIN,
  HOSTNAME,
  KUBEVIRT,
  NETWORKS,
  OPEN_PORTS,
  POD_NETWORKS,
  PRIMARY_CLAIM,
} from "../objects/annotations.ts";
import { anyMap, check, cleanString, map, mapOf, optional } from "../objects/check.ts";
import type { ManifestPosition } from "../objects/errors.ts";
import type { ManifestAttachment, ManifestDeletion, ManifestPod } from "../objects/manifest-set.ts";
import { refuseMisspeltFields } from "../objects/misspelt-fields.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { keysOf } from "../objects/unknown-keys.ts";
import { isAddress, isCidr } from "../text/address-text.ts";
import { describeValue } from "../text/describe-value.ts";
import type { FieldPath } from "../text/field-path.ts";
import { readDefaultPort } from "./default-port.ts";
import type { IpamClaims } from "./ipam-claims.ts";
import { requestsThatCount } from "./kept-addresses.ts";
import { hasEnded, type LiveMigrations } from "./live-migration.ts";
import { readPrimaryRequest } from "./primary-request.ts";
import { macAddress, readSelections, type Selection } from "./selections.ts";

const ContainerPortSchema = map({
  name: optional(cleanString()),
  protocol: optional(v.picklist(["TCP", "UDP", "SCTP"] as const, "must be one of TCP, UDP, SCTP")),
  containerPort: v.pipe(
    v.number(),
    v.integer("must be a whole number"),
    v.minValue(1, "must be from 1 to 65535"),
    v.maxValue(65_535, "must be from 1 to 65535"),
  ),
});

const PodSchema = map({
  metadata: map({
    uid: optional(cleanString()),
    labels: optional(mapOf(v.string())),
    annotations: optional(
      map({
        [NETWORKS]: optional(v.string()),
        [POD_NETWORKS]: optional(v.string()),
        [DOMAIN]: optional(cleanString()),
        [PRIMARY_CLAIM]: optional(cleanString()),
        [DEFAULT_NETWORK]: optional(v.string()),
        [OPEN_PORTS]: optional(v.string()),
      }),
    ),
  }),
  spec: optional(
    map({
      nodeName: optional(v.string()),
      nodeSelector: optional(map({ [HOSTNAME]: optional(v.string()) })),
      hostNetwork: optional(v.boolean()),
      containers: optional(v.array(map({ ports: optional(v.array(ContainerPortSchema)) }))),
    }),
  ),
  status: optional(map({ phase: optional(v.string()) })),
});

type CheckedPod = v.InferOutput<typeof PodSchema>;

const recordedAddress = v.pipe(
  v.string(),
  v.check((text) => isCidr(text) || isAddress(text), "is not an address or an address with a prefix length"),
);

const RecordSchema = map({
  ip_addresses: optional(v.array(recordedAddress)),
  // The form of single-stack clusters of long ago.
  ip_address: optional(recordedAddress),
  mac_address: optional(macAddress),
  // Upstream leaves it out where there is none.
  tunnel_id: optional(v.number("must be a number")),
});

/** What else is among the manifests. */
export interface PodSurroundings {
  readonly nodes: Nodes;
  readonly networks: Networks;
  readonly namespaces: Namespaces;
  readonly claims: IpamClaims;
  readonly migrations: LiveMigrations;
}

/** Reads one pod; `undefined` when it has no attachment to a network of ours, or something is wrong with it. */
export function readPod(
  object: KubernetesObject,
  { nodes, networks, namespaces, claims, migrations }: PodSurroundings,
  problems: Problems,
): ManifestPod | undefined {
  const primary = networks.primaryOf(object.namespace);
  const asks = Boolean(object.part.get(["metadata", "annotations", NETWORKS]));
  if (asks || primary !== undefined) refuseMisspeltFields(object.part, "Pod", problems);
  const pod = check(PodSchema, object.part, problems);
  if (pod === undefined) return undefined;
  const text = pod.metadata.annotations?.[NETWORKS] ?? "";
  const reason = reasonToSkip(pod, text, primary !== undefined);
  if (reason !== undefined) {
    problems.skip(object.part, object.kind, object.key, reason);
    return undefined;
  }
  const selections = text.trim() === "" ? [] : readSelections(object, text, problems);
  if (selections === undefined) return undefined;
  if (selections.length === 0 && primary === undefined) skipEmpty(object, problems);
  const unused: Unused[] = [];
  if (primary === undefined && namespaces.takesPrimary(object.namespace))
    unused.push({
      source: object.part.position(["metadata", "namespace"]),
      reason: "its namespace asks for a primary network, and none of the manifests is for it",
    });
  const asked = selections.flatMap((selection) => resolve(selection, networks, unused, problems) ?? []);
  const topology = networks.byName(primary?.network ?? "")?.spec.topology;
  const ours = [
    ...(primary === undefined ? [] : [ofPrimary(object, primary, topology, pod, problems)]),
    ...asked,
  ];
  tellUnused(object, unused, ours.length > 0, problems);
  if (ours.length === 0) return undefined;
  const node = findNode(object, pod, nodes, problems);
  const vm = readVm(object, pod, migrations, problems);
  const records = readRecords(object, pod.metadata.annotations?.[POD_NETWORKS] ?? "", problems);
  if (node === undefined) return undefined;
  const uid = pod.metadata.uid ?? "";
  const identity = { namespace: object.namespace, name: object.name, ...(uid === "" ? {} : { uid }), node };
  const facts = { ...factsOf(pod), ...vm };
  const attachments = ours.map(({ selection, network, isPrimary }): ManifestAttachment => {
    const { nad, source } = selection;
    const claim = claims.find(object, selection.claim, networks.byName(network), problems);
    const recorded = records && readRecord(records, nad, problems);
    const besides = isPrimary && records && readRecord(records, "default", problems);
    const defaultPort = besides && readDefaultPort(object, besides, problems);
    return {
      network,
      interface: selection.interface,
      ...(isPrimary && { primary: true }),
      input: {
        ...identity,
        nad,
        ...requestsThatCount(object, selection, recorded, problems),
        ...(recorded === undefined ? {} : { recorded }),
        ...(claim === undefined ? {} : { claim: claim.input }),
        ...(defaultPort === undefined ? {} : { defaultPort }),
        ...facts,
        source: `${source.file}, document ${source.document}, line ${source.line}: ${source.field}`,
      },
      source,
      ...(records === undefined || recorded === undefined
        ? {}
        : { recordSource: recordPosition(records, nad) }),
    };
  });
  return { ...identity, attachments };
}

/** What policies look at in a pod. */
function factsOf({ metadata, spec }: CheckedPod): Pick<AttachmentInput, "labels" | "ports"> {
  const { labels } = metadata;
  const ports = (spec?.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name, protocol, containerPort: port }) =>
      name ? [{ name, protocol: protocol ?? ("TCP" as const), port }] : [],
    );
  return { ...(labels && { labels }), ...(ports.length > 0 && { ports }) };
}

/** The virtual machine that the pod runs, if it runs one. KubeVirt names it on each such pod. */
function readVm(
  object: KubernetesObject,
  { metadata }: CheckedPod,
  migrations: LiveMigrations,
  problems: Problems,
): Pick<AttachmentInput, "vm"> {
  if (metadata.labels?.[KUBEVIRT] !== "virt-launcher") return {};
  const name = metadata.annotations?.[DOMAIN];
  if (name) return { vm: { name, ...migrations.stateOf(object.key) } };
  problems.add(
    object.part,
    ["metadata", "annotations", DOMAIN],
    "is missing: each pod of a virtual machine names it",
  );
  return {};
}

/** The interface of a primary network in a pod, for both families (go-controller/pkg/cni). */
const PRIMARY_INTERFACE = "ovn-udn1";

/** The attachment that a pod has because of its namespace. */
function ofPrimary(
  object: KubernetesObject,
  { network, nad }: { readonly network: string; readonly nad: string },
  topology: TopologyName | undefined,
  pod: CheckedPod,
  problems: Problems,
): Resolved {
  const asked = readPrimaryRequest(object, pod.metadata.annotations ?? {}, topology, problems);
  const selection: Selection = { definition: nad, nad, interface: PRIMARY_INTERFACE, ...asked };
  return { selection, network, isPrimary: true };
}

/** An attachment, and the network that it leads to. */
interface Resolved {
  readonly selection: Selection;
  readonly network: string;
  readonly isPrimary?: true;
}

/** Reads which ports of a pod are to go: those that no network of the manifests takes along. */
export function readPodToDelete(
  object: KubernetesObject,
  networks: Networks,
  problems: Problems,
): ManifestDeletion["pods"] {
  const pod = check(PodSchema, object.part, problems);
  if (pod === undefined) return [];
  const text = pod.metadata.annotations?.[NETWORKS] ?? "";
  const { namespace, name } = object;
  const records = readRecords(object, pod.metadata.annotations?.[POD_NETWORKS] ?? "", problems);
  const recorded = recordedPrimary(records).filter((nad) => networks.definition(nad) === undefined);
  // The network that a namespace has now goes with all ports, or says nothing of those to go.
  const hasPrimary = recorded.length > 0 || networks.primaryOf(namespace) !== undefined;
  const reason = reasonForNoPorts(pod, text, hasPrimary);
  if (reason !== undefined) {
    problems.skip(object.part, object.kind, object.key, reason);
    return [];
  }
  const selections = text.trim() === "" ? [] : readSelections(object, text, problems);
  if (selections?.length === 0 && !hasPrimary) skipEmpty(object, problems);
  const foreign: Unused[] = [];
  const asked = (selections ?? []).flatMap((selection) => {
    const definition = networks.definition(selection.definition);
    if (definition?.state === "foreign")
      foreign.push({ source: selection.source, reason: reasonOfForeign(selection, definition) });
    return definition === undefined ? [{ namespace, name, nad: selection.nad }] : [];
  });
  // A network among the manifests goes with all its ports: such a pod is used as well.
  tellUnused(object, foreign, hasPrimary || (selections ?? []).length > foreign.length, problems);
  return [...recorded.map((nad) => ({ namespace, name, nad })), ...asked];
}

/** Keys of primary networks that a pod was given, as upstream notes beside its addresses. */
function recordedPrimary(records: Part | undefined): string[] {
  if (records === undefined) return [];
  return keysOf(records).filter((nad) => nad.includes("/") && records.get([nad, "role"]) === "primary");
}

/** Why a pod has no ports, whatever happens to it. */
function reasonForNoPorts(
  pod: CheckedPod,
  networksAnnotation: string,
  hasPrimary: boolean,
): string | undefined {
  if (pod.spec?.hostNetwork === true) return "it uses the node's own network";
  return networksAnnotation.trim() === "" && !hasPrimary ? `it has no annotation ${NETWORKS}` : undefined;
}

function reasonToSkip(pod: CheckedPod, networksAnnotation: string, hasPrimary: boolean): string | undefined {
  const phase = pod.status?.phase;
  if (hasEnded(phase)) return `it has ended: its phase is ${phase}`;
  const reason = reasonForNoPorts(pod, networksAnnotation, hasPrimary);
  if (reason !== undefined) return reason;
  const { nodeName, nodeSelector } = pod.spec ?? {};
  if (!nodeName && !nodeSelector?.[HOSTNAME])
    return `it has no node yet: neither spec.nodeName nor a nodeSelector ${HOSTNAME}`;
  return undefined;
}

/** Something that a pod asks for and does not get from us. Without anything else the pod itself is passed over. */
interface Unused {
  readonly source: ManifestPosition;
  readonly reason: string;
}

function tellUnused(
  object: KubernetesObject,
  unused: readonly Unused[],
  isUsed: boolean,
  problems: Problems,
): void {
  for (const { source, reason } of unused)
    if (isUsed) problems.ignore(object, source, reason);
    else problems.skip(object.part, object.kind, object.key, reason);
}

/** The network that an element of the annotation leads to. */
function resolve(
  selection: Selection,
  networks: Networks,
  unused: Unused[],
  problems: Problems,
): Resolved | undefined {
  const definition = networks.definition(selection.definition);
  if (networks.isPrimary(selection.definition)) {
    problems.addAt(
      selection.source,
      "is a primary network: pods of its namespace are on it without asking, and no others",
      selection.definition,
    );
    return undefined;
  }
  if (definition === undefined)
    problems.addAt(
      selection.source,
      "asks for a NetworkAttachmentDefinition that is not among the manifests",
      selection.definition,
    );
  else if (definition.state === "foreign")
    unused.push({ source: selection.source, reason: reasonOfForeign(selection, definition) });
  return definition?.state === "ours" ? { selection, network: definition.network } : undefined;
}

/** A list without elements, which the JSON notation allows. */
function skipEmpty(object: KubernetesObject, problems: Problems): void {
  problems.skip(object.part, object.kind, object.key, `its annotation ${NETWORKS} is empty`);
}

function reasonOfForeign({ definition }: Selection, { reason }: { readonly reason: string }): string {
  return `its attachment to ${definition}: ${reason}`;
}

function findNode(
  object: KubernetesObject,
  pod: CheckedPod,
  nodes: Nodes,
  problems: Problems,
): string | undefined {
  const { nodeName, nodeSelector } = pod.spec ?? {};
  if (nodeName) {
    if (nodes.has(nodeName)) return nodeName;
    problems.add(object.part, ["spec", "nodeName"], "is not a Node among the manifests");
    return undefined;
  }
  const path: FieldPath = ["spec", "nodeSelector", HOSTNAME];
  const found = nodes.withHostname(nodeSelector?.[HOSTNAME] ?? "");
  if (found.length === 1) return found[0];
  problems.add(
    object.part,
    path,
    found.length === 0
      ? "matches no Node among the manifests"
      : `matches several Nodes: ${found.map(describeValue).join(", ")}`,
  );
  return undefined;
}

function readRecords(object: KubernetesObject, text: string, problems: Problems): Part | undefined {
  if (text === "") return undefined;
  const part = problems.json(object.part, ["metadata", "annotations", POD_NETWORKS], text);
  return part && check(anyMap(), part, problems) && part;
}

function recordPosition(records: Part, nad: string): ManifestPosition {
  const record = records.at([nad]);
  const isSingle = record.get(["ip_addresses", 0]) === undefined && record.get(["ip_address"]) !== undefined;
  return record.position([isSingle ? "ip_address" : "ip_addresses"]);
}

/** What the pod was given on one network, in the past or by another controller. */
function readRecord(records: Part, nad: string, problems: Problems): PodRecord | undefined {
  const part = records.at([nad]);
  if (part.value === undefined || part.value === null) return undefined;
  const record = check(RecordSchema, part, problems);
  if (record === undefined) return undefined;
  const { ip_address: single } = record;
  const [first, ...others] = record.ip_addresses ?? [];
  if (first !== undefined && single != null && single !== first) {
    // As upstream has it: nothing tells which of them is the interface's.
    problems.add(part, ["ip_address"], "is not the first of ip_addresses beside it");
    return undefined;
  }
  const ips = [first ?? single, ...others].filter((ip) => ip != null);
  const tunnelId = record.tunnel_id ?? 0;
  return {
    ips,
    ...(record.mac_address == null ? {} : { mac: record.mac_address }),
    ...(tunnelId === 0 ? {} : { tunnelId }),
  };
}
