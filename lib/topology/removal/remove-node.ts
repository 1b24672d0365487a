import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import {
  externalSwitchName,
  gatewayRouterName,
  joinPortName,
  linkPortName,
  managementPortName,
  nodeSwitchName,
  routerToSwitchPortName,
  transitRouterName,
  transitRouterPortName,
  transitSwitchName,
  transitSwitchPortName,
} from "../naming/names.ts";
import { isRowOf, networkOf, nodeOfSwitch, text, texts } from "../observe/observe.ts";
import { observeRouters } from "../observe/observe-routers.ts";
import { isPodPort } from "../observe/pod-of-port.ts";
import { waysToNode } from "../primary/ways-to-node.ts";
import type { ObservedChild } from "../request/inputs.ts";
import { removeNodeBalancers } from "../services/node-balancers.ts";
import { detached, foreignChassis, type Removals, removeMacBindings, removeParent } from "./removal.ts";

/**
 * A node's part of a network: its switch with all ports, and the router's port to it; on a primary network also its gateway
 * router and external switch, and what leads there; between zones its ports and the routes to it.
 */
export function removeNode(view: ReadView, network: string, node: string): Removals {
  const transit = switchPort(view, network, transitSwitchPortName(network, node));
  const links = routerPort(view, network, linkPortName(gatewayRouterName(network, node)));
  const { removals, ...rest } = removePart(view, network, node, () => true);
  return {
    ...rest,
    removals: [
      ...removals,
      ...transit.flatMap((port) =>
        detached(view, network, "transit switch port", "Logical_Switch", "Logical_Switch_Port", port),
      ),
      ...links.flatMap((port) =>
        detached(view, network, "gateway router port", "Logical_Router", "Logical_Router_Port", port),
      ),
    ],
  };
}

/** What a node has only in the database of its own zone: {@link removeNode} without the way there from other zones. */
export function removeOwnRows(view: ReadView, network: string, node: string): Removals {
  const router = transitRouterName(network);
  return removePart(
    view,
    network,
    node,
    // The route to join addresses is one row, whichever zone the node is in, on a router that is one in all zones.
    ({ column, values, node: leadsTo }, home) =>
      leadsTo === undefined && !(home === router && column === "static_routes" && values["policy"] === null),
  );
}

/** Nodes that are known by ports or routes to them: those of other zones, and on layer3 those of this zone. */
export function remoteNodes(view: ReadView, network: string): string[] {
  const names = (table: string, home: string, childTable: string): string[] =>
    view
      .find(table, { name: home })
      .filter((row) => isRowOf(row, network))
      .flatMap((row) => texts(row, "ports").flatMap((uuid) => view.byUuid(childTable, uuid) ?? []))
      .map((port) => text(port, "name"));
  const after = (prefix: string, all: readonly string[]): string[] =>
    all.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  const routed = observeRouters(view, network).flatMap(({ children }) =>
    children.flatMap(({ node }) => node ?? []),
  );
  const found = [
    ...routed,
    ...after(
      transitSwitchPortName(network, ""),
      names("Logical_Switch", transitSwitchName(network), "Logical_Switch_Port"),
    ),
    ...after(
      linkPortName(gatewayRouterName(network, "")),
      names("Logical_Router", transitRouterName(network), "Logical_Router_Port"),
    ),
  ];
  return [...new Set(found)];
}

