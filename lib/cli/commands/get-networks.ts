import type { ManifestSet } from "../../manifests/index.ts";
import { type Northbound, summariseNetworks } from "../../topology/index.ts";
import type { Listing } from "../output/listing.ts";
import { networkListing } from "../output/network-listing.ts";

/** `get networks`: what networks consist of is counted. */
export function listSummaries(set: ManifestSet | undefined, { view }: Northbound): Listing {
  return networkListing(summariseNetworks(view), set);
}
