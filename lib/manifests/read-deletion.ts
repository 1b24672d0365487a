import { checkSources } from "./check-sources.ts";
import { readDocuments } from "./documents.ts";
import { Namespaces } from "./networks/namespaces.ts";
import { compareText, Networks, networkObjects } from "./networks/networks.ts";
import { withoutDuplicates } from "./objects/duplicates.ts";
import type { Kind } from "./objects/kind.ts";
import type { ManifestDeletion, ManifestSource } from "./objects/manifest-set.ts";
import { readObjects } from "./objects/object.ts";
import { Problems } from "./objects/problems.ts";
import { readPodToDelete } from "./pods/pods.ts";
import { readPolicyToDelete } from "./policies/policies.ts";

/**
 * Reads what a set of manifests names, in order to remove it.
 *
 * Asks for less than {@link readManifests}: a pod needs no node, may have ended, and its NetworkAttachmentDefinition
 * need not be among the manifests.
 *
 * @throws ManifestErrors with everything that is wrong, each with file, document, line, field and value; UsageError for what is no
 *   list of sources.
 */
export function readDeletion(sources: readonly ManifestSource[]): ManifestDeletion {
  checkSources(sources);
  const problems = new Problems();
  const found = sources
    .flatMap((source) => readDocuments(source, problems))
    .flatMap((document) => readObjects(document, problems));
  const objects = withoutDuplicates(found, problems).toSorted((a, b) => compareText(a.key, b.key));
  const ofKind = (kind: Kind): typeof objects => objects.filter((object) => object.kind === kind);
  const namespaces = new Namespaces(ofKind("Namespace"), problems);
  const networks = new Networks(networkObjects(objects), namespaces, problems);
  const pods = ofKind("Pod").flatMap((object) => readPodToDelete(object, networks, problems));
  const policies = [...ofKind("MultiNetworkPolicy"), ...ofKind("NetworkPolicy")].map(readPolicyToDelete);
  const services = ofKind("Service").map(({ namespace, name }) => ({ namespace, name }));
  for (const { part, kind, key } of ofKind("EndpointSlice"))
    problems.skip(part, kind, key, "endpoints go with their Service");
  for (const { namespace } of [...policies, ...services]) namespaces.use(namespace);
  namespaces.tellUnused(problems);
  const skipped = problems.finish(sources.map((source) => source.file));
  return {
    networks: networks.list.map(({ spec, nads }) => ({ name: spec.name, nads })),
    nodes: ofKind("Node").map(({ name }) => name),
    pods,
    policies,
    services,
    skipped,
  };
}
