import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Value } from "../../ovsdb/index.ts";
import { readNodeSubnets } from "../addresses/node-subnets.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import {
  clusterRouterName,
  layer2SwitchName,
  loadBalancerGroupNames,
  localnetSwitchName,
  namePrefix,
  nodeSwitchName,
  routerToSwitchPortName,
  transitRouterName,
  transitRouterPortName,
  transitSwitchName,
} from "../naming/names.ts";
import { order } from "../naming/order.ts";
import type { Observed, ObservedNode } from "../request/inputs.ts";

const NETWORK = "k8s.ovn.org/network";

/** The value of a text column, or of a key of a map column; empty when there is none. */
export function text(row: AnyRow, column: string, key?: string): string {
  const value = row[column];
  if (key === undefined) return typeof value === "string" ? value : "";
  return stringMap(row, column)[key] ?? "";
}

/** The strings of a set column. */
export function texts(row: AnyRow, column: string): readonly string[] {
  const value = row[column];
  return Array.isArray(value) ? value.filter((element) => typeof element === "string") : [];
}

/** A map column of strings. */
export function stringMap(row: AnyRow, column: string): Readonly<Record<string, string>> {
  const value = row[column];
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Readonly<Record<string, string>>)
    : {};
}

/** The network a row says it belongs to; empty when it says none. */
export function networkOf(row: AnyRow): string {
  return text(row, "external_ids", NETWORK);
}

/** Whether a switch or router is of the network. One without a mark belongs to the network whose names begin as its does. */
export function isRowOf(row: AnyRow, network: string): boolean {
  const marked = networkOf(row);
  return marked === "" ? text(row, "name").startsWith(namePrefix(network)) : marked === network;
}

/** Rows of a table that name the network in their external_ids, and rows of the given names that name none. */
export function rowsOfNetwork(
  view: ReadView,
  table: string,
  network: string,
  names: readonly string[],
): readonly AnyRow[] {
  const marked = view.find(table, { external_ids: { [NETWORK]: network } });
  // Nearly all are found by their marks; asking for the others by name is what takes long.
  const missing = new Set(names);
  for (const row of marked) missing.delete(text(row, "name"));
  const named = [...missing]
    .flatMap((name) => view.find(table, { name }))
    .filter((row) => networkOf(row) === "");
  return [...marked, ...named];
}

/** Names of the switches that a network has whatever its nodes are. */
export function fixedSwitchNames(network: string): readonly string[] {
  return [layer2SwitchName(network), localnetSwitchName(network), transitSwitchName(network)];
}

/** The node that a switch of a layer3 network is for; undefined for any other switch. */
export function nodeOfSwitch(network: string, row: AnyRow): string | undefined {
  const name = text(row, "name");
  const prefix = namePrefix(network);
  const topology = text(row, "external_ids", "k8s.ovn.org/topology");
  const isNode =
    topology !== "layer2" &&
    topology !== "localnet" &&
    name.startsWith(prefix) &&
    !fixedSwitchNames(network).includes(name) &&
    // A primary network's join switch has no subnet; a node may be called join, and its switch has one.
    (name !== `${prefix}join` || hasSubnet(row));
  return isNode ? name.slice(prefix.length) : undefined;
}

function hasSubnet(row: AnyRow): boolean {
  return text(row, "other_config", "subnet") !== "" || text(row, "other_config", "ipv6_prefix") !== "";
}

/** All switches of a network, also those whose mark somebody removed. */
export function switchesOfNetwork(
  view: ReadView,
  network: string,
  nodes: readonly string[] = [],
): readonly AnyRow[] {
  const prefix = nodeSwitchName(network, "");
  const known = [...nodes, ...nodesOfRouter(view, network)].map((node) => prefix + node);
  return rowsOfNetwork(view, "Logical_Switch", network, [...fixedSwitchNames(network), ...known]);
}

