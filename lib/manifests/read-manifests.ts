import { checkOptions } from "../jsonrpc/index.ts";
import { checkSources } from "./check-sources.ts";
import { reportCollisions } from "./collisions.ts";
import { readDocuments } from "./documents.ts";
import { Namespaces } from "./networks/namespaces.ts";
import { compareText, Networks, networkObjects } from "./networks/networks.ts";
import { Nodes } from "./nodes/nodes.ts";
import { withoutDuplicates } from "./objects/duplicates.ts";
import type { Kind } from "./objects/kind.ts";
import type { ManifestSet, ManifestSource, ReadingOptions } from "./objects/manifest-set.ts";
import { type KubernetesObject, readObjects } from "./objects/object.ts";
import { Problems } from "./objects/problems.ts";
import { IpamClaims } from "./pods/ipam-claims.ts";
import { LiveMigrations } from "./pods/live-migration.ts";
import { readPod } from "./pods/pods.ts";
import { readPolicy } from "./policies/policies.ts";
import { EndpointSlices } from "./services/endpoint-slices.ts";
import { readService } from "./services/services.ts";

const OPTIONS: Readonly<Record<keyof ReadingOptions, true>> = { mode: true };

/**
 * Reads Kubernetes manifests: Nodes, Namespaces, networks, Pods, policies and services, as `kubectl get -o yaml|json` prints them.
 *
 * Reads no file and no database. Fields that it does not know are ignored, unless they are misspelt; kinds and networks that
 * are not this library's business are passed over and listed in `skipped`.
 *
 * @throws ManifestErrors with everything that is wrong, each with file, document, line, field and value; UsageError for what is no
 *   list of sources.
 */
export function readManifests(sources: readonly ManifestSource[], options: ReadingOptions = {}): ManifestSet {
  checkSources(sources);
  checkOptions(options, OPTIONS);
  const { mode = "central" } = options;
  const problems = new Problems();
  const found = sources
    .flatMap((source) => readDocuments(source, problems))
    .flatMap((document) => readObjects(document, problems));
  const objects = withoutDuplicates(found, problems).toSorted((a, b) => compareText(a.key, b.key));
  const namespaces = new Namespaces(ofKind("Namespace", objects), problems);
  const networks = new Networks(networkObjects(objects), namespaces, problems);
  networks.checkNamespaces(namespaces, problems);
  const gateways = networks.list.some(({ spec }) => spec.role === "primary");
  const nodes = new Nodes(ofKind("Node", objects), { gateways, zones: mode === "interconnect" }, problems);
  const claims = new IpamClaims(ofKind("IPAMClaim", objects), problems);
  const migrations = new LiveMigrations(ofKind("Pod", objects), problems);
  const pods = ofKind("Pod", objects)
    .flatMap((object) => readPod(object, { nodes, networks, namespaces, claims, migrations }, problems) ?? [])
    .toSorted((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
  const policies = [...ofKind("NetworkPolicy", objects), ...ofKind("MultiNetworkPolicy", objects)]
    .flatMap((object) => readPolicy(object, networks, problems) ?? [])
    .toSorted(
      (a, b) => compareText(a.input.namespace, b.input.namespace) || compareText(a.input.name, b.input.name),
    );
  const slices = new EndpointSlices(ofKind("EndpointSlice", objects), problems);
  const services = ofKind("Service", objects)
    .flatMap((object) => readService(object, networks, slices, problems) ?? [])
    .toSorted(
      (a, b) => compareText(a.input.namespace, b.input.namespace) || compareText(a.input.name, b.input.name),
    );
  slices.tellUnused(problems);
  const described = namespaces.describe(policies, pods, problems);
  reportCollisions(networks.list, pods, problems);
  namespaces.tellUnused(problems);
  networks.checkMaking(problems);
  const claimed = claims.list(networks.list, problems);
  const skipped = problems.finish(sources.map((source) => source.file));
  return {
    networks: networks.list,
    nodes: nodes.list,
    pods,
    policies,
    claims: claimed,
    services,
    namespaces: described,
    skipped,
  };
}

function ofKind(kind: Kind, objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}
