import { type AnyRow, checkView, type ReadView } from "../../database/index.ts";
import { nadOfKey } from "../naming/names.ts";
import type { NetworkOverview } from "../observe/network-overview.ts";
import {
  fixedRouterNames,
  fixedSwitchNames,
  nodeOfSwitch,
  stringMap,
  text,
  texts,
} from "../observe/observe.ts";
import { isOwnChild } from "../observe/own-child.ts";
import { isPodPort, type PodOfPort, podPorts } from "../observe/pod-of-port.ts";
import { recognise } from "../observe/profile-check.ts";
import { RowsByNetwork } from "../observe/rows-by-network.ts";
import { remotePorts } from "../zones/inspect-zones.ts";

/** A network in a line: what {@link NetworkOverview} tells, counted instead of listed. */
export interface NetworkSummary
  extends Pick<NetworkOverview, "name" | "topology" | "role" | "profile" | "mode" | "subnets" | "nads"> {
  readonly switches: number;
  readonly routers: number;
  /** Layer3 only. */
  readonly nodes: number;
  /** A pod that is attached by several NADs is one. */
  readonly pods: number;
}

/**
 * Reads all networks of a northbound database, as `listNetworks` does and by name as there, and only counts what they
 * consist of: for a list of them, this reads and makes a fraction. Throws `UsageError` for what is no view.
 */
export function summariseNetworks(view: ReadView): readonly NetworkSummary[] {
  checkView(view);
  const podOfPort = podPorts();
  const switches = new RowsByNetwork(view, "Logical_Switch");
  const routers = new RowsByNetwork(view, "Logical_Router");
  return [...new Set([...switches.networks, ...routers.networks])]
    .sort()
    .map((network) =>
      summarise(
        view,
        network,
        byName(switches.of(network, fixedSwitchNames(network))),
        byName(routers.of(network, fixedRouterNames(network))),
        podOfPort,
      ),
    );
}

function summarise(
  view: ReadView,
  network: string,
  switches: readonly AnyRow[],
  routers: readonly AnyRow[],
  podOfPort: (port: AnyRow) => PodOfPort,
): NetworkSummary {
  const { topology, role } = marksOf([...routers, ...switches]);
  const { profile, mode } = recognise(view, network, switches, new Map(), routers);
  const pods = switches.flatMap((row) => podPortsOn(view, network, row).map(podOfPort));
  return {
    name: network,
    topology,
    role,
    profile,
    mode,
    subnets: topology === "layer3" ? [] : switches.flatMap(subnetsOfSwitch),
    nads: nadsOf(pods),
    switches: switches.length,
    routers: routers.length,
    nodes:
      switches.filter((row) => nodeOf(network, row) !== undefined).length +
      remotePorts(view, network, switches).length,
    pods: new Set(pods.map(({ namespace, name }) => `${namespace}/${name}`)).size,
  };
}

/** The ports of a network's pods on one of its switches. */
export function podPortsOn(view: ReadView, network: string, row: AnyRow): readonly AnyRow[] {
  const name = text(row, "name");
  return texts(row, "ports").flatMap((uuid) => {
    const port = view.byUuid("Logical_Switch_Port", uuid);
    return port !== undefined && isPodPort(port) && isOwnChild(network, name, "Logical_Switch_Port", port)
      ? [port]
      : [];
  });
}

/** What the rows of a network say of it: the first that says anything counts. */
export function marksOf(rows: readonly AnyRow[]): { readonly topology: string; readonly role: string } {
  const mark = (key: string): string =>
    rows.map((row) => text(row, "external_ids", key)).find((value) => value !== "") ?? "";
  return { topology: mark("k8s.ovn.org/topology"), role: mark("k8s.ovn.org/role") };
}

/** The node of a switch, on layer3; a switch of another topology may have any name. */
export function nodeOf(network: string, row: AnyRow): string | undefined {
  return text(row, "external_ids", "k8s.ovn.org/topology") === "layer3"
    ? nodeOfSwitch(network, row)
    : undefined;
}

/** Subnets that a switch itself names; an IPv6 prefix has no length. */
export function subnetsOfSwitch(row: AnyRow): string[] {
  const { subnet = "", ipv6_prefix: prefix = "" } = stringMap(row, "other_config");
  return [subnet, prefix].filter((each) => each !== "");
}

/** The NADs of ports, sorted, once each. */
export function nadsOf(pods: readonly { readonly nad: string }[]): readonly string[] {
  // First the keys themselves: thousands of pods have few.
  const keys = new Set(pods.map(({ nad }) => nad));
  return [...new Set([...keys].map(nadOfKey))].filter((nad) => nad !== "").sort();
}

export function byName(rows: readonly AnyRow[]): readonly AnyRow[] {
  return rows.toSorted((a, b) => {
    const [one, other] = [text(a, "name"), text(b, "name")];
    return one < other ? -1 : Number(one > other);
  });
}
