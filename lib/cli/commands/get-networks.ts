import type { ManifestSet } from "../../manifests/index.ts";
import { summarisedTables, summariseNetworks } from "../../topology/index.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../options.ts";
import type { Listing } from "../output/listing.ts";
import { networkListing } from "../output/network-listing.ts";

/** `get networks`: what networks consist of is counted. */
export async function listSummaries(
  set: ManifestSet | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<Listing> {
  const networks = await readNorthbound(options, io, summarisedTables, (nb) => summariseNetworks(nb.view));
  return networkListing(networks, set);
}
