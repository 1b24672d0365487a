import type { DesiredRow, RefTo } from "../../reconcile/index.ts";
import type { Cidr, Family } from "../description/address.ts";
import { addressAt, formatAddress } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { loadBalancerGroupUuid, logicalRouterUuid, logicalSwitchUuid } from "../naming/ids.ts";
import { loadBalancerGroupNames } from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import type { NodeInput, Observed, TopologyOptions } from "../request/inputs.ts";
import type { ZoneKeys } from "../request/zone-keys.ts";
import { zoneChassis } from "../request/zone-node.ts";
import { chassisNote } from "./chassis-notes.ts";

/** What every builder of rows reads. */
export interface NetworkContext {
  readonly spec: NetworkSpec;
  readonly options: TopologyOptions;
  /** Names of nodes of other zones. */
  readonly remote: ReadonlySet<string>;
  /** Mode interconnect, but on localnet, and not when only a pod's port is planned. */
  readonly keys?: ZoneKeys | undefined;
  /** A router that serves several nodes has several distributed gateway ports. */
  readonly hasManyNodes: boolean;
  readonly observed: Observed;
  /** Says something to the user that is no error; the same sentence twice is said once. */
  readonly note: (text: string) => void;
}

/** Whether rows look as they did in 2023. */
export function isOf2023(context: NetworkContext): boolean {
  return context.options.profile === "ovn-kubernetes-2023";
}

/**
 * The external ids of a switch or router.
 *
 * @param marks Which of the profile's marks the row carries: `role` today, `version` in 2023.
 */
export function networkIds(
  context: NetworkContext,
  marks: { readonly role?: boolean; readonly version?: boolean },
): Readonly<Record<string, string>> {
  const old = isOf2023(context);
  const role = marks.role === true && !old;
  const version = marks.version === true && old;
  const kind = (role ? 1 : 0) + (version ? 2 : 0);
  const { spec } = context;
  const made = idsOfNetwork.get(spec) ?? [];
  idsOfNetwork.set(spec, made);
  made[kind] ??= Object.freeze({
    "k8s.ovn.org/network": spec.name,
    "k8s.ovn.org/topology": spec.topology,
    ...(role && { "k8s.ovn.org/role": spec.role }),
    ...(version && { "k8s-ovn-topo-version": "5" }),
  });
  return made[kind];
}

/** The rows of a network have the same ids, so they share them. */
const idsOfNetwork = new WeakMap<NetworkSpec, Readonly<Record<string, string>>[]>();

/** `other_config` of a switch with these subnets; of several of one family the last one counts, as upstream's loop has it. */
export function subnetConfig(subnets: readonly Cidr[]): Record<string, string> {
  const last = (family: Family): Cidr | undefined => subnets.findLast((subnet) => subnet.family === family);
  const v4 = last(4);
  const v6 = last(6);
  const config: Record<string, string> = {};
  if (v4) config["subnet"] = v4.text;
  if (v6) config["ipv6_prefix"] = formatAddress(addressAt(v6, 0n));
  return config;
}

/** What a pod's port asks for. ovn-controller takes a chassis' hostname for its name there, which 2023 relied on. */
export function requestedChassis(context: NetworkContext, node: NodeInput): string {
  return isOf2023(context) ? node.name : chassisOf(context, node);
}

/** The name of a node's row in the southbound `Chassis`; Gateway_Chassis knows no other, so in 2023 too. */
export function chassisOf(context: NetworkContext, node: NodeInput): string {
  if (context.options.mode === "interconnect") return zoneChassis(context.spec, node);
  if (node.chassisId === undefined || node.chassisId === "") {
    context.note(chassisNote(node.name));
    return node.name;
  }
  return node.chassisId;
}

type RootTable = "Logical_Switch" | "Logical_Router" | "Load_Balancer_Group";

const rootUuid: Readonly<Record<RootTable, (name: string) => string>> = {
  Logical_Switch: logicalSwitchUuid,
  Logical_Router: logicalRouterUuid,
  Load_Balancer_Group: loadBalancerGroupUuid,
};

/**
 * What a switch, router or group is recognised by. Who chooses uuids as we do does not make it twice. Others do not either where its
 * name is a unique index, or that of a port that it always has; there is one of these rows for each node, and a guard on the name would
 * have the server go through all rows of the table for each of them (docs/decisions/0019).
 */
export function claimedRow(table: RootTable, name: string): Pick<DesiredRow, "key" | "name" | "uuid"> {
  return { key: rowKey(table, name), name, uuid: rootUuid[table](name) };
}

/** The same for a row that a network has once, which nobody makes twice. */
export function rootRow(
  table: Exclude<RootTable, "Load_Balancer_Group">,
  name: string,
): Pick<DesiredRow, "key" | "name" | "uuid" | "guard"> {
  return { ...claimedRow(table, name), guard: "name" };
}

/** A switch's membership in the network's groups, or the absence of any. */
export function groupElements(context: NetworkContext): Pick<DesiredRow, "elements" | "notElements"> {
  if (isOf2023(context)) {
    const uuids = (context.observed.groups ?? []).map((group) => group.uuid);
    return uuids.length > 0 ? { notElements: { load_balancer_group: uuids } } : {};
  }
  const known = groupsOfNetwork.get(context.spec) ?? {
    elements: { load_balancer_group: groupReferences(context) },
  };
  groupsOfNetwork.set(context.spec, known);
  return known;
}

const groupsOfNetwork = new WeakMap<NetworkSpec, Pick<DesiredRow, "elements">>();

function groupReferences(context: NetworkContext): RefTo[] {
  const names = loadBalancerGroupNames(context.spec.name);
  return [names.cluster, names.switches].map((name) => ({ ref: rowKey("Load_Balancer_Group", name) }));
}
