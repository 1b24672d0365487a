import type { TopologyName } from "../../topology/index.ts";
import { DEFAULT_NETWORK, PRIMARY_CLAIM } from "../objects/annotations.ts";
import { check } from "../objects/check.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Part } from "../objects/part.ts";
import type { Problems } from "../objects/problems.ts";
import { tellUnknownKeys } from "../objects/unknown-keys.ts";
import type { FieldPath } from "../text/field-path.ts";
import { ELEMENT_KEYS, ElementSchema, type Selection } from "./selections.ts";

/** Upstream's name of the cluster's own network (go-controller/pkg/types/const.go). */
const DEFAULT_NAME = "default";

/** What a pod asks of the primary network of its namespace, and where it says so. */
export type PrimaryRequest = Pick<Selection, "mac" | "ips" | "claim" | "source">;

/**
 * Reads what a pod asks of its primary network: in the request for the default network, which a pod of such a network makes of
 * that instead (OVN-Kubernetes, `overrideActiveNSEWithDefaultNSE`), or an IPAMClaim by an older annotation.
 *
 * @param topology Undefined where the network is faulty.
 */
export function readPrimaryRequest(
  object: KubernetesObject,
  annotations: Readonly<Partial<Record<string, string | null>>>,
  topology: TopologyName | undefined,
  problems: Problems,
): PrimaryRequest {
  const element = findElement(object, annotations[DEFAULT_NETWORK] ?? "", problems);
  const asked = element && check(ElementSchema, element, problems);
  if (element !== undefined) tellUnknownKeys(object, element, ELEMENT_KEYS, problems);
  // Upstream asks for its own namespace besides, which each cluster may choose, and so is not known here.
  if (element && asked && asked.name !== DEFAULT_NAME)
    problems.add(element, ["name"], `must be "${DEFAULT_NAME}", the cluster's own network`);
  const { mac, "ipam-claim-reference": claim } = asked ?? {};
  const ips = asked?.ips ?? [];
  // Upstream gives the pod another address without a word; to take this one would part the port from the interface.
  const isUnheard = topology === "layer3" && ips.length > 0;
  if (element && isUnheard)
    problems.ignore(
      object,
      element.position(["ips"]),
      "addresses are not asked for on a primary layer3 network",
    );
  const older = annotations[PRIMARY_CLAIM];
  const key = claim || older;
  const claimSource =
    claim && element
      ? element.position(["ipam-claim-reference"])
      : object.part.position(["metadata", "annotations", PRIMARY_CLAIM]);
  return {
    ...(mac != null && { mac }),
    ...(ips.length > 0 && !isUnheard && { ips }),
    ...(key && { claim: { key: `${object.namespace}/${key}`, source: claimSource } }),
    source: (element ?? object.part).position(),
  };
}

/** The one element of the annotation; none where it only names a network, as Multus lets it. */
function findElement(object: KubernetesObject, text: string, problems: Problems): Part | undefined {
  if (!/[[{]/.test(text)) return undefined;
  const path: FieldPath = ["metadata", "annotations", DEFAULT_NETWORK];
  const part = problems.json(object.part, path, text);
  if (part === undefined || !Array.isArray(part.value)) return part;
  if (part.value.length === 1) return part.at([0]);
  problems.add(part, [], "must have one element: a pod has one default network");
  return undefined;
}
