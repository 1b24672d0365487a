import type { AnyRow, ReadView } from "../database/index.ts";
import type { Observed, ObservedNode, ObservedPort } from "./inputs.ts";
import {
  clusterRouterName,
  layer2SwitchName,
  loadBalancerGroupNames,
  localnetSwitchName,
  namePrefix,
  nodeSwitchName,
  routerToSwitchPortName,
  transitSwitchName,
} from "./names.ts";
import type { NetworkSpec } from "./network-spec.ts";
import { readNodeSubnets } from "./node-subnets.ts";

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

/** Rows of a table that name the network in their external_ids, and rows of the given names that name none. */
export function rowsOfNetwork(
  view: ReadView,
  table: string,
  network: string,
  names: readonly string[],
): readonly AnyRow[] {
  const marked = view.find(table, { external_ids: { [NETWORK]: network } });
  const named = names.flatMap((name) => view.find(table, { name })).filter((row) => networkOf(row) === "");
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
  const isNode =
    text(row, "external_ids", "k8s.ovn.org/topology") !== "layer2" &&
    text(row, "external_ids", "k8s.ovn.org/topology") !== "localnet" &&
    name.startsWith(prefix) &&
    !fixedSwitchNames(network).includes(name) &&
    name !== `${prefix}join`;
  return isNode ? name.slice(prefix.length) : undefined;
}

/** Reads what the database holds of one network. `nodes` are found by name too, should their marks be gone. */
export function observeNetwork(view: ReadView, spec: NetworkSpec, nodes: readonly string[]): Observed {
  const names =
    spec.topology === "layer3"
      ? nodes.map((node) => nodeSwitchName(spec.name, node))
      : [spec.topology === "layer2" ? layer2SwitchName(spec.name) : localnetSwitchName(spec.name)];
  const switches = rowsOfNetwork(view, "Logical_Switch", spec.name, names);
  return {
    nodes: spec.topology === "layer3" ? switches.flatMap((row) => observeNode(view, spec.name, row)) : [],
    ports: switches.flatMap((row) => observePorts(view, row)),
    claims: (uuid) => view.byUuid("Logical_Switch_Port", uuid) !== undefined,
    groups: observeGroups(view, spec.name),
    gatewayChassis: spec.topology === "layer3" ? observeGatewayChassis(view, spec.name, nodes) : [],
  };
}

function observeNode(view: ReadView, network: string, row: AnyRow): ObservedNode[] {
  const name = nodeOfSwitch(network, row);
  if (name === undefined) return [];
  const [port] = view.find("Logical_Router_Port", { name: routerToSwitchPortName(network, name) });
  const subnets = readNodeSubnets(stringMap(row, "other_config"), {
    networks: port === undefined ? [] : texts(port, "networks"),
    mac: port === undefined ? "" : text(port, "mac"),
  });
  return [{ name, subnets }];
}

function observePorts(view: ReadView, row: AnyRow): ObservedPort[] {
  return texts(row, "ports").flatMap((uuid) => {
    const port = view.byUuid("Logical_Switch_Port", uuid);
    if (port === undefined) return [];
    const dynamic = port["dynamic_addresses"];
    return [
      {
        uuid,
        name: text(port, "name"),
        switchName: text(row, "name"),
        addresses: [...texts(port, "addresses"), ...routerAddresses(view, port)],
        portSecurity: texts(port, "port_security"),
        externalIds: stringMap(port, "external_ids"),
        options: stringMap(port, "options"),
        dynamicAddresses: typeof dynamic === "string" ? dynamic : null,
      },
    ];
  });
}

/** A port to a router says only `router`; what it occupies stands in the router's port. */
function routerAddresses(view: ReadView, port: AnyRow): readonly string[] {
  const peer = text(port, "options", "router-port");
  if (text(port, "type") !== "router" || peer === "") return [];
  return view.find("Logical_Router_Port", { name: peer }).flatMap((row) => texts(row, "networks"));
}

function observeGroups(view: ReadView, network: string): NonNullable<Observed["groups"]> {
  if (!view.supports("Load_Balancer_Group")) return [];
  return Object.values(loadBalancerGroupNames(network)).flatMap((name) =>
    view.find("Load_Balancer_Group", { name }).map((row) => ({
      uuid: row._uuid,
      name,
      loadBalancers: texts(row, "load_balancer"),
    })),
  );
}

function observeGatewayChassis(
  view: ReadView,
  network: string,
  nodes: readonly string[],
): NonNullable<Observed["gatewayChassis"]> {
  return nodes.flatMap((node) => {
    const name = routerToSwitchPortName(network, node);
    const [port] = view.find("Logical_Router_Port", { name });
    if (port === undefined) return [];
    return texts(port, "gateway_chassis").flatMap((uuid) => {
      const row = view.byUuid("Gateway_Chassis", uuid);
      // One of another name was put there by somebody else.
      return row !== undefined && text(row, "name").startsWith(`${name}-`)
        ? [{ uuid, name: text(row, "name") }]
        : [];
    });
  });
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

/** The routers of a network. */
export function routersOfNetwork(view: ReadView, network: string): readonly AnyRow[] {
  return rowsOfNetwork(view, "Logical_Router", network, [clusterRouterName(network)]);
}
