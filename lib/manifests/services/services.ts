import type { ServiceInput } from "../../topology/index.ts";
import type { Networks } from "../networks/networks.ts";
import { SERVICE_PROXY } from "../objects/annotations.ts";
import { check } from "../objects/check.ts";
import type { ManifestService } from "../objects/manifest-set.ts";
import { refuseMisspeltFields } from "../objects/misspelt-fields.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Problems } from "../objects/problems.ts";
import type { FieldPath } from "../text/field-path.ts";
import type { EndpointSlices } from "./endpoint-slices.ts";
import {
  ServiceKindSchema,
  type ServiceSpec,
  ServiceSpecSchema,
  ServiceStatusSchema,
} from "./service-schema.ts";

/** How long a client keeps its endpoint if nobody says it, in seconds (Kubernetes, `DefaultClientIPServiceAffinitySeconds`). */
const DEFAULT_AFFINITY = 10_800;

/** Reads a Service on the primary network of its namespace; `undefined` when it is on none, has no addresses, or is faulty. */
export function readService(
  object: KubernetesObject,
  networks: Networks,
  slices: EndpointSlices,
  problems: Problems,
): ManifestService | undefined {
  const { part, kind, namespace, name, key } = object;
  const primary = networks.primaryOf(namespace);
  if (primary === undefined) {
    problems.skip(
      part,
      kind,
      key,
      "no primary network of the manifests is for its namespace, and the cluster's own network is none of ours",
    );
    return undefined;
  }
  const { network } = primary;
  refuseMisspeltFields(part, "Service", problems);
  const found = slices.of(key, network, problems);
  const specPart = part.at(["spec"]);
  const about = check(ServiceKindSchema, specPart, problems);
  if (about === undefined) return undefined;
  const proxy = part.get(["metadata", "labels", SERVICE_PROXY]);
  const reason =
    proxy == null
      ? reasonToSkip(about.type, about.clusterIP)
      : `its label ${SERVICE_PROXY} leaves it to another proxy`;
  if (reason !== undefined) {
    problems.skip(part, kind, key, reason);
    return undefined;
  }
  const spec = check(ServiceSpecSchema, specPart, problems);
  const stray = isWithoutNodePorts(spec)
    ? (spec?.ports ?? []).findIndex(({ nodePort = 0 }) => nodePort > 0)
    : -1;
  if (stray >= 0)
    problems.add(specPart, ["ports", stray, "nodePort"], "is not for a service of type ClusterIP");
  const status =
    part.get(["status"]) == null ? {} : check(ServiceStatusSchema, part.at(["status"]), problems);
  if (spec === undefined || status === undefined) return undefined;
  const ingress = spec.type === "LoadBalancer" ? (status.loadBalancer?.ingress ?? []) : [];
  const source = part.position();
  const input: ServiceInput = {
    namespace,
    name,
    clusterIPs:
      spec.clusterIPs === undefined || spec.clusterIPs.length === 0 ? [spec.clusterIP] : spec.clusterIPs,
    externalIPs: [...(spec.externalIPs ?? []), ...ingress.flatMap(({ ip }) => ip ?? [])],
    ports: spec.ports ?? [],
    slices: found,
    ...policiesOf(spec),
    source: `${source.file}, document ${source.document}, line ${source.line}`,
  };
  return { network, input, source, position: (path) => positionOf(object, path) };
}

function reasonToSkip(type: string | undefined, clusterIP: string | undefined): string | undefined {
  if (type === "ExternalName") return "it is another name for a host, and has no addresses";
  if (clusterIP === "None") return "it is headless: names lead to its pods, and no load balancer";
  if (clusterIP === undefined || clusterIP === "")
    return "it has no clusterIP: take it as the API server has it, which gives one";
  return undefined;
}

/** As the API server has it: node ports are of the other types. */
function isWithoutNodePorts(spec: ServiceSpec | undefined): boolean {
  return (spec?.type ?? "ClusterIP") === "ClusterIP";
}

function policiesOf(spec: ServiceSpec): Partial<ServiceInput> {
  const { externalTrafficPolicy, internalTrafficPolicy, publishNotReadyAddresses, sessionAffinity } = spec;
  return {
    ...(externalTrafficPolicy !== undefined && { externalTrafficPolicy }),
    ...(internalTrafficPolicy !== undefined && { internalTrafficPolicy }),
    ...(publishNotReadyAddresses !== undefined && { publishNotReadyAddresses }),
    ...(sessionAffinity === "ClientIP" && {
      affinityTimeout: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY,
    }),
  };
}

/** The topology layer calls the fields as the specification does; those of others are looked for at the object. */
function positionOf(object: KubernetesObject, field: string): ManifestService["source"] {
  const path: FieldPath = [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
  const part = object.part.at(["spec"]);
  return part.get(path) === undefined ? object.part.position() : part.position(path);
}
