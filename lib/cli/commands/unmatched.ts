import type { Io } from "../io.ts";
import type { ChosenListing } from "../output/listing.ts";
import { tell } from "../output/messages.ts";
import type { Resource } from "../resources.ts";
import type { Choice } from "./chosen.ts";
import type { GetOptions } from "./lists.ts";

/** What `get` lists, in words. */
const SHOWN: Readonly<Record<Resource, string>> = {
  networks: "networks",
  nodes: "nodes of layer3 networks",
  pods: "pods",
  policies: "policies",
  services: "services of primary networks",
};

/** Says where a list is empty, and which names stand for nothing; tells whether there are such names, unless that is no matter. */
export function tellUnmatched(
  choices: readonly Choice[],
  listings: readonly ChosenListing[],
  { output, ignoreNotFound }: Pick<GetOptions, "output" | "ignoreNotFound">,
  io: Io,
): boolean {
  // An empty document says it itself.
  const isDocument = output === "json" || output === "yaml";
  let isUnknown = false;
  for (const [index, { resource, namespace }] of choices.entries()) {
    const { rows = [], unknown = [] } = listings[index] ?? {};
    const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
    if (rows.length === 0 && unknown.length === 0 && !isDocument)
      tell(io, `there are no ${SHOWN[resource]}${where} to show`);
    if (ignoreNotFound) continue;
    for (const name of unknown)
      tell(io, `${name}${where} is none of the ${SHOWN[resource]} in this database`);
    isUnknown ||= unknown.length > 0;
  }
  return isUnknown;
}
