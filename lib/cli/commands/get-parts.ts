import type { ManifestSet } from "../../manifests/index.ts";
import { inspectedTables, listNetworks } from "../../topology/index.ts";
import { readNorthbound } from "../connection.ts";
import type { Io } from "../io.ts";
import type { GlobalOptions } from "../options.ts";
import type { Listing } from "../output/listing.ts";
import { nodeListing } from "../output/node-listing.ts";
import { podListing } from "../output/pod-listing.ts";

/** `get nodes` and `get pods`: the parts that networks consist of. */
export async function listParts(
  resource: "nodes" | "pods",
  set: ManifestSet | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<Listing> {
  const networks = await readNorthbound(options, io, inspectedTables, (nb) => listNetworks(nb.view));
  return resource === "nodes" ? nodeListing(networks, set) : podListing(networks, set);
}