/** The nodes to which the routers of a network have ports. */
function nodesOfRouter(view: ReadView, network: string): string[] {
  const prefix = routerToSwitchPortName(network, "");
  return routerPorts(view, network)
    .map((port) => text(port, "name"))
    .flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

function routerPorts(view: ReadView, network: string): AnyRow[] {
  return routersOfNetwork(view, network).flatMap((router) =>
    texts(router, "ports").flatMap((uuid) => view.byUuid("Logical_Router_Port", uuid) ?? []),
  );
}

/** All nodes of a layer3 network; `switches` are those of the network. */
export function observeNodes(view: ReadView, spec: NetworkSpec, switches: readonly AnyRow[]): ObservedNode[] {
  if (spec.topology !== "layer3") return [];
  return [
    ...switches.flatMap((row) => observeNode(view, spec.name, row)),
    ...observeStrangers(view, spec.name),
  ];
}

/** What was read of a node's switch and router port, and of what in the switch's row. */
interface SeenNode {
  readonly network: string;
  readonly uuid: string;
  readonly name: Value | undefined;
  readonly externalIds: Value | undefined;
  readonly portName: string;
  readonly port: AnyRow | undefined;
  readonly nodes: ObservedNode[];
}

/** By `other_config` of the switch, which versions of a row share that differ in other columns. Few nodes change between two plans. */
const seenNodes = new WeakMap<object, SeenNode>();

/** What a switch of the network, and the router port of its node's name, tell of the node. */
export function observeNode(view: ReadView, network: string, row: AnyRow): ObservedNode[] {
  const config = stringMap(row, "other_config");
  const { name, external_ids: externalIds } = row;
  const seen = seenNodes.get(config);
  const isSame =
    seen?.network === network &&
    seen.uuid === row._uuid &&
    seen.name === name &&
    seen.externalIds === externalIds;
  const node = isSame ? "" : nodeOfSwitch(network, row);
  if (node === undefined) return [];
  const portName = isSame ? seen.portName : routerToSwitchPortName(network, node);
  const [port] = view.find("Logical_Router_Port", { name: portName });
  if (isSame && seen.port === port) return seen.nodes;
  const nodes = [observeNodeBy(nodeOfSwitch(network, row) ?? "", row, port)];
  seenNodes.set(config, { network, uuid: row._uuid, name, externalIds, portName, port, nodes });
  return nodes;
}

/** The same, where it is known what node it is and which its port is. */
export function observeNodeBy(name: string, row: AnyRow, port: AnyRow | undefined): ObservedNode {
  const subnets = readNodeSubnets(stringMap(row, "other_config"), {
    networks: port === undefined ? [] : texts(port, "networks"),
    mac: port === undefined ? "" : text(port, "mac"),
  });
  return { name, subnets };
}

/** Whether somebody else put a port on the network's router: no node gets a subnet that it is in. */
export function isStranger(network: string, port: AnyRow): boolean {
  const own = [routerToSwitchPortName(network, ""), transitRouterPortName(network, "")];
  // A primary network's other router ports say that they are its own.
  return !own.some((prefix) => text(port, "name").startsWith(prefix)) && networkOf(port) !== network;
}

/** A stranger's port, as if it were a node. */
export function observeStranger(port: AnyRow): ObservedNode {
  return { name: `router port ${text(port, "name")}`, subnets: texts(port, "networks") };
}

function observeStrangers(view: ReadView, network: string): ObservedNode[] {
  return routerPorts(view, network)
    .filter((port) => isStranger(network, port))
    .map(observeStranger);
}

/**
 * The network's groups, and who uses them but the rows that a plan of these nodes writes: all its switches do, so it takes as
 * long as there are nodes.
 */
export function observeGroups(
  view: ReadView,
  network: string,
  nodes: readonly string[],
): NonNullable<Observed["groups"]> {
  if (!view.supports("Load_Balancer_Group")) return [];
  const planned = new Set([
    clusterRouterName(network),
    ...fixedSwitchNames(network),
    ...nodes.map((node) => nodeSwitchName(network, node)),
  ]);
  return Object.values(loadBalancerGroupNames(network)).flatMap((name) =>
    view.find("Load_Balancer_Group", { name }).map((row) => ({
      uuid: row._uuid,
      name,
      loadBalancers: texts(row, "load_balancer"),
      users: groupUsers(view, row, (user) => networkOf(user) === network && planned.has(text(user, "name"))),
    })),
  );
}

/** Switches and routers that use a load balancer group, without those that do not count; in the order of their names. */
export function groupUsers(view: ReadView, group: AnyRow, isOurs: (user: AnyRow) => boolean): string[] {
  return ["Logical_Switch", "Logical_Router"].flatMap((table) =>
    view
      .referrers(group._uuid, table, "load_balancer_group")
      .filter((user) => !isOurs(user))
      .map((user) => `${table} ${text(user, "name")}`)
      // As the replica has them they are in the order of their changes, and a note would be another one each time.
      .toSorted(order),
  );
}

/** Every network that switches or routers of the database name, sorted. */
export function networksOf(view: ReadView): readonly string[] {
  const names = new Set<string>();
  for (const table of ["Logical_Switch", "Logical_Router"]) {
    for (const row of view.rows(table)) {
      const network = networkOf(row);
      if (network !== "") names.add(network);
    }
  }
  return [...names].sort();
}

/** Names of the routers that a network has whatever its nodes are. */
export function fixedRouterNames(network: string): readonly string[] {
  return [clusterRouterName(network), transitRouterName(network)];
}

/** The routers of a network. */
export function routersOfNetwork(view: ReadView, network: string): readonly AnyRow[] {
  return rowsOfNetwork(view, "Logical_Router", network, fixedRouterNames(network));
}
