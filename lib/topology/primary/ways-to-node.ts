import type { ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import {
  clusterRouterName,
  gatewayRouterName,
  managementPortName,
  nodeSwitchName,
  routerToSwitchPortName,
  transitRouterName,
} from "../naming/names.ts";
import { policySubject } from "../naming/row-key.ts";
import { unnamedLabel } from "../naming/row-label.ts";
import { text, texts } from "../observe/observe.ts";
import { observeRouters, ROUTER_CHILDREN } from "../observe/observe-routers.ts";
import type { ObservedChild } from "../request/inputs.ts";

const KINDS: Readonly<Record<ObservedChild["column"], string>> = {
  static_routes: "static route",
  policies: "router policy",
  nat: "snat",
};

/**
 * What the router that nodes share holds for one of them: routes to its gateway and its own interface, policies, NAT; routes
 * to it in another zone. Each leaves the router's set.
 *
 * @param isGoing Which of these are meant; told with the router's name.
 */
export function waysToNode(
  view: ReadView,
  network: string,
  node: string,
  isGoing: (child: ObservedChild, router: string) => boolean,
): Removal[] {
  const shared = [clusterRouterName(network), transitRouterName(network)];
  const isWay = wayTo(view, network, node);
  return observeRouters(view, network)
    .filter(({ name }) => shared.includes(name))
    .flatMap(({ name, children }) =>
      view.find("Logical_Router", { name }).flatMap(({ _uuid }) =>
        children
          .filter((child) => isWay(child) && isGoing(child, name))
          .map(({ uuid, column, values }) => ({
            table: ROUTER_CHILDREN[column].table,
            uuid,
            name: unnamedLabel(ROUTER_CHILDREN[column].table, values),
            kind: KINDS[column],
            network,
            parent: { table: "Logical_Router", uuid: _uuid, column },
          })),
      ),
    );
}

/** The addresses that routes to a node lead to: those of its gateway router, and of its own interface. */
export function hopsToNode(view: ReadView, network: string, node: string): string[] {
  const gateway = gatewayRouterName(network, node);
  const gatewayAddresses = [`rtoj-${gateway}`, `rtotr-${gateway}`]
    .flatMap((name) => view.find("Logical_Router_Port", { name }))
    .flatMap((row) => texts(row, "networks").map((address) => address.replace(/\/.*$/, "")));
  // On a layer2 network the next node has the same one.
  const ownAddresses = view
    .find("Logical_Switch_Port", { name: managementPortName(network, node) })
    .filter((row) =>
      view
        .referrers(row._uuid, "Logical_Switch", "ports")
        .some((home) => text(home, "name") === nodeSwitchName(network, node)),
    )
    .flatMap((row) => texts(row, "addresses").flatMap((addresses) => addresses.split(" ").slice(1)));
  return [...gatewayAddresses, ...ownAddresses];
}

function wayTo(view: ReadView, network: string, node: string): (child: ObservedChild) => boolean {
  const port = routerToSwitchPortName(network, node);
  const isShared = view.find("Logical_Router", { name: transitRouterName(network) }).length > 0;
  const hops = new Set(hopsToNode(view, network, node));
  const tests: Readonly<Record<ObservedChild["column"], (values: ObservedChild["values"]) => boolean>> = {
    // The whole subnet of a layer2 network is routed to the gateway of the node that is next.
    static_routes: (values) =>
      hops.has(String(values["nexthop"])) && !(isShared && values["policy"] === "src-ip"),
    policies: (values) => String(values["match"]).startsWith(`${policySubject(port)} `),
    nat: (values) => values["logical_port"] === port,
  };
  return (child) => child.node === node || (child.node === undefined && tests[child.column](child.values));
}
