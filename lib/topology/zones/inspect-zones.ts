import type { AnyRow, ReadView } from "../../database/index.ts";
import { clusterRouterName, transitSwitchName, transitSwitchPortName } from "../naming/names.ts";
import type { NodeOverview } from "../observe/network-overview.ts";
import { text, texts } from "../observe/observe.ts";

/** The ports of a layer3 network that lead to nodes of other zones: those of this one lead to a router. */
export function remotePorts(view: ReadView, network: string, switches: readonly AnyRow[]): AnyRow[] {
  const prefix = transitSwitchPortName(network, "");
  return switches
    .filter((row) => text(row, "name") === transitSwitchName(network))
    .flatMap((row) => texts(row, "ports").flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []))
    .filter((port) => text(port, "options", "router-port") === "" && text(port, "name").startsWith(prefix));
}

/** Nodes of other zones of a layer3 network, by the ports to them; their subnets by the routes there. */
export function remoteNodes(view: ReadView, network: string, switches: readonly AnyRow[]): NodeOverview[] {
  const prefix = transitSwitchPortName(network, "");
  const ports = remotePorts(view, network, switches);
  if (ports.length === 0) return [];
  const subnets = subnetsByNode(view, network);
  return ports.map((port) => {
    const name = text(port, "name").slice(prefix.length);
    return {
      name,
      subnets: subnets.get(name) ?? [],
      chassis: text(port, "options", "requested-chassis"),
      isRemote: true,
    };
  });
}

/** What is routed to nodes of other zones, without single addresses: those are of their gateway routers. */
function subnetsByNode(view: ReadView, network: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const routes = view
    .find("Logical_Router", { name: clusterRouterName(network) })
    .flatMap((row) => texts(row, "static_routes"))
    .flatMap((uuid) => view.byUuid("Logical_Router_Static_Route", uuid) ?? []);
  for (const route of routes) {
    const node = text(route, "external_ids", "ic-node");
    const prefix = text(route, "ip_prefix");
    if (node === "" || /\/(?:32|128)$/.test(prefix)) continue;
    found.set(node, [...(found.get(node) ?? []), prefix].toSorted(v4First));
  }
  return found;
}

function v4First(a: string, b: string): number {
  return Number(a.includes(":")) - Number(b.includes(":"));
}
