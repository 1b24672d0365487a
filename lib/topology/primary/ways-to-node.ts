import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { readNodeSubnets } from "../addresses/node-subnets.ts";
import {
  clusterRouterName,
  gatewayRouterName,
  managementPortName,
  nodeSwitchName,
  routerToSwitchPortName,
  transitRouterName,
  transitToSwitchPortName,
} from "../naming/names.ts";
import { policySubject } from "../naming/row-key.ts";
import { unnamedLabel } from "../naming/row-label.ts";
import { isRowOf, networkOf, stringMap, text, texts } from "../observe/observe.ts";
import { observeRouter, ROUTER_CHILDREN } from "../observe/observe-routers.ts";
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
  const isWay = wayTo(view, network, node);
  return [clusterRouterName(network), transitRouterName(network)]
    .flatMap((name) => view.find("Logical_Router", { name }))
    .filter((router) => isRowOf(router, network))
    .flatMap((router) => {
      const { name, children } = observeRouter(view, network, router, isWay);
      return children
        .filter((child) => isGoing(child, name))
        .map(({ uuid, column, values }) => ({
          table: ROUTER_CHILDREN[column].table,
          uuid,
          name: unnamedLabel(ROUTER_CHILDREN[column].table, values),
          kind: KINDS[column],
          network,
          parent: { table: "Logical_Router", uuid: router._uuid, column },
        }));
    });
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

function wayTo(view: ReadView, network: string, node: string): Parameters<typeof observeRouter>[3] {
  const isAlone = isAloneOnLayer2(view, network, node);
  const port = isAlone ? transitToSwitchPortName(network) : routerToSwitchPortName(network, node);
  const subject = `${policySubject(port)} `;
  const hops = new Set(hopsToNode(view, network, node));
  const subnets = new Set(subnetsOfNode(view, network, node));
  const isFromNode = (row: AnyRow): boolean =>
    row["policy"] === "src-ip" && (isAlone || subnets.has(text(row, "ip_prefix")));
  const tests: Readonly<Record<ObservedChild["column"], (row: AnyRow) => boolean>> = {
    static_routes: (row) => hops.has(text(row, "nexthop")) || isFromNode(row),
    policies: (row) => text(row, "match").startsWith(subject),
    nat: (row) => row["logical_port"] === port,
  };
  return (column, row, of) => (of === undefined ? tests[column](row) : of === node);
}

/** What the node has of a layer3 network. Its gateway router may be gone, whose address would tell what leads there. */
function subnetsOfNode(view: ReadView, network: string, node: string): readonly string[] {
  const isOfNetwork = (row: AnyRow): boolean => isRowOf(row, network);
  const [home] = view.find("Logical_Switch", { name: nodeSwitchName(network, node) }).filter(isOfNetwork);
  const [port] = view
    .find("Logical_Router_Port", { name: routerToSwitchPortName(network, node) })
    .filter(({ _uuid }) => view.referrers(_uuid, "Logical_Router", "ports").some(isOfNetwork));
  return readNodeSubnets(home === undefined ? {} : stringMap(home, "other_config"), {
    networks: port === undefined ? [] : texts(port, "networks"),
    mac: port === undefined ? "" : text(port, "mac"),
  });
}

/**
 * Whether it is the one node that a primary layer2 network has in this database: all that the transit router has for nodes is for it.
 * Another one that comes in the same plan takes over what is the same for both.
 */
function isAloneOnLayer2(view: ReadView, network: string, node: string): boolean {
  const isThere = (name: string): boolean =>
    view.find("Logical_Router", { name }).some((row) => networkOf(row) === network);
  return isThere(transitRouterName(network)) && isThere(gatewayRouterName(network, node));
}
