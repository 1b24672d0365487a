import { constantRows, type DesiredRow } from "../reconcile/index.ts";
import { addressAt, formatAddress } from "./address.ts";
import type { NodeInput, ObservedGatewayChassis } from "./inputs.ts";
import { macOfAddress } from "./mac.ts";
import {
  clusterRouterName,
  gatewayChassisName,
  nodeSwitchName,
  routerToSwitchPortName,
  switchToRouterPortName,
} from "./names.ts";
import {
  chassisOf,
  groupElements,
  isOf2023,
  type NetworkContext,
  networkIds,
  rootRow,
  subnetConfig,
} from "./network-context.ts";
import type { NetworkSpec } from "./network-spec.ts";
import type { NodeGrant } from "./node-grants.ts";
import { rowKey } from "./row-key.ts";
import { defaultCopp } from "./shared-rows.ts";

/** The router of a layer3 network, which changes with every node; what else it has whatever nodes there are is in `standing-rows.ts`. */
export function layer3Rows(context: NetworkContext): readonly DesiredRow[] {
  const { profile, gatewayMode } = context.options;
  const known = routersOf.get(context.spec) ?? new Map<string, readonly DesiredRow[]>();
  routersOf.set(context.spec, known);
  const key = `${profile} ${gatewayMode}`;
  const rows = known.get(key) ?? constantRows([routerRow(context)]);
  known.set(key, rows);
  return rows;
}

/** A controller plans the same networks again and again. */
const routersOf = new WeakMap<NetworkSpec, Map<string, readonly DesiredRow[]>>();

function routerRow(context: NetworkContext): DesiredRow {
  const local = context.options.gatewayMode === "local" && !isOf2023(context);
  return {
    ...rootRow("Logical_Router", clusterRouterName(context.spec.name)),
    kind: "cluster router",
    columns: { copp: { ref: defaultCopp } },
    keys: {
      options: { always_learn_from_arp_request: "false", ...(local && { "ct-commit-all": "true" }) },
      external_ids: { ...networkIds(context, { version: true }), "k8s-cluster-router": "yes" },
    },
    network: context.spec.name,
  };
}

/** One node of a layer3 network: its switch, and the ports that join it to the router. */
export function layer3NodeRows(
  context: NetworkContext,
  node: NodeInput,
  { subnets, claim }: NodeGrant,
): DesiredRow[] {
  const network = context.spec.name;
  const switchRow = rootRow("Logical_Switch", nodeSwitchName(network, node.name));
  const switchPort = switchToRouterPortName(network, node.name);
  const routerPort = routerToSwitchPortName(network, node.name);
  const v4 = subnets.find((subnet) => subnet.family === 4);
  const gateways = subnets.map((subnet) => ({ address: addressAt(subnet, 1n), prefix: subnet.prefix }));
  const [gateway] = gateways;
  if (!gateway) {
    throw new Error(`node ${node.name} has no subnet in network "${network}"`);
  }
  const mtu = !isOf2023(context) && node.gatewayMtuSupport !== false;
  return [
    {
      ...switchRow,
      kind: "node switch",
      keys: {
        other_config: {
          ...subnetConfig(subnets),
          // A primary network has a port with that address, which keeps others from it.
          ...(v4 && !context.spec.primary && { exclude_ips: formatAddress(addressAt(v4, 2n)) }),
        },
        external_ids: networkIds(context, { role: true }),
      },
      ...groupElements(context),
      network,
    },
    {
      key: rowKey("Logical_Switch_Port", switchPort),
      kind: "switch-to-router port",
      name: switchPort,
      columns: { type: "router", addresses: ["router"] },
      keys: { options: { "router-port": routerPort } },
      parent: { key: switchRow.key, column: "ports" },
      network,
    },
    {
      key: rowKey("Logical_Router_Port", routerPort),
      kind: "router-to-switch port",
      name: routerPort,
      ...(claim !== undefined && { uuid: claim }),
      columns: {
        // Subnets come IPv4 first, so this is the IPv4 gateway's MAC where there is one.
        mac: macOfAddress(gateway.address),
        networks: gateways.map(({ address, prefix }) => `${formatAddress(address)}/${prefix}`),
      },
      keys: { options: mtu ? { gateway_mtu: String(context.options.clusterMtu) } : {} },
      ...leftoverChassis(context, node, routerPort),
      parent: { key: rowKey("Logical_Router", clusterRouterName(network)), column: "ports" },
      network,
    },
    chassisRow(context, node, routerPort),
  ];
}

function chassisRow(context: NetworkContext, node: NodeInput, routerPort: string): DesiredRow {
  const chassis = chassisOf(context, node);
  const name = gatewayChassisName(routerPort, chassis);
  return {
    key: rowKey("Gateway_Chassis", name),
    kind: "gateway chassis",
    name,
    columns: { chassis_name: chassis, priority: 1 },
    parent: { key: rowKey("Logical_Router_Port", routerPort), column: "gateway_chassis" },
    network: context.spec.name,
  };
}

/** A node has one chassis: rows that carry this port's name and another chassis are from before a migration or a new chassis id. */
function leftoverChassis(
  context: NetworkContext,
  node: NodeInput,
  routerPort: string,
): Pick<DesiredRow, "notElements"> {
  const { gatewayChassis = [] } = context.observed;
  if (gatewayChassis.length === 0) return {};
  const wanted = gatewayChassisName(routerPort, chassisOf(context, node));
  const uuids = beginningWith(gatewayChassis, gatewayChassisName(routerPort, ""))
    .filter(({ name, priority = 1 }) => name !== wanted && priority === 1)
    .map(({ uuid }) => uuid);
  return uuids.length > 0 ? { notElements: { gateway_chassis: uuids } } : {};
}

/** Sorted by name: each of a thousand nodes looks for its own. */
const sortedChassis = new WeakMap<readonly ObservedGatewayChassis[], readonly ObservedGatewayChassis[]>();

function beginningWith(all: readonly ObservedGatewayChassis[], prefix: string): ObservedGatewayChassis[] {
  const sorted =
    sortedChassis.get(all) ?? all.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  sortedChassis.set(all, sorted);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.name ?? "") < prefix) low = middle + 1;
    else high = middle;
  }
  const found: ObservedGatewayChassis[] = [];
  for (let row = sorted[low]; row?.name.startsWith(prefix); row = sorted[++low]) found.push(row);
  return found;
}
