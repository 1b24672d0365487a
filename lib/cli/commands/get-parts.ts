import type { ManifestSet } from "../../manifests/index.ts";
import { listNetworks, type Northbound } from "../../topology/index.ts";
import type { Listing } from "../output/listing.ts";
import { nodeListing } from "../output/node-listing.ts";
import { podListing } from "../output/pod-listing.ts";

/** `get nodes` and `get pods`: the parts that networks consist of. */
export function listParts(
  resource: "nodes" | "pods",
  set: ManifestSet | undefined,
  { view }: Northbound,
): Listing {
  const networks = listNetworks(view);
  return resource === "nodes" ? nodeListing(networks, set) : podListing(networks, set);
}
