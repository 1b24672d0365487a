import type { ManifestSet } from "../../manifests/index.ts";
import type { Northbound } from "../../topology/index.ts";
import type { ChosenListing, Listing } from "../output/listing.ts";
import { type Choice, isChosen, type Named, withoutMatch } from "./chosen.ts";

/** Lists one resource, or of it what is chosen. */
export type List = (set: ManifestSet | undefined, choice: Choice, nb: Northbound) => ChosenListing;

/** A list of those things that are chosen. */
export function chosenListing<T extends Named>(
  choice: Choice,
  things: readonly T[],
  listing: (chosen: readonly T[]) => Listing,
): ChosenListing {
  const chosen = things.filter((thing) => isChosen(choice, thing));
  return { ...listing(chosen), unknown: withoutMatch(choice, things) };
}
