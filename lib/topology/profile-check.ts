import type { ReadView } from "../database/index.ts";
import { NameCollisionError, ProfileMismatchError } from "./errors.ts";
import type { TopologyOptions } from "./inputs.ts";
import { loadBalancerGroupNames, localnetPortName } from "./names.ts";
import { fixedSwitchNames, routersOfNetwork, rowsOfNetwork, stringMap, text } from "./observe.ts";
import { type RecognisedNetwork, recogniseNetwork } from "./profile.ts";

/** Reads from the rows in the database how a network was written. */
export function recognise(view: ReadView, network: string): RecognisedNetwork {
  const groups = view.supports("Load_Balancer_Group") ? Object.values(loadBalancerGroupNames(network)) : [];
  return recogniseNetwork(network, {
    switches: rowsOfNetwork(view, "Logical_Switch", network, fixedSwitchNames(network)).map((row) => ({
      name: text(row, "name"),
      externalIds: stringMap(row, "external_ids"),
      otherConfig: stringMap(row, "other_config"),
    })),
    routers: routersOfNetwork(view, network).map((row) => ({
      name: text(row, "name"),
      externalIds: stringMap(row, "external_ids"),
    })),
    ports: view
      .find("Logical_Switch_Port", { name: localnetPortName(network) })
      .map((row) => ({ name: text(row, "name"), options: stringMap(row, "options") })),
    groups: groups.filter((name) => view.find("Load_Balancer_Group", { name }).length > 0),
  });
}

/** Throws `ProfileMismatchError` when an existing network was written otherwise, unless it may be migrated. */
export function checkProfile(
  view: ReadView,
  network: string,
  options: TopologyOptions,
  migrate: boolean,
): void {
  const found = recognise(view, network);
  if (!found.exists) return;
  if (found.rival !== undefined) {
    throw new NameCollisionError("Logical_Switch", network, [
      `network "${network}"`,
      `the existing network "${found.rival}"`,
    ]);
  }
  // Rows of interconnect mode carry what only the zones know; turning them into central ones would cut the zones off.
  if (found.mode !== undefined && found.mode !== options.mode) {
    throw new ProfileMismatchError(network, `mode ${found.mode}`, `mode ${options.mode}`);
  }
  if (found.profile !== undefined && found.profile !== options.profile && !migrate) {
    throw new ProfileMismatchError(network, `profile ${found.profile}`, `profile ${options.profile}`);
  }
}
