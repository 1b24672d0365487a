import { type AnyRow, checkView, type ReadView } from "../../database/index.ts";
import { grouped } from "../naming/grouped.ts";
import { order } from "../naming/order.ts";
import type {
  NetworkOverview,
  NodeOverview,
  RouterOverview,
  ServiceOverview,
  SwitchOverview,
  SwitchPortOverview,
} from "../observe/network-overview.ts";
import { routersOfNetwork, text, texts } from "../observe/observe.ts";
import { isPodPort, podPorts } from "../observe/pod-of-port.ts";
import { recognise } from "../observe/profile-check.ts";
import { foreignRowsOf } from "../removal/removal.ts";
import type { PodOverview } from "../request/pod-overview.ts";
import { balancersOfNetwork, ownerOf } from "../services/observe-services.ts";
import { networksWithNodes, nodesByChassis } from "./nodes.ts";
import { byPod, podOf } from "./pods.ts";
import { policiesOf } from "./policies.ts";
import { byName, marksOf, nadsOf, nodeOf, subnetsOfSwitch } from "./summary.ts";

/** Reads all networks of a northbound database, whoever wrote them, by name. Throws `UsageError` for what is no view. */
export function listNetworks(view: ReadView): readonly NetworkOverview[] {
  checkView(view);
  const networks = networksWithNodes(view);
  const nodeOfChassis = nodesByChassis(view, networks);
  return networks.map(({ network, switches, nodes }) =>
    overview(view, network, switches, nodes, nodeOfChassis),
  );
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
      if (isPodPort(port)) pods.push(podOf(port, podOfPort(port), text(row, "name"), node, nodeOfChassis));
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
    pods: pods.toSorted(byPod),
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
