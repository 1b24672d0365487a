import { constantRows, type DesiredRow } from "../../reconcile/index.ts";
import type { NodeGrant } from "../addresses/node-grants.ts";
import { addressAt, type Cidr, formatAddress } from "../description/address.ts";
import { macOfAddress } from "../description/mac.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { logicalSwitchUuid } from "../naming/ids.ts";
import {
  clusterRouterName,
  gatewayChassisName,
  nodeSwitchName,
  routerToSwitchPortName,
  switchToRouterPortName,
} from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import type { NodeInput, ObservedGatewayChassis } from "../request/inputs.ts";
import {
  chassisOf,
  groupElements,
  isOf2023,
  type NetworkContext,
  networkIds,
  rootRow,
  subnetConfig,
} from "./network-context.ts";
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

/** A row to which something is added yet. A cluster has thousands of them, and a spread is dear. */
type OpenRow = { -readonly [Member in keyof DesiredRow]: DesiredRow[Member] };

/** One node of a layer3 network: its switch, and the ports that join it to the router. */
export function layer3NodeRows(context: NetworkContext, node: NodeInput, grant: NodeGrant): DesiredRow[] {
  const network = context.spec.name;
  const switchName = nodeSwitchName(network, node.name);
  const switchKey = rowKey("Logical_Switch", switchName);
  const routerPort = routerToSwitchPortName(network, node.name);
  const portKey = rowKey("Logical_Router_Port", routerPort);
  return [
    switchRow(context, switchKey, switchName, grant.subnets),
    switchPortRow(network, switchToRouterPortName(network, node.name), switchKey, routerPort),
    routerPortRow(context, node, portKey, routerPort, grant),
    chassisRow(context, node, routerPort, portKey),
  ];
}

function switchRow(context: NetworkContext, key: string, name: string, subnets: readonly Cidr[]): DesiredRow {
  const config = subnetConfig(subnets);
  const v4 = subnets.find((subnet) => subnet.family === 4);
  // A primary network has a port with that address, which keeps others from it.
  if (v4 && !context.spec.primary) config["exclude_ips"] = formatAddress(addressAt(v4, 2n));
  const row: OpenRow = {
    // Without a guard on the name, as all rows that each node has: see `claimedRow`.
    key,
    kind: "node switch",
    name,
    uuid: logicalSwitchUuid(name),
    keys: { other_config: config, external_ids: networkIds(context, nodeMarks) },
    network: context.spec.name,
  };
  const { elements, notElements } = groupElements(context);
  if (elements !== undefined) row.elements = elements;
  if (notElements !== undefined) row.notElements = notElements;
  return row;
}

const nodeMarks = { role: true };

function switchPortRow(network: string, name: string, switchKey: string, routerPort: string): DesiredRow {
  return {
    key: rowKey("Logical_Switch_Port", name),
    kind: "switch-to-router port",
    name,
    columns: towardsRouter,
    keys: { options: { "router-port": routerPort } },
    parent: { key: switchKey, column: "ports" },
    network,
  };
}

/** One for all: what rows share is made once. */
const towardsRouter = Object.freeze({ type: "router", addresses: Object.freeze(["router"]) });

function routerPortRow(
  context: NetworkContext,
  node: NodeInput,
  key: string,
  name: string,
  { subnets, claim }: NodeGrant,
): DesiredRow {
  const network = context.spec.name;
  // Subnets come IPv4 first, so this is the IPv4 gateway's MAC where there is one.
  const first = subnets[0];
  if (first === undefined) throw new Error(`node ${node.name} has no subnet in network "${network}"`);
  const mtu = !isOf2023(context) && node.gatewayMtuSupport !== false;
  const row: OpenRow = {
    key,
    kind: "router-to-switch port",
    name,
    columns: {
      mac: macOfAddress(addressAt(first, 1n)),
      networks: subnets.map((subnet) => `${formatAddress(addressAt(subnet, 1n))}/${subnet.prefix}`),
    },
    keys: mtu ? mtuKeys(context.options.clusterMtu) : { options: {} },
    parent: { key: rowKey("Logical_Router", clusterRouterName(network)), column: "ports" },
    network,
  };
  if (claim !== undefined) row.uuid = claim;
  const leftover = leftoverChassis(context, node, name);
  if (leftover.length > 0) row.notElements = { gateway_chassis: leftover };
  return row;
}

/** What a port tells of the cluster's MTU. Frozen and shared, so that it is written as text once, see `columnWriter`. */
function mtuKeys(mtu: number): NonNullable<DesiredRow["keys"]> {
  if (mtu !== sharedMtu) {
    sharedMtu = mtu;
    sharedKeys = Object.freeze({ options: Object.freeze({ gateway_mtu: String(mtu) }) });
  }
  return sharedKeys;
}

/** A cluster has one. */
let sharedMtu: number | undefined;
let sharedKeys: NonNullable<DesiredRow["keys"]> = {};

function chassisRow(
  context: NetworkContext,
  node: NodeInput,
  routerPort: string,
  portKey: string,
): DesiredRow {
  const chassis = chassisOf(context, node);
  const name = gatewayChassisName(routerPort, chassis);
  return {
    key: rowKey("Gateway_Chassis", name),
    kind: "gateway chassis",
    name,
    columns: { chassis_name: chassis, priority: 1 },
    parent: { key: portKey, column: "gateway_chassis" },
    network: context.spec.name,
  };
}

/** A node has one chassis: rows that carry this port's name and another chassis are from before a migration or a new chassis id. */
function leftoverChassis(context: NetworkContext, node: NodeInput, routerPort: string): readonly string[] {
  const { gatewayChassis } = context.observed;
  if (gatewayChassis === undefined || gatewayChassis.length === 0) return [];
  const wanted = gatewayChassisName(routerPort, chassisOf(context, node));
  return beginningWith(gatewayChassis, gatewayChassisName(routerPort, ""))
    .filter(({ name, priority = 1 }) => name !== wanted && priority === 1)
    .map(({ uuid }) => uuid);
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
