import type { ManifestSet } from "../../manifests/index.ts";
import {
  listNetworks,
  type NetworkOverview,
  type Northbound,
  type PodOnNetwork,
} from "../../topology/index.ts";
import type { ChosenListing, Listing } from "../output/listing.ts";
import { nodeListing } from "../output/node-listing.ts";
import { podListing } from "../output/pod-listing.ts";
import { policyListing } from "../output/policy-listing.ts";
import type { Resource } from "../resources.ts";
import { type Choice, isChosen, type Named, withoutMatch } from "./chosen.ts";
import { listSummaries } from "./get-networks.ts";
import { listOfServices } from "./get-services.ts";

/** What networks consist of. */
type Part = Exclude<Resource, "networks" | "services">;

const LISTINGS: Readonly<
  Record<Part, (networks: readonly NetworkOverview[], set: ManifestSet | undefined) => Listing>
> = {
  nodes: nodeListing,
  pods: (networks, set) => podListing(networks.flatMap(podsOf), set),
  policies: policyListing,
};

/** `get` of all but networks alone and services alone: a list for each choice. */
export function listParts(
  set: ManifestSet | undefined,
  choices: readonly Choice[],
  nb: Northbound,
): readonly ChosenListing[] {
  const networks = listNetworks(nb.view);
  return choices.map((choice) => {
    const { resource } = choice;
    if (resource === "networks") return listSummaries(set, choice, nb);
    if (resource === "services") return listOfServices(set, choice, nb);
    return listPart(resource, set, choice, networks);
  });
}

function listPart(
  resource: Part,
  set: ManifestSet | undefined,
  choice: Choice,
  networks: readonly NetworkOverview[],
): ChosenListing {
  if (choice.names.length === 0 && choice.namespace === undefined)
    return { ...LISTINGS[resource](networks, set), unknown: [] };
  const chosen = networks.map((network): NetworkOverview => {
    const parts: readonly Named[] = network[resource];
    return { ...network, [resource]: parts.filter((part) => isChosen(choice, part)) };
  });
  const unknown = withoutMatch(
    choice,
    networks.flatMap((network): readonly Named[] => network[resource]),
  );
  return { ...LISTINGS[resource](chosen, set), unknown };
}

function podsOf({ name: network, pods }: NetworkOverview): readonly PodOnNetwork[] {
  return pods.map((pod) => ({ ...pod, network }));
}
