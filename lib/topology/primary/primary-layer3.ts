import type { DesiredRow } from "../../reconcile/index.ts";
import { addressAt, type Cidr, type Family } from "../description/address.ts";
import { bareAddress, type InterfaceAddress, interfaceAt } from "../description/interface-address.ts";
import {
  clusterRouterName,
  gatewayRouterName,
  joinPortName,
  joinSwitchName,
  nodeSwitchName,
  routerToSwitchPortName,
} from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { type NetworkContext, networkIds, rootRow } from "../rows/network-context.ts";
import { routeRow } from "../rows/unnamed-rows.ts";
import { gatewayMtu, gatewayRows, innerPortRow } from "./gateway-router.ts";
import { managementRows } from "./management-port.ts";
import type { PrimaryNode } from "./primary-node.ts";

/** What a primary layer3 network has beside the rows of a secondary one, whatever nodes there are: the join switch. */
export function joinRows(context: NetworkContext, families: readonly Family[]): DesiredRow[] {
  const network = context.spec.name;
  const router = clusterRouterName(network);
  return [
    {
      ...rootRow("Logical_Switch", joinSwitchName(network)),
      kind: "join switch",
      keys: { external_ids: networkIds(context, {}) },
      network,
    },
    joinPortRow(context, router, {}),
    innerPortRow(context, router, { name: `rtoj-${router}`, addresses: routerJoins(context, families) }),
  ];
}

/** What a primary layer3 network has for one node beside the rows of a secondary one. */
export function primaryLayer3Rows(
  context: NetworkContext,
  node: PrimaryNode,
  subnets: readonly Cidr[],
): DesiredRow[] {
  const { spec } = context;
  const clusterRouter = clusterRouterName(spec.name);
  const router = gatewayRouterName(spec.name, node.name);
  const joins = node.joins.map((join) => ({ family: join.address.family, text: bareAddress(join) }));
  const clusterJoins = routerJoins(context, node.families);
  const joinOf = (family: Family): string => find(joins, family).text;
  return [
    ...managementRows(context, node, {
      switchName: nodeSwitchName(spec.name, node.name),
      router: clusterRouter,
      routerPort: routerToSwitchPortName(spec.name, node.name),
      sides: subnets.map((subnet) => ({ subnet, management: addressAt(subnet, 2n) })),
      nodeAddresses: [
        ...node.families.flatMap(
          (family) =>
            node.ips.map(({ address }) => address).find((address) => address.family === family) ?? [],
        ),
        ...node.masquerades.map(({ gatewayRouter }) => gatewayRouter),
      ],
    }),
    ...gatewayRows(context, node, {
      rows: [
        joinPortRow(context, router, networkIds(context, {})),
        innerPortRow(context, router, {
          name: `rtoj-${router}`,
          addresses: node.joins,
          options: gatewayMtu(context, node),
        }),
      ],
      routes: spec.subnets.map((subnet) => ({
        subnet,
        nexthop: bareAddress(
          find(
            clusterJoins.map((join) => ({ ...join, family: join.address.family })),
            subnet.family,
          ),
        ),
      })),
      loadBalancerSource: "router_ip",
    }),
    ...joins.map(({ text }) => routeRow(context, clusterRouter, { prefix: text, nexthop: text })),
    ...(context.options.gatewayMode === "shared"
      ? subnets.map((subnet) =>
          routeRow(context, clusterRouter, {
            prefix: subnet.text,
            nexthop: joinOf(subnet.family),
            policy: "src-ip",
          }),
        )
      : []),
  ];
}

/** The cluster router's own addresses in the join subnets: the first of each. */
function routerJoins({ spec }: NetworkContext, families: readonly Family[]): InterfaceAddress[] {
  return (spec.primary?.joinSubnets ?? [])
    .filter(({ family }) => families.includes(family))
    .flatMap((range) => interfaceAt(range, 1) ?? []);
}

/** A port of the join switch to a router; that to the cluster router carries no marks. */
function joinPortRow(
  { spec }: NetworkContext,
  router: string,
  ids: Readonly<Record<string, string>>,
): DesiredRow {
  const name = joinPortName(router);
  return {
    key: rowKey("Logical_Switch_Port", name),
    kind: "switch-to-gateway port",
    name,
    columns: { type: "router", addresses: ["router"] },
    keys: { options: { "router-port": `rtoj-${router}` }, external_ids: ids },
    parent: { key: rowKey("Logical_Switch", joinSwitchName(spec.name)), column: "ports" },
    network: spec.name,
  };
}

function find<T extends { readonly family: Family }>(list: readonly T[], family: Family): T {
  const found = list.find((each) => each.family === family);
  if (!found) throw new Error(`no IPv${family} address in a join subnet`);
  return found;
}
