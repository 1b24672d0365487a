import type { ManifestSet } from "../../manifests/index.ts";
import type { ServiceSummary } from "../../topology/index.ts";
import { inNamespaces } from "./in-namespaces.ts";
import type { Listing } from "./listing.ts";

/** Addresses that a table shows of a service: one that is reached at each node has many. */
const SHOWN = 3;

/** The services of primary networks. */
export function serviceListing(services: readonly ServiceSummary[], set: ManifestSet | undefined): Listing {
  const { shown, missing, subjects } = inNamespaces(
    "service",
    services,
    set?.services.map(({ input: { namespace, name }, network }) => ({ namespace, name, network })),
  );
  return {
    headings: ["NAMESPACE", "NAME", "NETWORK", "ADDRESSES"],
    rows: shown.map((each) => [each.namespace, each.name, each.network, few(each.addresses)]),
    more: { headings: ["BALANCERS"], rows: shown.map((each) => [String(each.balancers)]) },
    subjects,
    data: {
      services: shown.map(({ namespace, name, network, addresses, balancers }) => ({
        namespace,
        name,
        network,
        addresses,
        balancers,
      })),
    },
    missing,
  };
}

/** As kubectl counts endpoints. */
function few(addresses: readonly string[]): string {
  const shown = addresses.slice(0, SHOWN).join(",");
  const more = addresses.length - SHOWN;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}
