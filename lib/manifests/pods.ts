import * as v from "valibot";
import { isAddress, isCidr } from "./address-text.ts";
import { HOSTNAME, NETWORKS, POD_NETWORKS } from "./annotations.ts";
import { anyMap, check, cleanString, map, optional } from "./check.ts";
import { describeValue, type ManifestPosition } from "./errors.ts";
import type { FieldPath } from "./field-path.ts";
import type { ManifestAttachment, ManifestDeletion, ManifestPod } from "./manifest-set.ts";
import type { Networks } from "./networks.ts";
import type { Nodes } from "./nodes.ts";
import type { KubernetesObject } from "./object.ts";
import type { Part } from "./part.ts";
import type { Problems } from "./problems.ts";
import { macAddress, readSelections, type Selection } from "./selections.ts";

const PodSchema = map({
  metadata: map({
    uid: optional(cleanString()),
    annotations: optional(map({ [NETWORKS]: optional(v.string()), [POD_NETWORKS]: optional(v.string()) })),
  }),
  spec: optional(
    map({
      nodeName: optional(v.string()),
      nodeSelector: optional(map({ [HOSTNAME]: optional(v.string()) })),
      hostNetwork: optional(v.boolean()),
    }),
  ),
  status: optional(map({ phase: optional(v.string()) })),
});

type CheckedPod = v.InferOutput<typeof PodSchema>;

const recordedAddress = v.pipe(
  v.string(),
  v.check((text) => isCidr(text) || isAddress(text), "is not an address with a prefix length"),
);

const RecordSchema = map({
  ip_addresses: optional(v.array(recordedAddress)),
  // The form of single-stack clusters of long ago.
  ip_address: optional(recordedAddress),
  mac_address: optional(macAddress),
});

/** Reads one pod; `undefined` when it has no attachment to a network of ours, or something is wrong with it. */
export function readPod(
  object: KubernetesObject,
  nodes: Nodes,
  networks: Networks,
  problems: Problems,
): ManifestPod | undefined {
  const pod = check(PodSchema, object.part, problems);
  if (pod === undefined) return undefined;
  const text = pod.metadata.annotations?.[NETWORKS] ?? "";
  const reason = reasonToSkip(pod, text);
  if (reason !== undefined) {
    problems.skip(object.part, object.kind, object.key, reason);
    return undefined;
  }
  const selections = readSelections(object, text, problems);
  if (selections === undefined) return undefined;
  if (selections.length === 0) skipEmpty(object, problems);
  const ours = selections.flatMap((selection) => resolve(object, selection, networks, problems) ?? []);
  if (ours.length === 0) return undefined;
  const node = findNode(object, pod, nodes, problems);
  const records = readRecords(object, pod.metadata.annotations?.[POD_NETWORKS] ?? "", problems);
  if (node === undefined) return undefined;
  const uid = pod.metadata.uid ?? "";
  const identity = { namespace: object.namespace, name: object.name, ...(uid === "" ? {} : { uid }), node };
  const attachments = ours.map(({ selection, network }): ManifestAttachment => {
    const { nad, mac, ips, source } = selection;
    const recorded = records && readRecord(records, nad, problems);
    return {
      network,
      interface: selection.interface,
      input: {
        ...identity,
        nad,
        ...(mac === undefined ? {} : { mac }),
        ...(ips === undefined ? {} : { ips }),
        ...(recorded === undefined ? {} : { recorded }),
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

/** Reads which ports of a pod are to go: those that no network of the manifests takes along. */
export function readPodToDelete(
  object: KubernetesObject,
  networks: Networks,
  problems: Problems,
): ManifestDeletion["pods"] {
  const pod = check(PodSchema, object.part, problems);
  if (pod === undefined) return [];
  const text = pod.metadata.annotations?.[NETWORKS] ?? "";
  const reason = reasonForNoPorts(pod, text);
  if (reason !== undefined) {
    problems.skip(object.part, object.kind, object.key, reason);
    return [];
  }
  const { namespace, name } = object;
  const selections = readSelections(object, text, problems);
  if (selections?.length === 0) skipEmpty(object, problems);
  return (selections ?? []).flatMap((selection) => {
    const definition = networks.definition(selection.definition);
    if (definition?.state === "foreign") skipForeign(object, selection, definition.reason, problems);
    return definition === undefined ? [{ namespace, name, nad: selection.nad }] : [];
  });
}

/** Why a pod has no ports, whatever happens to it. */
function reasonForNoPorts(pod: CheckedPod, networksAnnotation: string): string | undefined {
  if (pod.spec?.hostNetwork === true) return "it uses the node's own network";
  return networksAnnotation.trim() === "" ? `it has no annotation ${NETWORKS}` : undefined;
}

function reasonToSkip(pod: CheckedPod, networksAnnotation: string): string | undefined {
  const phase = pod.status?.phase;
  if (phase === "Succeeded" || phase === "Failed") return `it has ended: its phase is ${phase}`;
  const reason = reasonForNoPorts(pod, networksAnnotation);
  if (reason !== undefined) return reason;
  const { nodeName, nodeSelector } = pod.spec ?? {};
  if (!nodeName && !nodeSelector?.[HOSTNAME])
    return `it has no node yet: neither spec.nodeName nor a nodeSelector ${HOSTNAME}`;
  return undefined;
}

/** The network that an element of the annotation leads to. */
function resolve(
  object: KubernetesObject,
  selection: Selection,
  networks: Networks,
  problems: Problems,
): { readonly selection: Selection; readonly network: string } | undefined {
  const definition = networks.definition(selection.definition);
  if (definition === undefined)
    problems.addAt(
      selection.source,
      "asks for a NetworkAttachmentDefinition that is not among the manifests",
      selection.definition,
    );
  else if (definition.state === "foreign") skipForeign(object, selection, definition.reason, problems);
  return definition?.state === "ours" ? { selection, network: definition.network } : undefined;
}

/** A list without elements, which the JSON notation allows. */
function skipEmpty(object: KubernetesObject, problems: Problems): void {
  problems.skip(object.part, object.kind, object.key, `its annotation ${NETWORKS} is empty`);
}

function skipForeign(
  object: KubernetesObject,
  selection: Selection,
  reason: string,
  problems: Problems,
): void {
  problems.skip(object.part, object.kind, object.key, `its attachment to ${selection.definition}: ${reason}`);
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
  return record.position([record.get(["ip_addresses"]) === undefined ? "ip_address" : "ip_addresses"]);
}

/** What the pod was given on one network, in the past or by another controller. */
function readRecord(
  records: Part,
  nad: string,
  problems: Problems,
): { readonly ips: readonly string[]; readonly mac?: string } | undefined {
  const part = records.at([nad]);
  if (part.value === undefined || part.value === null) return undefined;
  const record = check(RecordSchema, part, problems);
  if (record === undefined) return undefined;
  const ips = record.ip_addresses ?? (record.ip_address == null ? [] : [record.ip_address]);
  return { ips, ...(record.mac_address == null ? {} : { mac: record.mac_address }) };
}
