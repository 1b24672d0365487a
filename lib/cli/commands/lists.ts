import type { ManifestSet } from "../../manifests/index.ts";
import type { MonitorTables } from "../../ovsdb/index.ts";
import { inspectedTables, type Northbound, serviceTables, summarisedTables } from "../../topology/index.ts";
import type { ConnectionOptions } from "../options.ts";
import type { ChosenListing, ListingOptions } from "../output/listing.ts";
import type { Choice, ChoosingOptions } from "./chosen.ts";

/** Options of `get`. */
export interface GetOptions extends ConnectionOptions, ChoosingOptions, ListingOptions {
  readonly recursive?: true;
  readonly ignoreNotFound?: true;
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

/** Loads what counts networks, or what lists services, or all that networks consist of: the others are a fraction of that. */
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
  if (choice?.resource === "services" && choices.length === 1)
    return {
      choices,
      tables: serviceTables,
      load: async () => {
        const { listOfServices } = await import("./get-services.ts");
        return (nb) => [listOfServices(set, choice, nb)];
      },
    };
  return {
    choices,
    // The rows of services are large.
    tables: choices.some(({ resource }) => resource === "services")
      ? { ...inspectedTables, ...serviceTables }
      : inspectedTables,
    load: async () => {
      const { listParts } = await import("./get-parts.ts");
      return (nb) => listParts(set, choices, nb);
    },
  };
}
