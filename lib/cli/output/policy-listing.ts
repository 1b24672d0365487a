import type { ManifestSet } from "../../manifests/index.ts";
import type { PolicySummary } from "../../topology/index.ts";
import { inNamespaces } from "./in-namespaces.ts";
import type { Listing } from "./listing.ts";

/** The network policies, a line for each network that one is about. */
export function policyListing(policies: readonly PolicySummary[], set: ManifestSet | undefined): Listing {
  const { shown, missing, subjects } = inNamespaces(
    "policy",
    policies,
    set?.policies.flatMap(({ input: { namespace, name }, networks: about }) =>
      about.map((network) => ({ namespace, name, network })),
    ),
  );
  return {
    headings: ["NAMESPACE", "NAME", "NETWORK", "PORTS", "ACLS"],
    rows: shown.map((each) => [
      each.namespace,
      each.name,
      each.network,
      String(each.ports.length),
      String(each.acls),
    ]),
    more: { headings: [], rows: [] },
    subjects,
    data: {
      policies: shown.map(({ namespace, name, network, ports, acls }) => ({
        namespace,
        name,
        network,
        ports,
        acls,
      })),
    },
    missing,
  };
}
