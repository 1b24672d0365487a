import type { ManifestSet } from "../../manifests/index.ts";
import { type Northbound, summariseNetworks } from "../../topology/index.ts";
import type { ChosenListing } from "../output/listing.ts";
import { networkListing } from "../output/network-listing.ts";
import { type Choice, isChosen, withoutMatch } from "./chosen.ts";

/** `get networks`: what networks consist of is counted. */
export function listSummaries(
  set: ManifestSet | undefined,
  choice: Choice,
  { view }: Northbound,
): ChosenListing {
  const networks = summariseNetworks(view);
  const chosen = networks.filter((network) => isChosen(choice, network));
  return { ...networkListing(chosen, set), unknown: withoutMatch(choice, networks) };
}
