import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { defaultPortUuid, firstAddress } from "../isolation/build-isolation.ts";
import { defaultPortName, ISOLATION_GROUP, podOfOpenPorts } from "../isolation/isolation-ids.ts";
import { portGroupUuid } from "../naming/ids.ts";
import { networkOf, rowsOfNetwork, text, texts } from "../observe/observe.ts";
import { isPodPort, podPorts } from "../observe/pod-of-port.ts";
import type { NetworkRequest } from "../request/request.ts";
import { removeParent } from "./removal.ts";

/** A pod, `namespace/name`, what its port on the cluster's own network is called, and its primary network. */
interface PrimaryPod {
  readonly pod: string;
  readonly port: string;
  readonly network: string;
}

/**
 * The ports on the cluster's own network that pods lose with those on their primary one, as far as we made them, and what
 * opens ports of these pods.
 *
 * @param wanted Names of ports that are planned, which stay.
 * @param ending Whole networks go: with the last such port goes what closed them.
 * @param pruned Networks of which each pod has such a port only where one is planned.
 */
export function idleDefaultPorts(
  view: ReadView,
  removals: readonly Removal[],
  wanted: ReadonlySet<string>,
  ending: boolean,
  pruned: readonly Pick<NetworkRequest, "spec" | "attachments">[],
): Removal[] {
  if (removals.length === 0 && pruned.length === 0) return [];
  const [group] = view.find("Port_Group", { name: ISOLATION_GROUP });
  if (group === undefined) return [];
  const pods = new Map(
    [...primaryPods(view, removals), ...pruned.flatMap(podsOf)].map((each) => [each.port, each]),
  );
  const leaving = [...pods.values()].filter(({ port }) => !wanted.has(port));
  const ports = leaving.flatMap(({ port, network }) =>
    view
      .find("Logical_Switch_Port", { name: port })
      .filter((row) => networkOf(row) === "" && isOurs(row))
      .map((row) => ({ row, network })),
  );
  const going = new Set(ports.map(({ row }) => row._uuid));
  const isOver =
    ending &&
    wanted.size === 0 &&
    group._uuid === portGroupUuid(ISOLATION_GROUP) &&
    texts(group, "ports").every((port) => going.has(port));
  return [
    ...ports.flatMap(({ row, network }) => leavesSwitch(view, row, network)),
    ...(isOver
      ? removeParent(view, "default", "Port_Group", group).removals
      : openings(view, group, new Set(leaving.map(({ pod }) => pod)))),
  ];
}

/** The pods of a primary network that a request names. */
function podsOf({ spec, attachments }: Pick<NetworkRequest, "spec" | "attachments">): PrimaryPod[] {
  if (spec.role !== "primary") return [];
  return attachments.map(({ namespace, name }) => primaryPod(namespace, name, spec.name));
}

function primaryPod(namespace: string, name: string, network: string): PrimaryPod {
  return { pod: `${namespace}/${name}`, port: defaultPortName(namespace, name), network };
}

/** Pods whose port on a primary network goes. */
function primaryPods(view: ReadView, removals: readonly Removal[]): PrimaryPod[] {
  const podOf = podPorts();
  const roles = new Map<string, boolean>();
  const isPrimary = (network: string): boolean => {
    const known = roles.get(network) ?? hasPrimaryRole(view, network);
    roles.set(network, known);
    return known;
  };
  return removals.flatMap(({ table, uuid, network }) => {
    const row = table === "Logical_Switch_Port" ? view.byUuid(table, uuid) : undefined;
    if (row === undefined || network === undefined || !isPodPort(row) || !isPrimary(network)) return [];
    const { namespace, name } = podOf(row);
    return [primaryPod(namespace, name, network)];
  });
}

function hasPrimaryRole(view: ReadView, network: string): boolean {
  return rowsOfNetwork(view, "Logical_Switch", network, []).some(
    (row) => text(row, "external_ids", "k8s.ovn.org/role") === "primary",
  );
}

/** Whether the port's uuid is the one that we would choose. */
function isOurs(port: AnyRow): boolean {
  const name = text(port, "name");
  return [...texts(port, "addresses"), ...texts(port, "port_security")].some((set) => {
    const address = firstAddress(set);
    return address !== undefined && defaultPortUuid(name, address) === port._uuid;
  });
}

function leavesSwitch(view: ReadView, row: AnyRow, network: string): Removal[] {
  return view.referrers(row._uuid, "Logical_Switch", "ports").map((parent) => ({
    table: "Logical_Switch_Port",
    uuid: row._uuid,
    name: text(row, "name"),
    kind: "default pod port",
    network,
    parent: { table: "Logical_Switch", uuid: parent._uuid, column: "ports" },
  }));
}

/** The ACLs that open ports of pods that go. */
function openings(view: ReadView, group: AnyRow, pods: ReadonlySet<string>): Removal[] {
  if (pods.size === 0) return [];
  return texts(group, "acls").flatMap((uuid): Removal[] => {
    const acl = view.byUuid("ACL", uuid);
    const id = acl === undefined ? "" : text(acl, "external_ids", "k8s.ovn.org/id");
    if (!pods.has(podOfOpenPorts(id) ?? "")) return [];
    const parent = { table: "Port_Group", uuid: group._uuid, column: "acls" };
    return [{ table: "ACL", uuid, name: id, kind: "acl", parent }];
  });
}
