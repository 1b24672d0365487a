import * as v from "valibot";
import { type PolicyInput, type PolicyType, policyProblems } from "../../topology/index.ts";
import type { Networks } from "../networks/networks.ts";
import { ACL_STATELESS, POLICY_FOR } from "../objects/annotations.ts";
import { check, map, optional } from "../objects/check.ts";
import type { ManifestDeletion, ManifestPolicy } from "../objects/manifest-set.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import type { FieldPath } from "../text/field-path.ts";
import { POLICY_SCHEMAS, type PolicySpec, refuseUnknownKeys } from "./policy-schema.ts";

const MetadataSchema = map({
  metadata: map({
    annotations: optional(map({ [POLICY_FOR]: optional(v.string()), [ACL_STATELESS]: optional(v.string()) })),
  }),
});

/** Reads a NetworkPolicy or MultiNetworkPolicy; `undefined` when it is about no network of ours, or faulty. */
export function readPolicy(
  object: KubernetesObject,
  networks: Networks,
  problems: Problems,
): ManifestPolicy | undefined {
  const { part, namespace, name } = object;
  const checked = check(MetadataSchema, part, problems);
  if (checked === undefined) return undefined;
  const annotations = checked.metadata.annotations ?? {};
  const kind = object.kind === "NetworkPolicy" ? "NetworkPolicy" : "MultiNetworkPolicy";
  const targets =
    kind === "NetworkPolicy"
      ? primaryTarget(object, networks, problems)
      : secondaryTargets(object, annotations[POLICY_FOR] ?? undefined, networks, problems);
  if (targets.length === 0) return undefined;
  const specPart = part.at(["spec"]);
  const spec = check(POLICY_SCHEMAS[kind], specPart, problems);
  refuseUnknownKeys(specPart, problems);
  if (spec === undefined) return undefined;
  const source = part.position();
  const input: PolicyInput = {
    namespace,
    name,
    podSelector: spec.podSelector,
    policyTypes: typesOf(object, spec),
    ...(spec.ingress !== undefined && { ingress: spec.ingress }),
    ...(spec.egress !== undefined && { egress: spec.egress }),
    ...(annotations[ACL_STATELESS] === "true" && { stateless: true }),
    source: `${source.file}, document ${source.document}, line ${source.line}`,
  };
  for (const { path, value, problem } of policyProblems(input))
    problems.add(specPart, pathOf(path), problem, value);
  return {
    networks: targets,
    input,
    source,
    position: (path) => specPart.position(pathOf(path)),
  };
}

/** Reads which policy is to go, and from which networks: one kind is about primary networks, the other about the rest. */
export function readPolicyToDelete({
  kind,
  namespace,
  name,
}: KubernetesObject): ManifestDeletion["policies"][number] {
  return { namespace, name, role: kind === "NetworkPolicy" ? "primary" : "secondary" };
}

/** The API server adds types to a NetworkPolicy without any; nobody does that for the other kind. */
function typesOf(
  { kind }: KubernetesObject,
  { policyTypes = [], egress = [] }: PolicySpec,
): readonly PolicyType[] {
  if (policyTypes.length > 0 || kind !== "NetworkPolicy") return policyTypes;
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

/** A NetworkPolicy is about the primary network of its namespace. */
function primaryTarget(object: KubernetesObject, networks: Networks, problems: Problems): readonly string[] {
  const primary = networks.primaryOf(object.namespace);
  if (primary !== undefined) return [primary.network];
  problems.skip(
    object.part,
    object.kind,
    object.key,
    "no primary network of the manifests is for its namespace, and the cluster's own network is none of ours",
  );
  return [];
}

/** A MultiNetworkPolicy names the networks it is about by their NetworkAttachmentDefinitions. */
function secondaryTargets(
  object: KubernetesObject,
  annotation: string | undefined,
  networks: Networks,
  problems: Problems,
): readonly string[] {
  const path: FieldPath = ["metadata", "annotations", POLICY_FOR];
  if (annotation === undefined) {
    problems.skip(object.part, object.kind, object.key, `it has no annotation ${POLICY_FOR}`);
    return [];
  }
  const foreign: string[] = [];
  const found = annotation
    .replaceAll(" ", "")
    .split(",")
    .flatMap((text) => {
      const nad = text.includes("/") ? text : `${object.namespace}/${text}`;
      if (!/^[^/]+\/[^/]+$/.test(nad)) {
        problems.add(
          object.part,
          path,
          "must name NetworkAttachmentDefinitions as name or namespace/name",
          text,
        );
        return [];
      }
      return targetOf(object, nad, path, networks, foreign, problems);
    });
  for (const reason of foreign)
    if (found.length === 0) problems.skip(object.part, object.kind, object.key, reason);
    else problems.ignore(object, object.part.position(path), reason);
  return [...new Set(found)];
}

/** The network of one of them; of one that is none of ours `foreign` gets the reason. */
function targetOf(
  object: KubernetesObject,
  nad: string,
  path: FieldPath,
  networks: Networks,
  foreign: string[],
  problems: Problems,
): readonly string[] {
  const definition = networks.definition(nad);
  if (definition === undefined) {
    problems.add(
      object.part,
      path,
      "names a NetworkAttachmentDefinition that is not among the manifests",
      nad,
    );
    return [];
  }
  if (definition.state === "foreign") foreign.push(`it is for ${nad}: ${definition.reason}`);
  if (definition.state !== "ours") return [];
  const { network } = definition;
  const isPrimary = networks.list.some(({ spec }) => spec.name === network && spec.role === "primary");
  if (!isPrimary) return [network];
  problems.add(object.part, path, "names a primary network, which only a NetworkPolicy can be about", nad);
  return [];
}

/** `ingress[0].from[1].ipBlock` as a path. */
function pathOf(field: string): FieldPath {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
}
