import { type AnyRow, checkView, type ReadView } from "../../database/index.ts";
import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";
import { NameCollisionError, ProfileMismatchError, SpecError } from "../description/errors.ts";
import type { NetworkRole, NetworkSpec, TopologyName } from "../description/network-spec.ts";
import {
  clusterRouterName,
  layer2SwitchName,
  loadBalancerGroupNames,
  localnetPortName,
  localnetSwitchName,
} from "../naming/names.ts";
import type { TopologyOptions } from "../request/inputs.ts";
import type { WholeNetwork } from "./node-index.ts";
import { networkOf, routersOfNetwork, stringMap, switchesOfNetwork, text } from "./observe.ts";
import { type RecognisedNetwork, recogniseNetwork } from "./profile.ts";
import type { Sight } from "./sight.ts";

/**
 * Reads from the rows in the database how a network was written; of its switches, all or some are asked.
 *
 * @param roles More switches of nodes, counted by role; the empty text for none.
 * @throws UsageError for what is no view, no list of rows and no map.
 */
export function recognise(
  view: ReadView,
  network: string,
  switches?: readonly AnyRow[],
  roles: ReadonlyMap<string, number> = new Map(),
  routers?: readonly AnyRow[],
): RecognisedNetwork {
  checkView(view);
  for (const [what, rows] of Object.entries({ switches, routers }))
    if (rows !== undefined && !Array.isArray(rows))
      throw new UsageError(`${what} are a list of rows, and not ${sketch(rows)}`);
  if (typeof roles?.values !== "function")
    throw new UsageError(`roles are a map of numbers, and not ${sketch(roles)}`);
  return recogniseRows(
    view,
    network,
    switches ?? switchesOfNetwork(view, network),
    roles,
    routers ?? routersOfNetwork(view, network),
  );
}

function recogniseRows(
  view: ReadView,
  network: string,
  switches: readonly AnyRow[],
  roles: ReadonlyMap<string, number>,
  routers: readonly AnyRow[],
): RecognisedNetwork {
  const supportsGroups = view.supports("Load_Balancer_Group");
  const group = Object.values(loadBalancerGroupNames(network)).find(
    (name) => supportsGroups && view.find("Load_Balancer_Group", { name }).length > 0,
  );
  let count = 0;
  for (const switchesWithRole of roles.values()) count += switchesWithRole;
  return recogniseNetwork(network, {
    ...(count > 0 && { nodeSwitches: { count, withRole: count - (roles.get("") ?? 0) } }),
    switches: switches.map((row) => ({
      name: text(row, "name"),
      externalIds: stringMap(row, "external_ids"),
      otherConfig: stringMap(row, "other_config"),
    })),
    routers: routers.map((row) => ({
      name: text(row, "name"),
      externalIds: stringMap(row, "external_ids"),
    })),
    // Only a localnet network has that port: for others the names of all ports would be indexed to find nothing.
    ports: switches.some((row) => text(row, "name") === localnetSwitchName(network))
      ? view
          .find("Logical_Switch_Port", { name: localnetPortName(network) })
          .map((row) => ({ name: text(row, "name"), options: stringMap(row, "options") }))
      : [],
    // A server that has no such table says nothing about the profile.
    ...(supportsGroups && {
      // One of them tells as much as all three.
      groups: group === undefined ? [] : [group],
    }),
  });
}

/** With which state of what tells of the network it was found to be as it is asked for. */
const passed = new WeakMap<WholeNetwork, string>();

/** {@link checkProfile} of what a plan sees, once for each state of it. */
export function checkSeen(
  view: ReadView,
  spec: NetworkSpec,
  options: TopologyOptions,
  migrate: boolean,
  { telling, roles, whole }: Sight,
): void {
  checkLayout(view, spec);
  const { role, topology } = spec;
  const { profile, mode } = options;
  const groups = view.supports("Load_Balancer_Group") ? view.revision?.("Load_Balancer_Group") : undefined;
  const state = `${topology} ${role} ${profile} ${mode} ${migrate} ${groups}`;
  if (whole !== undefined && passed.get(whole) === state) return;
  checkProfile(view, spec, options, migrate, telling, roles);
  if (whole !== undefined) passed.set(whole, state);
}

