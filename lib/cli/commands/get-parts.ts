import type { ManifestSet } from "../../manifests/index.ts";
import { listNetworks, type NetworkOverview, type Northbound } from "../../topology/index.ts";
import type { ChosenListing } from "../output/listing.ts";
import { nodeListing } from "../output/node-listing.ts";
import { podListing } from "../output/pod-listing.ts";
import { type Choice, isChosen, type Named, withoutMatch } from "./chosen.ts";

/** `get nodes` and `get pods`: the parts that networks consist of. */
export function listParts(
  resource: "nodes" | "pods",
  set: ManifestSet | undefined,
  choice: Choice,
  { view }: Northbound,
): ChosenListing {
  const networks = listNetworks(view);
  const isWanted = (part: Named): boolean => isChosen(choice, part);
  const chosen = networks.map(
    (network): NetworkOverview =>
      resource === "nodes"
        ? { ...network, nodes: network.nodes.filter(isWanted) }
        : { ...network, pods: network.pods.filter(isWanted) },
  );
  const unknown = withoutMatch(
    choice,
    networks.flatMap((network): readonly Named[] => network[resource]),
  );
  return { ...(resource === "nodes" ? nodeListing : podListing)(chosen, set), unknown };
}
