import type { AnyRow, ReadView } from "../../database/index.ts";
import { readNodeSubnets } from "../addresses/node-subnets.ts";
import { parseMac } from "../description/mac.ts";
import { grouped } from "../naming/grouped.ts";
import { gatewayRouterName, routerToSwitchPortName } from "../naming/names.ts";
import { order } from "../naming/order.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import type {
  NetworkOverview,
  NodeOverview,
  PolicyOverview,
  RouterOverview,
  ServiceOverview,
  SwitchOverview,
  SwitchPortOverview,
} from "../observe/network-overview.ts";
import {
  fixedSwitchNames,
  networksOf,
  routersOfNetwork,
  rowsOfNetwork,
  stringMap,
  text,
  texts,
} from "../observe/observe.ts";
import { isPodPort, type PodOfPort, podPorts } from "../observe/pod-of-port.ts";
import { recognise } from "../observe/profile-check.ts";
import { POLICY_TYPE } from "../policies/policy-ids.ts";
import { foreignRowsOf } from "../removal/removal.ts";
import { checkView } from "../request/check-view.ts";
import type { PodOverview } from "../request/pod-overview.ts";
import { balancersOfNetwork, ownerOf } from "../services/observe-services.ts";
import { remoteNodes } from "../zones/inspect-zones.ts";
import { byName, marksOf, nadsOf, nodeOf, subnetsOfSwitch } from "./summary.ts";

/** Reads all networks of a northbound database, whoever wrote them, by name. Throws `UsageError` for what is no view. */
export function listNetworks(view: ReadView): readonly NetworkOverview[] {
  checkView(view);
  const networks = networksOf(view).map((network) => ({
    network,
    switches: byName(rowsOfNetwork(view, "Logical_Switch", network, fixedSwitchNames(network))),
  }));
  const nodes = new Map(networks.map((each) => [each.network, nodesOf(view, each.network, each.switches)]));
  const nodeOfChassis = new Map([
    ...networks.flatMap(({ network }) => gatewayNodes(view, network)),
    ...[...nodes.values()]
      .flat()
      .filter(({ chassis }) => chassis !== "")
      .map(({ chassis, name }) => [chassis, name] as const),
  ]);
  return networks.map(({ network, switches }) =>
    overview(view, network, switches, nodes.get(network) ?? [], nodeOfChassis),
  );
}

/** Chassis and the node by whose name a gateway router there is called: on layer2 networks nothing else tells it. */
function gatewayNodes(view: ReadView, network: string): (readonly [chassis: string, node: string])[] {
  const prefix = gatewayRouterName(network, "");
  return routersOfNetwork(view, network).flatMap((row) => {
    const name = text(row, "name");
    const chassis = text(row, "options", "chassis");
    return name.startsWith(prefix) && chassis !== "" ? [[chassis, name.slice(prefix.length)] as const] : [];
  });
}

function overview(
  view: ReadView,
  network: string,
  switches: readonly AnyRow[],
  nodes: readonly NodeOverview[],
  nodeOfChassis: ReadonlyMap<string, string>,
): NetworkOverview {
  const routers = byName(routersOfNetwork(view, network));
  const foreign = foreignRowsOf(view, network);
  const strangers = new Set(foreign.map(({ uuid }) => uuid));
  const subnetsOfNode = new Map(nodes.map(({ name, subnets }) => [name, subnets]));
  const pods: PodOverview[] = [];
  const podOfPort = podPorts();
  const switchOverviews = switches.map((row): SwitchOverview => {
    const node = nodeOf(network, row);
    const own = childrenOf(view, row, "Logical_Switch_Port").filter(({ _uuid }) => !strangers.has(_uuid));
    for (const port of own)
      if (isPodPort(port)) pods.push(podOf(port, podOfPort(port), row, node, nodeOfChassis));
    return {
      uuid: row._uuid,
      name: text(row, "name"),
      ...(node === undefined ? {} : { node }),
      subnets: node === undefined ? subnetsOfSwitch(row) : (subnetsOfNode.get(node) ?? []),
      ports: own.filter((port) => !isPodPort(port)).map(switchPort),
    };
  });
  const { topology, role } = marksOf([...routers, ...switches]);
  const { profile, mode } = recognise(view, network);
  return {
    name: network,
    topology,
    role,
    profile,
    mode,
    subnets: topology === "layer3" ? [] : switchOverviews.flatMap((each) => each.subnets),
    nads: nadsOf(pods),
    routers: routers.map((row) => routerOf(view, row, strangers)),
    switches: switchOverviews,
    nodes,
    pods: pods.toSorted(
      (a, b) => order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.nad, b.nad),
    ),
    policies: policiesOf(view, network),
    services: servicesOf(view, network),
    foreign: foreign.toSorted((a, b) => order(a.table, b.table) || order(a.name, b.name)),
  };
}

