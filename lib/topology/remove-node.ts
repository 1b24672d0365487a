import type { ReadView } from "../database/index.ts";
import {
  externalSwitchName,
  gatewayRouterName,
  managementPortName,
  routerToSwitchPortName,
} from "./names.ts";
import { networkOf, nodeOfSwitch, switchesOfNetwork } from "./observe.ts";
import { detached, foreignChassis, type Removals, removeMacBindings, removeParent } from "./removal.ts";
import { waysToNode } from "./ways-to-node.ts";

/**
 * A node's part of a network: its switch with all ports, and the router's port to it; on a primary network also its gateway
 * router and external switch, and what leads there.
 */
export function removeNode(view: ReadView, network: string, node: string): Removals {
  const own = [gatewayRouterName(network, node)].flatMap((name) => view.find("Logical_Router", { name }));
  const outer = [externalSwitchName(network, node)].flatMap((name) => view.find("Logical_Switch", { name }));
  const parts = [
    ...switchesOfNetwork(view, network, [node])
      .filter((row) => nodeOfSwitch(network, row) === node)
      .map((row) => removeParent(view, network, "Logical_Switch", row)),
    ...own
      .filter((row) => networkOf(row) === network)
      .map((row) => removeParent(view, network, "Logical_Router", row)),
    ...outer
      .filter((row) => networkOf(row) === network)
      .map((row) => removeParent(view, network, "Logical_Switch", row)),
  ];
  const routerPorts = view.find("Logical_Router_Port", { name: routerToSwitchPortName(network, node) });
  const gateway = gatewayRouterName(network, node);
  const inner = [`jtor-${gateway}`, managementPortName(network, node)].flatMap((name) =>
    view.find("Logical_Switch_Port", { name }),
  );
  const links = view.find("Logical_Router_Port", { name: `trtor-${gateway}` });
  return {
    removals: [
      ...parts.flatMap(({ removals }) => removals),
      ...removeMacBindings(view, network, [`rtoe-${gateway}`]),
      ...inner.flatMap((port) =>
        detached(view, network, "switch-to-gateway port", "Logical_Switch", "Logical_Switch_Port", port),
      ),
      ...links.flatMap((port) =>
        detached(view, network, "gateway router port", "Logical_Router", "Logical_Router_Port", port),
      ),
      ...waysToNode(view, network, node),
      ...routerPorts.flatMap((port) =>
        detached(view, network, "router-to-switch port", "Logical_Router", "Logical_Router_Port", port),
      ),
    ],
    foreign: [
      ...parts.flatMap(({ foreign }) => foreign),
      ...routerPorts.flatMap((port) => foreignChassis(view, port)),
    ],
    kept: [],
  };
}