function removePart(
  view: ReadView,
  network: string,
  node: string,
  isGoing: (child: ObservedChild, router: string) => boolean,
): Removals {
  const gateway = gatewayRouterName(network, node);
  const routers = view.find("Logical_Router", { name: gateway });
  const outer = view.find("Logical_Switch", { name: externalSwitchName(network, node) });
  const own = routers.filter((row) => networkOf(row) === network);
  const toSwitch = routerPort(view, network, routerToSwitchPortName(network, node));
  const isKnown = own.length + toSwitch.length > 0;
  const parts = [
    ...switchesOfNode(view, network, node, isKnown).map((row) => removeSwitch(view, network, row)),
    ...own.map((row) => removeParent(view, network, "Logical_Router", row)),
    ...outer
      .filter((row) => networkOf(row) === network)
      .map((row) => removeParent(view, network, "Logical_Switch", row)),
  ];
  const routerPorts = [...toSwitch, ...routerPort(view, network, transitRouterPortName(network, node))];
  const inner = [joinPortName(gateway), managementPortName(network, node)].flatMap((name) =>
    switchPort(view, network, name),
  );
  return {
    removals: [
      ...parts.flatMap(({ removals }) => removals),
      // Of a gateway router of that name that is another network's, so are these.
      ...(own.length === routers.length ? removeMacBindings(view, network, [`rtoe-${gateway}`]) : []),
      ...inner.flatMap((port) =>
        detached(view, network, "switch-to-gateway port", "Logical_Switch", "Logical_Switch_Port", port),
      ),
      ...waysToNode(view, network, node, isGoing),
      ...removeNodeBalancers(view, network, node),
      ...routerPorts.flatMap((port) =>
        detached(view, network, routerPortKind(network, port), "Logical_Router", "Logical_Router_Port", port),
      ),
    ],
    foreign: [
      ...parts.flatMap(({ foreign }) => foreign),
      ...routerPorts.flatMap((port) => foreignChassis(view, port)),
    ],
    kept: [],
  };
}

/**
 * A node's switch with its ports. Those of pods of a primary network must be those that were seen: what such a pod has on the cluster's
 * own network is looked for by its name, and the next one with its address would leave its own there.
 */
function removeSwitch(view: ReadView, network: string, row: AnyRow): Pick<Removals, "removals" | "foreign"> {
  const part = removeParent(view, network, "Logical_Switch", row);
  if (text(row, "external_ids", "k8s.ovn.org/role") !== "primary") return part;
  const isPod = ({ table, uuid }: Removal): boolean => {
    const port = table === "Logical_Switch_Port" ? view.byUuid(table, uuid) : undefined;
    return port !== undefined && isPodPort(port);
  };
  const removals = part.removals.map((each) => (isPod(each) ? { ...each, unchanged: ["name"] } : each));
  return { ...part, removals };
}

/** @param isKnown Other rows tell of the node: then its switch is one of its name that says of no network that it is of it. */
function switchesOfNode(view: ReadView, network: string, node: string, isKnown: boolean): readonly AnyRow[] {
  const named = view
    .find("Logical_Switch", { name: nodeSwitchName(network, node) })
    .filter((row) => nodeOfSwitch(network, row) === node);
  const marked = named.filter((row) => networkOf(row) === network);
  return marked.length > 0 || !isKnown ? marked : named.filter((row) => networkOf(row) === "");
}

function switchPort(view: ReadView, network: string, name: string): readonly AnyRow[] {
  return portsNamed(view, network, { table: "Logical_Switch_Port", parent: "Logical_Switch" }, name);
}

function routerPort(view: ReadView, network: string, name: string): readonly AnyRow[] {
  return portsNamed(view, network, { table: "Logical_Router_Port", parent: "Logical_Router" }, name);
}

/** Ports of this name that hang on rows of the network: another one may have a name that gives the same prefix. */
function portsNamed(
  view: ReadView,
  network: string,
  { table, parent }: { readonly table: string; readonly parent: string },
  name: string,
): readonly AnyRow[] {
  return view
    .find(table, { name })
    .filter(({ _uuid }) => view.referrers(_uuid, parent, "ports").some((row) => isRowOf(row, network)));
}

function routerPortKind(network: string, port: AnyRow): string {
  const isTransit = text(port, "name").startsWith(transitRouterPortName(network, ""));
  return isTransit ? "router-to-transit port" : "router-to-switch port";
}