function servicesOf(view: ReadView, network: string): readonly ServiceOverview[] {
  return [...grouped(balancersOfNetwork(view, network), ownerOf)]
    .map(([owner, balancers]) => {
      const [namespace = "", name = ""] = owner.split("/", 2);
      return { namespace, name, balancers: balancers.length };
    })
    .toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
}

function policiesOf(view: ReadView, network: string): readonly PolicyOverview[] {
  return view
    .find("Port_Group", { external_ids: { "k8s.ovn.org/owner-controller": controllerOf(network) } })
    .filter((row) => text(row, "external_ids", "k8s.ovn.org/owner-type") === POLICY_TYPE)
    .map((row) => {
      const [namespace = "", name = ""] = text(row, "external_ids", "k8s.ovn.org/name").split(":", 2);
      const ports = texts(row, "ports").flatMap((uuid) => view.byUuid("Logical_Switch_Port", uuid) ?? []);
      return {
        namespace,
        name,
        ports: ports.map((port) => text(port, "name")).sort(),
        acls: texts(row, "acls").length,
      };
    })
    .toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
}

function nodesOf(view: ReadView, network: string, switches: readonly AnyRow[]): NodeOverview[] {
  const remote = remoteNodes(view, network, switches);
  const local = localNodes(view, network, switches);
  return remote.length === 0 ? local : [...local, ...remote].toSorted((a, b) => order(a.name, b.name));
}

function localNodes(view: ReadView, network: string, switches: readonly AnyRow[]): NodeOverview[] {
  return switches.flatMap((row) => {
    const name = nodeOf(network, row);
    if (name === undefined) return [];
    const [port] = view.find("Logical_Router_Port", { name: routerToSwitchPortName(network, name) });
    const candidates = readNodeSubnets(stringMap(row, "other_config"), {
      networks: port === undefined ? [] : texts(port, "networks"),
      mac: port === undefined ? "" : text(port, "mac"),
    });
    const isV6 = (subnet: string): boolean => subnet.includes(":");
    const subnets = [candidates.find((subnet) => !isV6(subnet)), candidates.find(isV6)].filter(
      (subnet) => subnet !== undefined,
    );
    return [{ name, subnets, chassis: port === undefined ? "" : chassisOf(view, port) }];
  });
}

function chassisOf(view: ReadView, routerPort: AnyRow): string {
  const name = text(routerPort, "name");
  const rows = texts(routerPort, "gateway_chassis").flatMap(
    (uuid) => view.byUuid("Gateway_Chassis", uuid) ?? [],
  );
  const own = rows.find((row) => text(row, "name").startsWith(`${name}-`)) ?? rows[0];
  return own === undefined ? "" : text(own, "chassis_name");
}

function podOf(
  port: AnyRow,
  pod: PodOfPort,
  row: AnyRow,
  node: string | undefined,
  nodeOfChassis: ReadonlyMap<string, string>,
): PodOverview {
  const chassis = text(port, "options", "requested-chassis");
  const [first = ""] = texts(port, "addresses");
  const [mac = "", ...ips] = first.split(/\s+/);
  return {
    ...pod,
    node: node ?? nodeOfChassis.get(chassis) ?? chassis,
    chassis,
    mac: parseMac(mac) === undefined ? "" : mac,
    ips: parseMac(mac) === undefined ? [] : ips,
    port: text(port, "name"),
    portUuid: port._uuid,
    switch: text(row, "name"),
  };
}

function switchPort(port: AnyRow): SwitchPortOverview {
  const peer = text(port, "options", "router-port");
  const physicalNetwork = text(port, "options", "network_name");
  const vlan = port["tag_request"];
  return {
    uuid: port._uuid,
    name: text(port, "name"),
    type: text(port, "type"),
    ...(peer === "" ? {} : { peer }),
    ...(physicalNetwork === "" ? {} : { physicalNetwork }),
    ...(typeof vlan === "number" ? { vlan } : {}),
  };
}

function routerOf(view: ReadView, row: AnyRow, strangers: ReadonlySet<string>): RouterOverview {
  const ports = childrenOf(view, row, "Logical_Router_Port").filter(({ _uuid }) => !strangers.has(_uuid));
  return {
    uuid: row._uuid,
    name: text(row, "name"),
    ports: ports.map((port) => ({
      uuid: port._uuid,
      name: text(port, "name"),
      mac: text(port, "mac"),
      networks: texts(port, "networks").toSorted(),
    })),
  };
}

function childrenOf(view: ReadView, row: AnyRow, table: string): readonly AnyRow[] {
  return byName(texts(row, "ports").flatMap((uuid) => view.byUuid(table, uuid) ?? []));
}
