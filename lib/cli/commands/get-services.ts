import type { ManifestSet } from "../../manifests/index.ts";
import { listServices, type Northbound } from "../../topology/index.ts";
import type { ChosenListing } from "../output/listing.ts";
import { serviceListing } from "../output/service-listing.ts";
import { type Choice, isChosen, withoutMatch } from "./chosen.ts";

/** `get services`: they are in rows of their own. */
export function listOfServices(
  set: ManifestSet | undefined,
  choice: Choice,
  { view }: Northbound,
): ChosenListing {
  const services = listServices(view);
  const chosen = services.filter((service) => isChosen(choice, service));
  return { ...serviceListing(chosen, set), unknown: withoutMatch(choice, services) };
}
