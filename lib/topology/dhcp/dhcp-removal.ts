import type { ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { text } from "../observe/observe.ts";
import { dhcpRemoval } from "./dhcp.ts";
import { NETWORK_TYPE } from "./dhcp-ids.ts";
import { observeDhcp } from "./observe-dhcp.ts";

/** All that ports of a network are told by DHCP. */
export function removeDhcp(view: ReadView, network: string): Removal[] {
  return observeDhcp(view, network).map((row) => dhcpRemoval(network, row));
}

/** What virtual machines are told that have no port left when these rows are gone; what all pods of a network are told stays. */
export function idleDhcp(view: ReadView, removals: readonly Removal[]): Removal[] {
  const going = new Set(removals.map(({ uuid }) => uuid));
  const found = new Map<string, Removal>();
  for (const { table, uuid, network } of removals) {
    const port = table === "Logical_Switch_Port" ? view.byUuid(table, uuid) : undefined;
    if (port === undefined || network === undefined) continue;
    for (const column of COLUMNS) {
      const options =
        typeof port[column] === "string" ? view.byUuid("DHCP_Options", port[column]) : undefined;
      if (options === undefined || going.has(options._uuid)) continue;
      const ids = (key: string): string => text(options, "external_ids", `k8s.ovn.org/${key}`);
      if (ids("owner-controller") !== controllerOf(network) || ids("owner-type") === NETWORK_TYPE) continue;
      const isUsed = COLUMNS.some((each) =>
        view.referrers(options._uuid, "Logical_Switch_Port", each).some((user) => !going.has(user._uuid)),
      );
      if (!isUsed) found.set(options._uuid, dhcpRemoval(network, { uuid: options._uuid, id: ids("id") }));
    }
  }
  return [...found.values()];
}

const COLUMNS = ["dhcpv4_options", "dhcpv6_options"] as const;
