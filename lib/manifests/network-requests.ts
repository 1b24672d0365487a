import { UsageError } from "../jsonrpc/index.ts";
import type { NetworkRequest } from "../topology/index.ts";
import type { ManifestSet } from "./objects/manifest-set.ts";

/**
 * What a set of manifests asks of `planTopology`, network by network: each with all nodes, with its own pods, claims and
 * services, and the policies that are about it. Throws `UsageError` for what is no such set.
 */
export function networkRequests(set: ManifestSet): NetworkRequest[] {
  checkSet(set);
  return set.networks.map(({ spec }) => ({
    spec,
    nodes: set.nodes,
    attachments: set.pods.flatMap(({ attachments }) =>
      attachments.filter(({ network }) => network === spec.name).map(({ input }) => input),
    ),
    claims: set.claims.filter(({ network }) => network === spec.name).map(({ input }) => input),
    policies: {
      policies: set.policies.filter(({ networks }) => networks.includes(spec.name)).map(({ input }) => input),
      namespaces: set.namespaces,
    },
    ...(spec.role === "primary" && {
      services: set.services.filter(({ network }) => network === spec.name).map(({ input }) => input),
    }),
  }));
}

/** Throws `UsageError` for what is no set of manifests, as plain JavaScript may give. What was read for a deletion is none. */
export function checkSet(set: ManifestSet): void {
  const lists = [set?.networks, set?.nodes, set?.pods, set?.policies, set?.claims, set?.services];
  if (!lists.every((list) => Array.isArray(list)))
    throw new UsageError("set must be what readManifests returns");
}
