import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { gatewayRouterName, layer2SwitchName, nodeSwitchName } from "../naming/names.ts";
import { networkOf, text, texts } from "../observe/observe.ts";
import { balancersOfNetwork, isServices, ownerOf } from "./observe-services.ts";
import { balancerRemoval } from "./service-rows.ts";

/**
 * The load balancers that are for one node alone, which goes. One that several nodes share stays for the others; when
 * services are applied again it gets another name.
 */
export function removeNodeBalancers(view: ReadView, network: string, node: string): Removal[] {
  const scopes = ["router+switch", "router", "local_router", "switch"].map(
    (scope) => `_node_${scope}_${node}`,
  );
  return balancersAt(view, network, node)
    .map((row) => ({ uuid: row._uuid, name: text(row, "name"), owner: ownerOf(row) }))
    .filter(({ name, owner }) =>
      scopes.some((scope) =>
        ["TCP", "UDP", "SCTP"].some((protocol) => name.endsWith(`Service_${owner}_${protocol}${scope}`)),
      ),
    )
    .map((balancer) => balancerRemoval(network, balancer));
}

/**
 * Load balancers among which a node's are: those that its switch and its gateway router have, of which a network has as many as
 * services. If one of these is gone, all of the network, of which it has as many for each node.
 */
function balancersAt(view: ReadView, network: string, node: string): readonly AnyRow[] {
  const switches = [nodeSwitchName(network, node), layer2SwitchName(network)]
    .flatMap((name) => view.find("Logical_Switch", { name }))
    .filter((row) => networkOf(row) === network);
  const routers = view
    .find("Logical_Router", { name: gatewayRouterName(network, node) })
    .filter((row) => networkOf(row) === network);
  if (switches.length === 0 || routers.length === 0) return balancersOfNetwork(view, network);
  const uuids = new Set([...switches, ...routers].flatMap((row) => texts(row, "load_balancer")));
  return [...uuids]
    .flatMap((uuid) => view.byUuid("Load_Balancer", uuid) ?? [])
    .filter((row) => isServices(row, network));
}
