import type { DesiredRow } from "../../reconcile/index.ts";
import { formatAddress } from "../description/address.ts";
import { bareAddress, formatInterface, type InterfaceAddress } from "../description/interface-address.ts";
import { macOfAddress } from "../description/mac.ts";
import type { PrimarySpec } from "../description/network-spec.ts";
import {
  gatewayChassisName,
  gatewayRouterName,
  layer2SwitchName,
  linkPortName,
  transitRouterName,
  transitToSwitchPortName,
} from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { type NetworkContext, networkIds, rootRow } from "../rows/network-context.ts";
import { defaultCopp } from "../rows/shared-rows.ts";
import { routeRow } from "../rows/unnamed-rows.ts";
import { gatewayMtu, gatewayRows, innerPortRow } from "./gateway-router.ts";
import { managementRows } from "./management-port.ts";
import type { PrimaryNode } from "./primary-node.ts";

/** Tunnel keys of ports of the transit router: that to the switch, and the first of those to nodes (transit_router.go). */
const SWITCH_KEY = 1;
const FIRST_NODE_KEY = 10;

/** What the router tells the pods of itself: addresses come by DHCP (RFC 4861, section 6.2.1 for the intervals in seconds). */
const ADVERTISEMENTS: Readonly<Record<string, string>> = {
  address_mode: "dhcpv6_stateful",
  send_periodic: "true",
  max_interval: "900",
  min_interval: "300",
  router_preference: "LOW",
};

/** The key of the transit router's port to the gateway router of the node of that number. */
export function transitPortKey(nodeId: number): string {
  return String(FIRST_NODE_KEY + nodeId);
}

/** The router between the switch and the gateway routers. Without zones it needs no tunnel key. */
export function transitRouterRow(context: NetworkContext): DesiredRow {
  const { spec, options, keys } = context;
  return {
    ...rootRow("Logical_Router", transitRouterName(spec.name)),
    kind: "transit router",
    columns: { copp: { ref: defaultCopp } },
    keys: {
      options: {
        // Upstream writes the one or the other.
        ...(keys?.transitRouter === undefined
          ? { always_learn_from_arp_request: "false" }
          : { "requested-tnl-key": String(keys.transitRouter) }),
        ...(options.gatewayMode === "local" && { "ct-commit-all": "true" }),
      },
      external_ids: { ...networkIds(context, {}), "k8s-cluster-router": "yes" },
    },
    network: spec.name,
  };
}

/** What a primary layer2 network has for its node beside the rows of a secondary one. */
export function primaryLayer2Rows(context: NetworkContext, node: PrimaryNode): DesiredRow[] {
  const { spec } = context;
  const primary = primaryOf(context);
  const transitRouter = transitRouterName(spec.name);
  const switchName = layer2SwitchName(spec.name);
  const router = gatewayRouterName(spec.name, node.name);
  const inner = `rtotr-${router}`;
  const routerSides = node.links.map((link) => link.router);
  const gatewaySides = node.links.map((link) => link.gateway);
  return [
    ...switchSideRows(context, node, primary),
    innerPortRow(context, transitRouter, {
      name: linkPortName(router),
      addresses: routerSides,
      options: { "requested-tnl-key": transitPortKey(node.id) },
      peer: inner,
    }),
    ...gatewayRows(context, node, {
      rows: [
        innerPortRow(context, router, {
          name: inner,
          addresses: [...node.joins, ...gatewaySides],
          options: gatewayMtu(context, node),
          peer: linkPortName(router),
        }),
      ],
      routes: spec.subnets.flatMap((subnet) => {
        const hop = sideOf(routerSides, subnet.family);
        return hop === undefined ? [] : [{ subnet, nexthop: hop, outputPort: inner }];
      }),
      // Of several addresses OVN would take the first in the order of letters, which need not be this one.
      loadBalancerSource: node.joins.map(bareAddress).join(" "),
    }),
    ...node.joins.flatMap((join) => {
      const hop = sideOf(gatewaySides, join.address.family);
      return hop === undefined
        ? []
        : [routeRow(context, transitRouter, { prefix: bareAddress(join), nexthop: hop })];
    }),
    ...(context.options.gatewayMode === "shared"
      ? spec.subnets.flatMap((subnet) => {
          const hop = sideOf(gatewaySides, subnet.family);
          return hop === undefined
            ? []
            : [routeRow(context, transitRouter, { prefix: subnet.text, nexthop: hop, policy: "src-ip" })];
        })
      : []),
    ...managementRows(context, node, {
      switchName,
      router: transitRouter,
      routerPort: transitToSwitchPortName(spec.name),
      sides: spec.subnets.flatMap((subnet) => {
        const management = primary.managements.find(({ family }) => family === subnet.family);
        return management ? [{ subnet, management }] : [];
      }),
      nodeAddresses: node.families.flatMap(
        (family) => node.ips.map(({ address }) => address).find((address) => address.family === family) ?? [],
      ),
    }),
  ];
}

