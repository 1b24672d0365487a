import type { ManifestSet } from "../../manifests/index.ts";
import type { NetworkOverview } from "../../topology/index.ts";
import { inNamespaces } from "./in-namespaces.ts";
import type { Listing } from "./listing.ts";

/** The services of primary networks. */
export function serviceListing(networks: readonly NetworkOverview[], set: ManifestSet | undefined): Listing {
  const { shown, missing, subjects } = inNamespaces(
    "service",
    networks.flatMap(({ name: network, services }) => services.map((service) => ({ ...service, network }))),
    set?.services.map(({ input: { namespace, name }, network }) => ({ namespace, name, network })),
  );
  return {
    headings: ["NAMESPACE", "NAME", "NETWORK", "BALANCERS"],
    rows: shown.map((each) => [each.namespace, each.name, each.network, String(each.balancers)]),
    more: { headings: [], rows: [] },
    subjects,
    data: {
      services: shown.map(({ namespace, name, network, balancers }) => ({
        namespace,
        name,
        network,
        balancers,
      })),
    },
    missing,
  };
}
