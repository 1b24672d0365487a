import type { ReadView } from "../../database/index.ts";
import { transitSwitchName } from "../naming/names.ts";
import { text } from "../observe/observe.ts";
import { networksWithNodes, nodesByChassis } from "./nodes.ts";
import { nodeOf } from "./summary.ts";

/** A switch as pods are on it: of a network, and of a node where it is one node's. */
export interface PodSite {
  readonly network: string;
  readonly switchName: string;
  readonly node: string | undefined;
}

/** All that tells of pods beside the rows of their ports. */
export interface PodSites {
  /** By the uuid of a switch. An unmarked one may be of several networks, whose names give the same prefix. */
  readonly onSwitch: ReadonlyMap<string, readonly PodSite[]>;
  /** The uuids of switches whose ports tell of nodes, and not of pods alone. */
  readonly transit: ReadonlySet<string>;
  readonly nodeOfChassis: ReadonlyMap<string, string>;
}

/** There is nothing yet. */
export const noSites: PodSites = { onSwitch: new Map(), transit: new Set(), nodeOfChassis: new Map() };

/** Reads them, without the rows of pods' ports: the work is that of the switches, routers and nodes. */
export function readPodSites(view: ReadView): PodSites {
  const networks = networksWithNodes(view);
  const onSwitch = new Map<string, PodSite[]>();
  const transit = new Set<string>();
  for (const { network, switches } of networks)
    for (const row of switches) {
      const switchName = text(row, "name");
      const sites = onSwitch.get(row._uuid) ?? [];
      sites.push({ network, switchName, node: nodeOf(network, row) });
      onSwitch.set(row._uuid, sites);
      if (switchName === transitSwitchName(network)) transit.add(row._uuid);
    }
  return { onSwitch, transit, nodeOfChassis: nodesByChassis(view, networks) };
}

/** The uuids of switches that are not what they were, and chassis whose node is another. */
export function siteDifferences(
  before: PodSites,
  now: PodSites,
): { readonly switches: readonly string[]; readonly chassis: ReadonlySet<string> } {
  return {
    switches: differingKeys(before.onSwitch, now.onSwitch),
    chassis: new Set(differingKeys(before.nodeOfChassis, now.nodeOfChassis)),
  };
}

function differingKeys(before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter(
    (key) => JSON.stringify(before.get(key)) !== JSON.stringify(now.get(key)),
  );
}
