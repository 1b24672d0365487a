import type { ManifestSet } from "../../manifests/index.ts";
import type { MonitorTables } from "../../ovsdb/index.ts";
import { inspectedTables, type Northbound, summarisedTables } from "../../topology/index.ts";
import type { Io } from "../io.ts";
import type { ConnectionOptions } from "../options.ts";
import type { GetFormat } from "../output/format.ts";
import type { ChosenListing } from "../output/listing.ts";
import type { ListingOptions } from "../output/listing-text.ts";
import { tell } from "../output/messages.ts";
import type { Choice, ChoosingOptions } from "./chosen.ts";
import type { Resource } from "./wanted.ts";

/** What it lists, in words. */
const SHOWN: Readonly<Record<Resource, string>> = {
  networks: "networks",
  nodes: "nodes of layer3 networks",
  pods: "pods",
  policies: "policies",
  services: "services of primary networks",
};

/** Options of `get`. */
export interface GetOptions extends ConnectionOptions, ChoosingOptions, ListingOptions {
  readonly recursive?: true;
  readonly watch?: true;
  readonly outputWatchEvents?: true;
  /** Whether somebody gave the timeout: else it is for connecting, and not for watching. */
  readonly isTimed: boolean;
}

/** What is read, and how. */
export interface Lists {
  readonly choices: readonly Choice[];
  readonly tables: MonitorTables;
  /** Loads what makes a list for each choice. */
  load(): Promise<(nb: Northbound) => readonly ChosenListing[]>;
}

/** Loads what counts networks, or what lists all they consist of: the one is a fraction of the other. */
export function listsOf(choices: readonly Choice[], set: ManifestSet | undefined): Lists {
  const [choice] = choices;
  if (choice?.resource === "networks" && choices.length === 1)
    return {
      choices,
      tables: summarisedTables,
      load: async () => {
        const { listSummaries } = await import("./get-networks.ts");
        return (nb) => [listSummaries(set, choice, nb)];
      },
    };
  return {
    choices,
    tables: inspectedTables,
    load: async () => {
      const { listParts } = await import("./get-parts.ts");
      return (nb) => listParts(set, choices, nb);
    },
  };
}

/** Says where a list is empty, and which names stand for nothing; tells whether there are such names. */
export function tellUnknown(
  choices: readonly Choice[],
  listings: readonly ChosenListing[],
  output: GetFormat,
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
    for (const name of unknown)
      tell(io, `${name}${where} is none of the ${SHOWN[resource]} in this database`);
    isUnknown ||= unknown.length > 0;
  }
  return isUnknown;
}