/** The ports between the switch and the transit router. */
function switchSideRows(context: NetworkContext, node: PrimaryNode, primary: PrimarySpec): DesiredRow[] {
  const { spec } = context;
  const switchName = layer2SwitchName(spec.name);
  const switchPort = `stotr-${switchName}`;
  const routerPort = transitToSwitchPortName(spec.name);
  const gateways = spec.subnets.flatMap((subnet): InterfaceAddress[] => {
    const address = primary.gateways.find(({ family }) => family === subnet.family);
    return address ? [{ address, prefix: subnet.prefix }] : [];
  });
  const first = gateways.find(({ address }) => address.family === 4) ?? gateways[0];
  if (!first) throw new Error(`network ${spec.name} has no gateway`);
  const chassis = gatewayChassisName(routerPort, node.chassis);
  return [
    {
      key: rowKey("Logical_Switch_Port", switchPort),
      kind: "switch-to-gateway port",
      name: switchPort,
      columns: { type: "router", addresses: ["router"] },
      keys: { options: { "router-port": routerPort }, external_ids: networkIds(context, {}) },
      parent: { key: rowKey("Logical_Switch", switchName), column: "ports" },
      network: spec.name,
    },
    {
      key: rowKey("Logical_Router_Port", routerPort),
      kind: "transit-to-switch port",
      name: routerPort,
      columns: { mac: macOfAddress(first.address), networks: gateways.map(formatInterface) },
      keys: {
        options: { ...gatewayMtu(context, node), "requested-tnl-key": String(SWITCH_KEY) },
        ipv6_ra_configs: gateways.some(({ address }) => address.family === 6)
          ? { ...ADVERTISEMENTS, mtu: String(spec.mtu ?? context.options.clusterMtu) }
          : {},
      },
      ...leftoverChassis(context, routerPort, chassis),
      parent: { key: rowKey("Logical_Router", transitRouterName(spec.name)), column: "ports" },
      network: spec.name,
    },
    {
      key: rowKey("Gateway_Chassis", chassis),
      kind: "gateway chassis",
      name: chassis,
      columns: { chassis_name: node.chassis, priority: 1 },
      parent: { key: rowKey("Logical_Router_Port", routerPort), column: "gateway_chassis" },
      network: spec.name,
    },
  ];
}

/** The port has one chassis; others of ours are of a node that is no more, or of its earlier chassis. */
function leftoverChassis(
  { observed }: NetworkContext,
  routerPort: string,
  wanted: string,
): Pick<DesiredRow, "notElements"> {
  const uuids = (observed.gatewayChassis ?? [])
    .filter(
      ({ name, priority = 1 }) => name.startsWith(`${routerPort}-`) && name !== wanted && priority === 1,
    )
    .map(({ uuid }) => uuid);
  return uuids.length > 0 ? { notElements: { gateway_chassis: uuids } } : {};
}

function sideOf(sides: readonly InterfaceAddress[], family: number): string | undefined {
  const side = sides.find(({ address }) => address.family === family);
  return side && formatAddress(side.address);
}

function primaryOf({ spec }: NetworkContext): PrimarySpec {
  if (!spec.primary) throw new Error(`network ${spec.name} is not primary`);
  return spec.primary;
}
