import type { DesiredRow } from "../../reconcile/index.ts";
import { type Cidr, formatAddress } from "../description/address.ts";
import { bareAddress, formatInterface } from "../description/interface-address.ts";
import { macOfAddress } from "../description/mac.ts";
import {
  externalPortName,
  externalSwitchName,
  gatewayRouterName,
  loadBalancerGroupNames,
} from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { vlanColumns } from "../rows/localnet.ts";
import { claimedRow, type NetworkContext, networkIds } from "../rows/network-context.ts";
import { defaultCopp } from "../rows/shared-rows.ts";
import { macBindingRow, routeRow, snatRow } from "../rows/unnamed-rows.ts";
import type { PrimaryNode } from "./primary-node.ts";

/** The physical network to which every node's bridge is mapped for primary networks (go-controller/pkg/types/const.go). */
const PHYSICAL_NETWORK = "physnet";

/** What a gateway router has on its inner side, which differs from topology to topology. */
export interface InnerSide {
  /** Rows of the port, and whatever it is joined to. */
  readonly rows: readonly DesiredRow[];
  /** The way to each subnet of the network. */
  readonly routes: readonly {
    readonly subnet: Cidr;
    readonly nexthop: string;
    readonly outputPort?: string;
  }[];
  /** `lb_force_snat_ip` of the router. */
  readonly loadBalancerSource: string;
}

/** One node's gateway router: the router, its outer side with the switch of the physical network, and what it routes and hides. */
export function gatewayRows(context: NetworkContext, node: PrimaryNode, inner: InnerSide): DesiredRow[] {
  const { spec } = context;
  const router = gatewayRouterName(spec.name, node.name);
  return [
    routerRow(context, node, inner),
    ...inner.rows,
    ...outsideRows(context, node, router),
    ...node.masquerades.flatMap(({ dummyNextHop, host }) => [
      macBindingRow(context, outerPort(router), dummyNextHop),
      macBindingRow(context, outerPort(router), host),
    ]),
    ...inner.routes.map(({ subnet, nexthop, outputPort }) =>
      routeRow(context, router, {
        prefix: subnet.text,
        nexthop,
        ...(outputPort !== undefined && { outputPort }),
      }),
    ),
    ...node.masquerades.map(({ subnet, dummyNextHop }) =>
      routeRow(context, router, {
        prefix: subnet.text,
        nexthop: formatAddress(dummyNextHop),
        outputPort: outerPort(router),
      }),
    ),
    ...node.nextHops.map((hop) =>
      routeRow(context, router, {
        prefix: hop.family === 4 ? "0.0.0.0/0" : "::/0",
        nexthop: formatAddress(hop),
        outputPort: outerPort(router),
      }),
    ),
    ...node.masquerades.flatMap(({ subnet: { family }, gatewayRouter }) => {
      const inside = [
        ...node.joins.filter(({ address }) => address.family === family).map(bareAddress),
        ...spec.subnets.filter((subnet) => subnet.family === family).map(({ text }) => text),
      ];
      return inside.map((each) =>
        snatRow(context, router, { inside: each, outside: formatAddress(gatewayRouter) }),
      );
    }),
  ];
}

/** Logical_Router_Port of a gateway router towards the physical network. */
function outerPort(router: string): string {
  return `rtoe-${router}`;
}

function routerRow(context: NetworkContext, node: PrimaryNode, inner: InnerSide): DesiredRow {
  const { spec } = context;
  const groups = loadBalancerGroupNames(spec.name);
  const physical = [...node.ips.map(bareAddress), ...masqueradeAddresses(node)];
  return {
    ...claimedRow("Logical_Router", gatewayRouterName(spec.name, node.name)),
    kind: "gateway router",
    columns: { copp: { ref: defaultCopp } },
    keys: {
      options: {
        always_learn_from_arp_request: "false",
        dynamic_neigh_routers: "false",
        chassis: node.chassis,
        lb_force_snat_ip: inner.loadBalancerSource,
        mac_binding_age_threshold: "300",
        disable_garp_rarp: "true",
      },
      external_ids: {
        ...networkIds(context, { role: true }),
        physical_ip: `${physical[0]}`,
        physical_ips: physical.join(","),
      },
    },
    elements: {
      load_balancer_group: [groups.cluster, ...(node.nodePort ? [groups.routers] : [])].map((name) => ({
        ref: rowKey("Load_Balancer_Group", name),
      })),
    },
    ...(!node.nodePort && {
      notElements: { load_balancer_group: context.observed.former?.routerGroups ?? [] },
    }),
    network: spec.name,
  };
}

