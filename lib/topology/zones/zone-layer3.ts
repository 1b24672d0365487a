import type { DesiredRow } from "../../reconcile/index.ts";
import { type Cidr, formatAddress } from "../description/address.ts";
import { bareAddress, formatInterface } from "../description/interface-address.ts";
import { macOfAddress } from "../description/mac.ts";
import {
  clusterRouterName,
  transitRouterPortName,
  transitSwitchName,
  transitSwitchPortName,
} from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { transitConfig } from "../request/zone-keys.ts";
import { joinsOf, type TransitNode } from "../request/zone-node.ts";
import { type NetworkContext, networkIds, rootRow } from "../rows/network-context.ts";
import { zoneRouteRow } from "../rows/unnamed-rows.ts";

// Source: go-controller/pkg/ovn/zone_interconnect/zone_ic_handler.go.

/** The switch to which every zone joins its cluster router. */
export function transitSwitchRow(context: NetworkContext, key: number): DesiredRow {
  const name = transitSwitchName(context.spec.name);
  return {
    ...rootRow("Logical_Switch", name),
    kind: "transit switch",
    keys: {
      other_config: transitConfig(name, key),
      external_ids: networkIds(context, { role: true }),
    },
    network: context.spec.name,
  };
}

/** A node of this zone: the ports that join the cluster router to the transit switch. */
export function localTransitRows(context: NetworkContext, node: TransitNode): DesiredRow[] {
  const network = context.spec.name;
  const routerPort = transitRouterPortName(network, node.name);
  return [
    {
      key: rowKey("Logical_Router_Port", routerPort),
      kind: "router-to-transit port",
      name: routerPort,
      columns: { mac: macOf(node), networks: node.transit.map(formatInterface) },
      keys: { options: { mcast_flood: "true" } },
      parent: { key: rowKey("Logical_Router", clusterRouterName(network)), column: "ports" },
      network,
    },
    portRow(context, node, {
      type: "router",
      addresses: "router",
      options: { "router-port": routerPort },
    }),
  ];
}

/**
 * A node of another zone: its port on the transit switch, and the routes there.
 *
 * @param subnets What the node has of the network.
 */
export function remoteTransitRows(
  context: NetworkContext,
  node: TransitNode,
  subnets: readonly Cidr[],
): DesiredRow[] {
  const prefixes = [
    ...subnets.map(({ family, text }) => ({ family, text })),
    // Only primary networks have gateway routers, and answers of theirs come back to them.
    ...(context.spec.primary ? joinsOf(context.spec, node) : []).map((join) => ({
      family: join.address.family,
      text: `${bareAddress(join)}/${join.address.family === 4 ? 32 : 128}`,
    })),
  ];
  return [
    portRow(context, node, {
      type: "remote",
      // Unlike those of other ports, they keep their lengths.
      addresses: [macOf(node), ...node.transit.map(formatInterface)].join(" "),
      options: { "requested-chassis": node.chassis },
    }),
    ...prefixes.flatMap(({ family, text }) => {
      const hop = node.transit.find(({ address }) => address.family === family);
      return hop === undefined
        ? []
        : [
            zoneRouteRow(context, clusterRouterName(context.spec.name), {
              prefix: text,
              nexthop: formatAddress(hop.address),
              node: node.name,
            }),
          ];
    }),
  ];
}

function portRow(
  { spec }: NetworkContext,
  node: TransitNode,
  port: {
    readonly type: string;
    readonly addresses: string;
    readonly options: Readonly<Record<string, string>>;
  },
): DesiredRow {
  const name = transitSwitchPortName(spec.name, node.name);
  return {
    key: rowKey("Logical_Switch_Port", name),
    kind: "transit switch port",
    name,
    columns: { type: port.type, addresses: [port.addresses] },
    keys: {
      options: { ...port.options, "requested-tnl-key": String(node.id) },
      external_ids: { node: node.name },
    },
    parent: { key: rowKey("Logical_Switch", transitSwitchName(spec.name)), column: "ports" },
    network: spec.name,
  };
}

function macOf({ name, transit: [first] }: TransitNode): string {
  if (first === undefined) throw new Error(`node ${name} has no address between the zones`);
  return macOfAddress(first.address);
}