/**
 * Throws `SpecError` when the network in the database has another topology, and `ProfileMismatchError` when it was
 * written otherwise and may not be migrated. `switches` and `roles` as {@link recognise} takes them.
 */
export function checkProfile(
  view: ReadView,
  spec: NetworkSpec,
  options: TopologyOptions,
  migrate: boolean,
  switches: readonly AnyRow[] = switchesOfNetwork(view, spec.name),
  roles: ReadonlyMap<string, number> = new Map(),
): void {
  const { name: network } = spec;
  const found = recognise(view, network, switches, roles);
  if (!found.exists) return;
  if (found.rival !== undefined) {
    throw new NameCollisionError("Logical_Switch", network, [
      `network "${network}"`,
      `the existing network "${found.rival}"`,
    ]);
  }
  const other = topologiesOf(view, network).find((topology) => topology !== spec.topology);
  if (other !== undefined) {
    throw new SpecError(
      `network "${network}" is a ${other} network in the database, and a topology cannot be changed: delete it first`,
      { path: "topology", value: spec.topology, network },
    );
  }
  const role = roleOf(switches, roles);
  if (role !== undefined && role !== spec.role) {
    throw new SpecError(
      `network "${network}" is a ${role} network in the database, and a role cannot be changed: delete it first`,
      { path: "role", value: spec.role, network },
    );
  }
  // Rows of interconnect mode carry what only the zones know; turning them into central ones would cut the zones off.
  if (found.mode !== undefined && found.mode !== options.mode) {
    throw new ProfileMismatchError(network, `mode ${found.mode}`, `mode ${options.mode}`);
  }
  if (found.profile !== undefined && found.profile !== options.profile && !migrate) {
    throw new ProfileMismatchError(network, `profile ${found.profile}`, `profile ${options.profile}`);
  }
}

/**
 * Throws `SpecError` when a primary layer2 network is there as it was before transit routers, or is on its way from there: its
 * gateway routers have the pods' gateway address on the switch. Upstream takes a node over when it has none of its pods
 * (`oldLayer2TopoCleanup`, go-controller/pkg/ovn/gateway.go); beside those rows ours would be a second owner of that address.
 */
function checkLayout(view: ReadView, { name: network, topology, role }: NetworkSpec): void {
  if (topology !== "layer2" || role !== "primary") return;
  const home = layer2SwitchName(network);
  const former: readonly (readonly [string, string])[] = [
    ["Logical_Router_Port", `rtos-${home}`],
    ["Logical_Switch_Port", `stotr-${home}-upgrade`],
  ];
  for (const [table, name] of former)
    if (view.find(table, { name }).some((row) => networkOf(row) === network))
      throw new SpecError(
        `network "${network}" is in the database without a transit router, as OVN-Kubernetes wrote it once ` +
          `(${table} "${name}"): let OVN-Kubernetes bring it to today's rows, or delete it first`,
        { path: "topology", value: topology, network },
      );
}

/** What the network's switches say; undefined when they say nothing, or not one thing. */
function roleOf(switches: readonly AnyRow[], counted: ReadonlyMap<string, number>): NetworkRole | undefined {
  const roles = new Set(counted.keys());
  for (const row of switches) roles.add(text(row, "external_ids", "k8s.ovn.org/role"));
  roles.delete("");
  const [role] = roles;
  return roles.size === 1 && (role === "primary" || role === "secondary") ? role : undefined;
}

/** Told by names, which nobody changes, unlike the key that says so. */
function topologiesOf(view: ReadView, network: string): TopologyName[] {
  const homes: readonly (readonly [TopologyName, string, string])[] = [
    ["layer3", "Logical_Router", clusterRouterName(network)],
    ["layer2", "Logical_Switch", layer2SwitchName(network)],
    ["localnet", "Logical_Switch", localnetSwitchName(network)],
  ];
  return homes
    .filter(([, table, name]) => view.find(table, { name }).some((row) => networkOf(row) === network))
    .map(([topology]) => topology);
}
