import type { AnyRow, ReadView } from "../../database/index.ts";
import { readNodeSubnets } from "../addresses/node-subnets.ts";
import { gatewayRouterName, routerToSwitchPortName } from "../naming/names.ts";
import { order } from "../naming/order.ts";
import type { NodeOverview } from "../observe/network-overview.ts";
import {
  fixedSwitchNames,
  networksOf,
  routersOfNetwork,
  rowsOfNetwork,
  stringMap,
  text,
  texts,
} from "../observe/observe.ts";
import { remoteNodes } from "../zones/inspect-zones.ts";
import { byName, nodeOf } from "./summary.ts";

/** A network with its switches, by name, and its nodes. */
export interface NetworkWithNodes {
  readonly network: string;
  readonly switches: readonly AnyRow[];
  readonly nodes: readonly NodeOverview[];
}

/** All networks, by name, and what is to be known of each before its pods can be read. */
export function networksWithNodes(view: ReadView): readonly NetworkWithNodes[] {
  return networksOf(view).map((network) => {
    const switches = byName(rowsOfNetwork(view, "Logical_Switch", network, fixedSwitchNames(network)));
    return { network, switches, nodes: nodesOf(view, network, switches) };
  });
}

/** The nodes of chassis, as far as any network tells them: a pod of one network may be on a node that only another one shows. */
export function nodesByChassis(
  view: ReadView,
  networks: readonly NetworkWithNodes[],
): ReadonlyMap<string, string> {
  return new Map([
    ...networks.flatMap(({ network }) => gatewayNodes(view, network)),
    ...networks
      .flatMap(({ nodes }) => nodes)
      .filter(({ chassis }) => chassis !== "")
      .map(({ chassis, name }) => [chassis, name] as const),
  ]);
}

/** Chassis and the node by whose name a gateway router there is called: on layer2 networks nothing else tells it. */
function gatewayNodes(view: ReadView, network: string): (readonly [chassis: string, node: string])[] {
  const prefix = gatewayRouterName(network, "");
  return routersOfNetwork(view, network).flatMap((row) => {
    const name = text(row, "name");
    const chassis = text(row, "options", "chassis");
    return name.startsWith(prefix) && chassis !== "" ? [[chassis, name.slice(prefix.length)] as const] : [];
  });
}

function nodesOf(view: ReadView, network: string, switches: readonly AnyRow[]): NodeOverview[] {
  const remote = remoteNodes(view, network, switches);
  const local = localNodes(view, network, switches);
  return remote.length === 0 ? local : [...local, ...remote].toSorted((a, b) => order(a.name, b.name));
}

function localNodes(view: ReadView, network: string, switches: readonly AnyRow[]): NodeOverview[] {
  return switches.flatMap((row) => {
    const name = nodeOf(network, row);
    if (name === undefined) return [];
    const [port] = view.find("Logical_Router_Port", { name: routerToSwitchPortName(network, name) });
    const candidates = readNodeSubnets(stringMap(row, "other_config"), {
      networks: port === undefined ? [] : texts(port, "networks"),
      mac: port === undefined ? "" : text(port, "mac"),
    });
    const isV6 = (subnet: string): boolean => subnet.includes(":");
    const subnets = [candidates.find((subnet) => !isV6(subnet)), candidates.find(isV6)].filter(
      (subnet) => subnet !== undefined,
    );
    return [{ name, subnets, chassis: port === undefined ? "" : chassisOf(view, port) }];
  });
}

function chassisOf(view: ReadView, routerPort: AnyRow): string {
  const name = text(routerPort, "name");
  const rows = texts(routerPort, "gateway_chassis").flatMap(
    (uuid) => view.byUuid("Gateway_Chassis", uuid) ?? [],
  );
  const own = rows.find((row) => text(row, "name").startsWith(`${name}-`)) ?? rows[0];
  return own === undefined ? "" : text(own, "chassis_name");
}
