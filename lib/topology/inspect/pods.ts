import type { AnyRow } from "../../database/index.ts";
import { parseMac } from "../description/mac.ts";
import { order } from "../naming/order.ts";
import { text, texts } from "../observe/observe.ts";
import type { PodOfPort } from "../observe/pod-of-port.ts";
import type { PodOverview } from "../request/pod-overview.ts";

/** By pod, and then by the NAD: the order in which pods are listed. */
export function byPod(a: PodOfPort, b: PodOfPort): number {
  return order(a.namespace, b.namespace) || order(a.name, b.name) || order(a.nad, b.nad);
}

/**
 * What a pod's port tells.
 *
 * @param switchName The switch that it is on, and `node` the node that this one is for, if it is for one.
 */
export function podOf(
  port: AnyRow,
  pod: PodOfPort,
  switchName: string,
  node: string | undefined,
  nodeOfChassis: ReadonlyMap<string, string>,
): PodOverview {
  const [first = ""] = texts(port, "addresses");
  const [mac = "", ...ips] = first.split(/\s+/);
  return {
    ...pod,
    node: node ?? nodeByChassis(port, nodeOfChassis),
    chassis: text(port, "options", "requested-chassis"),
    mac: parseMac(mac) === undefined ? "" : mac,
    ips: parseMac(mac) === undefined ? [] : ips,
    port: text(port, "name"),
    portUuid: port._uuid,
    switch: switchName,
  };
}

/** The node of a pod that is not on a node's switch: that of its chassis, or the chassis itself. */
export function nodeByChassis(port: AnyRow, nodeOfChassis: ReadonlyMap<string, string>): string {
  const chassis = text(port, "options", "requested-chassis");
  return nodeOfChassis.get(chassis) ?? chassis;
}
