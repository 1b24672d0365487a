import type { AnyRow, ReadView } from "../../database/index.ts";
import { parseMac } from "../description/mac.ts";
import { addressOrder, counted, firstLines, naturalOrder } from "../naming/label-text.ts";
import { managementPortName } from "../naming/names.ts";
import type { NetworkOverview } from "../observe/network-overview.ts";
import { networkOf, text, texts } from "../observe/observe.ts";
import type { PodOverview } from "../request/pod-overview.ts";
import type { Part, Parts, Wire } from "./graph-part.ts";
import { switchPlace } from "./graph-place.ts";
import { balancerLine, childrenOf, friendlyName, type RouterPort } from "./graph-routers.ts";

/** Lines of one kind at a switch. */
const FEW = 3;

/** What was read of pods before: which of them a port is of, and how many policies it has. */
export interface KnownPods {
  readonly pods: ReadonlyMap<string, PodOverview>;
  /** By name of the port. */
  readonly policies: ReadonlyMap<string, number>;
}

/** What is known of pods, of all networks. */
export function knownPods(networks: readonly NetworkOverview[]): KnownPods {
  const policies = new Map<string, number>();
  for (const port of networks.flatMap((network) => network.policies.flatMap(({ ports }) => ports)))
    policies.set(port, (policies.get(port) ?? 0) + 1);
  return {
    pods: new Map(networks.flatMap((network) => network.pods.map((pod) => [pod.portUuid, pod]))),
    policies,
  };
}

/** Switches, with the pods and ports at them, and how they are connected with routers and physical networks. */
export function switchParts(
  view: ReadView,
  routerPorts: ReadonlyMap<string, RouterPort>,
  known: KnownPods,
  subnetsOf: (network: string, node: string) => readonly string[] | undefined,
): Parts & { readonly connected: ReadonlySet<string> } {
  const parts = new Map<string, Part>();
  const wires: Wire[] = [];
  const connected = new Set<string>();
  for (const row of view.rows("Logical_Switch")) {
    const network = networkOf(row);
    const place = switchPlace(view, network, row);
    const lines = [
      ...friendlyName(row, "neutron:network_name"),
      ...subnetLines(row, network, place.node, subnetsOf),
    ];
    const lost: string[] = [];
    const groups = new Map<string, Part & { readonly entries: string[] }>();
    for (const port of childrenOf(view, row, "ports", "Logical_Switch_Port")) {
      const name = text(port, "name");
      const type = text(port, "type");
      const physical = text(port, "options", "network_name");
      if (type === "router") {
        const target = text(port, "options", "router-port");
        const end = routerPorts.get(target);
        if (end === undefined)
          lost.push(`port ${name} leads to ${target || "no router port"}, which is not there`);
        else {
          connected.add(target);
          wires.push({
            ends: [end.router, row._uuid],
            labels: texts(end.row, "networks").toSorted(addressOrder),
          });
        }
      } else if (type === "localnet" || (type === "l2gateway" && physical !== "")) {
        const key = `physical ${physical}`;
        parts.set(key, { key, kind: "physical", what: "physical network", name: physical, lines: [] });
        wires.push({ ends: [key, row._uuid], labels: vlanLabel(port) });
      } else if (network !== "" && name.startsWith(managementPortName(network, ""))) {
        lines.push(["management port", ...addressesOf(port)].join(" "));
      } else addEntry(groups, row, { network, place: place.node }, port, known);
    }
    for (const group of groups.values()) {
      group.entries.sort(naturalOrder);
      parts.set(group.key, group);
      wires.push({ ends: [row._uuid, group.key], labels: [] });
    }
    parts.set(row._uuid, {
      key: row._uuid,
      ...place,
      name: text(row, "name"),
      network,
      lines: [...lines, ...balancerLine(view, row), ...firstLines(lost, FEW, "lost port")],
    });
  }
  return { parts: [...parts.values()], wires, connected };
}

/** What is neither a way to a router nor to the outside is listed beside the switch: pods by their nodes, and all else. */
function addEntry(
  groups: Map<string, Part & { readonly entries: string[] }>,
  row: AnyRow,
  where: { readonly network: string; readonly place: string | undefined },
  port: AnyRow,
  { pods, policies }: KnownPods,
): void {
  const name = text(port, "name");
  const isRemote = text(port, "type") === "remote";
  const isPod = text(port, "external_ids", "pod") === "true";
  const pod = pods.get(port._uuid);
  const node = where.place ?? (pod?.node || undefined);
  const kind = isPod ? "pods" : isRemote ? "remote" : "ports";
  const key = `${kind} ${isPod ? (node ?? "") : ""} ${row._uuid}`;
  const group = groups.get(key) ?? {
    key,
    kind,
    what: { pods: "pod", remote: "remote node", ports: where.network === "" ? "port" : "other port" }[kind],
    name: "",
    lines: [],
    entries: [],
    at: row._uuid,
    network: where.network,
    ...(isPod && node !== undefined && { node }),
  };
  const count = policies.get(name) ?? 0;
  const subject = isPod ? podName(port, pod) : isRemote ? text(port, "external_ids", "node") || name : name;
  const type = text(port, "type");
  group.entries.push(
    [
      subject,
      ...(pod?.ips ?? addressesOf(port)),
      ...(kind === "ports" && type !== "" ? [`(${type})`] : []),
      ...(isPod && isRemote ? ["(remote)"] : []),
      ...(count > 0 ? [`(${counted(count, "policy")})`] : []),
    ].join(" "),
  );
  groups.set(key, group);
}

function podName(port: AnyRow, pod: PodOverview | undefined): string {
  if (pod !== undefined) return `${pod.namespace}/${pod.name}`;
  // On the cluster's own network the name is that of namespace and pod (reference: go-controller/pkg/util/util.go).
  const namespace = text(port, "external_ids", "namespace");
  const name = text(port, "name");
  return name.startsWith(`${namespace}_`) ? `${namespace}/${name.slice(namespace.length + 1)}` : name;
}

/** The addresses of a port without its MACs, and without words that are none. */
function addressesOf(port: AnyRow): readonly string[] {
  return texts(port, "addresses").flatMap((set) => {
    const [mac = "", ...ips] = set.split(/\s+/);
    return parseMac(mac) === undefined ? [] : ips;
  });
}

function vlanLabel(port: AnyRow): string[] {
  const vlan = port["tag_request"] ?? port["tag"];
  return typeof vlan === "number" && vlan !== 0 ? [`VLAN ${vlan}`] : [];
}

/** An IPv6 prefix has no length in the switch; what is known of the node is better. */
function subnetLines(
  row: AnyRow,
  network: string,
  node: string | undefined,
  subnetsOf: (network: string, node: string) => readonly string[] | undefined,
): readonly string[] {
  const known = node === undefined ? undefined : subnetsOf(network, node);
  const own = ["subnet", "ipv6_prefix"].map((key) => text(row, "other_config", key));
  return own.every((each) => each === "") ? [] : (known ?? own.filter((each) => each !== ""));
}
