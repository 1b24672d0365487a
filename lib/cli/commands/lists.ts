import type { ManifestSet } from "../../manifests/index.ts";
import type { MonitorTables } from "../../ovsdb/index.ts";
import { inspectedTables, type Northbound, summarisedTables } from "../../topology/index.ts";
import type { ConnectionOptions } from "../options.ts";
import type { ChosenListing, ListingOptions } from "../output/listing.ts";
import type { Choice, ChoosingOptions } from "./chosen.ts";

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
