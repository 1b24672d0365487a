import type { ManifestSet } from "../../manifests/index.ts";
import type { MonitorTables } from "../../ovsdb/index.ts";
import {
  type Northbound,
  nodeTables,
  podTables,
  policyTables,
  serviceTables,
  summarisedTables,
} from "../../topology/index.ts";
import type { ConnectionOptions } from "../options.ts";
import type { ChosenListing, ListingOptions } from "../output/listing.ts";
import type { Resource } from "../resources.ts";
import type { Choice, ChoosingOptions } from "./chosen.ts";
import type { List } from "./chosen-listing.ts";

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

/** What each resource is made of, and what lists it, which is loaded for who lists it alone. */
const SOURCES: Readonly<Record<Resource, { readonly tables: MonitorTables; load(): Promise<List> }>> = {
  networks: {
    tables: summarisedTables,
    load: async () => (await import("./get-networks.ts")).networksList,
  },
  nodes: {
    tables: nodeTables,
    load: async () => (await import("./get-nodes.ts")).nodesList,
  },
  pods: {
    tables: podTables,
    load: async () => (await import("./get-pods.ts")).podsList,
  },
  policies: {
    tables: policyTables,
    load: async () => (await import("./get-policies.ts")).policiesList,
  },
  services: {
    tables: serviceTables,
    load: async () => (await import("./get-services.ts")).servicesList,
  },
};

/** What is listed for these choices: no more is read of the database than they need. */
export function listsOf(choices: readonly Choice[], set: ManifestSet | undefined): Lists {
  return {
    choices,
    tables: together(choices.map(({ resource }) => SOURCES[resource].tables)),
    load: async () => {
      const lists = await Promise.all(
        choices.map(async (choice) => ({ choice, list: await SOURCES[choice.resource].load() })),
      );
      return (nb) => lists.map(({ choice, list }) => list(set, choice, nb));
    },
  };
}

/** The columns of all of them. */
function together(all: readonly MonitorTables[]): MonitorTables {
  const columns = new Map<string, Set<string>>();
  for (const [table, wanted] of all.flatMap((tables) => Object.entries(tables))) {
    const known = columns.get(table) ?? new Set();
    columns.set(table, known);
    if (Array.isArray(wanted)) for (const column of wanted) known.add(column);
  }
  return Object.fromEntries([...columns].map(([table, names]) => [table, [...names]]));
}