function outsideRows(context: NetworkContext, node: PrimaryNode, router: string): DesiredRow[] {
  const { spec } = context;
  const ids = networkIds(context, {});
  const switchRow = claimedRow("Logical_Switch", externalSwitchName(spec.name, node.name));
  const localnetPort = externalPortName(spec.name, node.name, node.bridge);
  const switchPort = `etor-${router}`;
  const parent = { key: switchRow.key, column: "ports" };
  return [
    {
      key: rowKey("Logical_Router_Port", outerPort(router)),
      kind: "gateway router port",
      name: outerPort(router),
      columns: {
        mac: node.mac,
        networks: [
          ...node.ips.map(formatInterface),
          ...node.masquerades.map(
            ({ gatewayRouter }) => `${formatAddress(gatewayRouter)}/${gatewayRouter.family === 4 ? 32 : 128}`,
          ),
        ],
      },
      keys: { external_ids: ids },
      parent: { key: rowKey("Logical_Router", router), column: "ports" },
      network: spec.name,
    },
    {
      ...switchRow,
      kind: "external switch",
      keys: { external_ids: networkIds(context, { role: true }) },
      network: spec.name,
    },
    {
      key: rowKey("Logical_Switch_Port", localnetPort),
      kind: "external localnet port",
      name: localnetPort,
      columns: {
        type: "localnet",
        addresses: ["unknown"],
        ...vlanColumns(node.vlan),
      },
      keys: { options: { network_name: PHYSICAL_NETWORK }, external_ids: ids },
      parent,
      network: spec.name,
    },
    {
      key: rowKey("Logical_Switch_Port", switchPort),
      kind: "switch-to-gateway port",
      name: switchPort,
      columns: { type: "router", addresses: [node.mac] },
      keys: { options: { "router-port": outerPort(router) }, external_ids: ids },
      parent,
      network: spec.name,
    },
  ];
}

/** The gateway router's own masquerade addresses. */
function masqueradeAddresses(node: PrimaryNode): string[] {
  return node.masquerades.map(({ gatewayRouter }) => formatAddress(gatewayRouter));
}

/** The port of a router that is joined to gateway routers: MAC of its first address, and the network's marks. */
export function innerPortRow(
  context: NetworkContext,
  router: string,
  port: {
    readonly name: string;
    readonly addresses: PrimaryNode["joins"];
    readonly options?: Readonly<Record<string, string>>;
    readonly peer?: string;
  },
): DesiredRow {
  const [first] = port.addresses;
  if (!first) throw new Error(`router port ${port.name} has no address`);
  return {
    key: rowKey("Logical_Router_Port", port.name),
    kind: "gateway router port",
    name: port.name,
    columns: {
      mac: macOfAddress(first.address),
      networks: port.addresses.map(formatInterface),
      ...(port.peer !== undefined && { peer: port.peer }),
    },
    keys: { options: port.options ?? {}, external_ids: networkIds(context, {}) },
    parent: { key: rowKey("Logical_Router", router), column: "ports" },
    network: context.spec.name,
  };
}

/** `gateway_mtu`, where the node can check it. */
export function gatewayMtu(context: NetworkContext, node: PrimaryNode): Readonly<Record<string, string>> {
  return node.gatewayMtu ? { gateway_mtu: String(context.options.clusterMtu) } : {};
}
