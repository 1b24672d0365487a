import type { AnyRow, ReadView } from "../../database/index.ts";
import type { Removal } from "../../reconcile/index.ts";
import { removeDhcp } from "../dhcp/dhcp-removal.ts";
import {
  clusterRouterName,
  externalSwitchName,
  gatewayRouterName,
  joinSwitchName,
  layer2SwitchName,
  loadBalancerGroupNames,
  localnetSwitchName,
  transitRouterName,
  transitSwitchName,
} from "../naming/names.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { byName } from "../naming/row-label.ts";
import type { ForeignRow } from "../observe/foreign-rows.ts";
import { labelOf } from "../observe/label-of.ts";
import {
  groupUsers,
  networkOf,
  nodeOfSwitch,
  routersOfNetwork,
  switchesOfNetwork,
  text,
  texts,
} from "../observe/observe.ts";
import { isOwnChild } from "../observe/own-child.ts";
import { setRemoval } from "../policies/policy-stays.ts";
import { removeBalancers } from "../services/service-removal.ts";

/** What removing something takes: the rows, and those of others that would go with them. */
export interface Removals {
  readonly removals: readonly Removal[];
  readonly foreign: readonly ForeignRow[];
  /** What has to stay because rows of others need it; one line each, for people. */
  readonly kept: readonly string[];
}

/** Set columns that keep rows alive: those rows go when the parent goes (ovn-nb(5), strong references). */
const CHILDREN = {
  Logical_Switch: {
    ports: "Logical_Switch_Port",
    acls: "ACL",
    qos_rules: "QoS",
    forwarding_groups: "Forwarding_Group",
  },
  Logical_Router: {
    ports: "Logical_Router_Port",
    static_routes: "Logical_Router_Static_Route",
    policies: "Logical_Router_Policy",
    nat: "NAT",
  },
  Port_Group: {
    acls: "ACL",
  },
} as const;

/** What the rows are called that go along. */
const CHILD_KINDS: Readonly<Record<string, string>> = {
  Logical_Switch_Port: "port",
  Logical_Router_Port: "router-to-switch port",
  Gateway_Chassis: "gateway chassis",
  Logical_Router_Static_Route: "static route",
  Logical_Router_Policy: "router policy",
  NAT: "snat",
  ACL: "acl",
};

/** Everything of a whole network. */
export function removeNetwork(view: ReadView, network: string): Removals {
  const inOrder = (rows: readonly AnyRow[]): readonly AnyRow[] =>
    rows.toSorted((a, b) => byName({ name: text(a, "name") }, { name: text(b, "name") }));
  const parents = [
    ...inOrder(switchesOfNetwork(view, network)).map((row) =>
      removeParent(view, network, "Logical_Switch", row),
    ),
    ...inOrder(routersOfNetwork(view, network)).map((row) =>
      removeParent(view, network, "Logical_Router", row),
    ),
  ];
  const going = new Set(parents.flatMap(({ removals }) => removals.map(({ uuid }) => uuid)));
  const groups = removeGroups(view, network, going);
  const ports = parents.flatMap(({ removals }) =>
    removals.flatMap(({ table, name }) => (table === "Logical_Router_Port" ? [name] : [])),
  );
  const unbound = removeMacBindings(view, network, ports);
  const portGroups = portGroupsOf(view, network).map((row) => removeParent(view, network, "Port_Group", row));
  return {
    removals: [
      ...parents.flatMap(({ removals }) => removals),
      ...groups.removals,
      ...unbound,
      ...portGroups.flatMap(({ removals }) => removals),
      ...removeSets(view, network),
      ...removeBalancers(view, network),
      ...removeDhcp(view, network),
    ],
    foreign: [
      ...parents.flatMap(({ foreign }) => foreign),
      ...groups.foreign,
      ...portGroups.flatMap(({ foreign }) => foreign),
    ],
    kept: groups.kept,
  };
}

/**
 * The rows of others that removing a network would take along: as {@link removeNetwork} tells them, without all that would
 * be removed.
 */
export function foreignRowsOf(view: ReadView, network: string): readonly ForeignRow[] {
  const parents = (["Logical_Switch", "Logical_Router"] as const).flatMap((table) =>
    (table === "Logical_Switch" ? switchesOfNetwork(view, network) : routersOfNetwork(view, network)).map(
      (row) => ({ table, row }),
    ),
  );
  const portGroups = portGroupsOf(view, network);
  const going = new Set(parents.map(({ row }) => row._uuid));
  return [
    ...parents.flatMap(({ table, row }) => foreignIn(view, network, table, row)),
    ...removeGroups(view, network, going).foreign,
    ...portGroups.flatMap((row) => foreignIn(view, network, "Port_Group", row)),
  ];
}

function portGroupsOf(view: ReadView, network: string): readonly AnyRow[] {
  const owner = controllerOf(network);
  return view.find("Port_Group", { external_ids: { "k8s.ovn.org/owner-controller": owner } });
}

/** All address sets of a network: those that its policies refer to. */
function removeSets(view: ReadView, network: string): Removal[] {
  return view
    .find("Address_Set", { external_ids: { "k8s.ovn.org/owner-controller": controllerOf(network) } })
    .map((row) => setRemoval(network, { uuid: row._uuid, name: text(row, "name") }));
}

/** What a port sends to is written down beside it; without the port that is good for nothing. */
export function removeMacBindings(view: ReadView, network: string, ports: readonly string[]): Removal[] {
  if (!view.supports("Static_MAC_Binding")) return [];
  return ports
    .flatMap((logical_port) => view.find("Static_MAC_Binding", { logical_port }))
    .map((row) => ({
      table: "Static_MAC_Binding",
      uuid: row._uuid,
      name: `${text(row, "logical_port")} ${text(row, "ip")}`,
      kind: "static mac binding",
      network,
    }));
}

/** Load balancer groups are rows of their own. Those of somebody's switch cannot go, the server would refuse it. */
function removeGroups(view: ReadView, network: string, going: ReadonlySet<string>): Removals {
  // They carry no mark, only the prefix, which another network may have as well.
  const homes = [
    ...view.find("Logical_Router", { name: clusterRouterName(network) }),
    ...view.find("Logical_Switch", { name: layer2SwitchName(network) }),
  ];
  const isShared = homes.some((row) => !["", network].includes(networkOf(row)));
  if (isShared || !view.supports("Load_Balancer_Group")) return { removals: [], foreign: [], kept: [] };
  const groups = Object.values(loadBalancerGroupNames(network)).flatMap((name) =>
    view.find("Load_Balancer_Group", { name }),
  );
  const usersOf = (group: AnyRow): string[] => groupUsers(view, group, ({ _uuid }) => going.has(_uuid));
  const free = groups.filter((group) => usersOf(group).length === 0);
  return {
    removals: free.map((row) => ({
      table: "Load_Balancer_Group",
      uuid: row._uuid,
      name: text(row, "name"),
      kind: "load balancer group",
      network,
      guards: { load_balancer: texts(row, "load_balancer") },
    })),
    foreign: free.flatMap((row) =>
      texts(row, "load_balancer").flatMap((uuid) => {
        const balancer = view.byUuid("Load_Balancer", uuid);
        return balancer === undefined || networkOf(balancer) === network
          ? []
          : [foreignRow("Load_Balancer", balancer, "Load_Balancer_Group", row, "load_balancer")];
      }),
    ),
    kept: groups
      .filter((group) => !free.includes(group))
      .map(
        (group) => `load balancer group ${text(group, "name")} stays: ${usersOf(group).join(", ")} not ours`,
      ),
  };
}

/** A pod's port: it leaves its switch, and the server deletes it; `asItIs`: only if nobody else gets the port meanwhile. */
export function removePort(
  view: ReadView,
  network: string,
  port: AnyRow,
  asItIs = false,
): readonly Removal[] {
  const removals = detached(view, network, "pod port", "Logical_Switch", "Logical_Switch_Port", port);
  return asItIs ? removals.map((removal) => ({ ...removal, unchanged: ["options"] })) : removals;
}

/** A row that leaves its parent's `ports`, and what goes along; the server deletes it then. */
export function detached(
  view: ReadView,
  network: string,
  kind: string,
  parentTable: string,
  table: string,
  row: AnyRow,
): Removal[] {
  return view.referrers(row._uuid, parentTable, "ports").flatMap((parent): Removal[] => [
    {
      table,
      uuid: row._uuid,
      name: text(row, "name"),
      kind,
      network,
      parent: { table: parentTable, uuid: parent._uuid, column: "ports" },
    },
    ...(table === "Logical_Router_Port"
      ? goingAlong(view, network, { table, row, column: "gateway_chassis" }, "Gateway_Chassis")
      : []),
  ]);
}

/** A row that goes with all that hangs under it. */
export function removeParent(
  view: ReadView,
  network: string,
  table: keyof typeof CHILDREN,
  row: AnyRow,
): { readonly removals: readonly Removal[]; readonly foreign: readonly ForeignRow[] } {
  const columns = childColumns(view, table);
  return {
    removals: [
      {
        table,
        uuid: row._uuid,
        name: text(row, "name"),
        kind: kindOfParent(network, table, row),
        network,
        // Whoever adds something between our look and the commit makes the transaction fail instead of losing it.
        guards: Object.fromEntries(columns.map(([column]) => [column, texts(row, column)])),
      },
      ...columns.flatMap(([column, childTable]) =>
        goingAlong(view, network, { table, row, column }, childTable),
      ),
    ],
    foreign: foreignIn(view, network, table, row),
  };
}

function childColumns(view: ReadView, table: keyof typeof CHILDREN): (readonly [string, string])[] {
  return Object.entries(CHILDREN[table]).filter(([column]) => view.supports(table, column));
}

/** Rows of others that hang under one of ours. */
function foreignIn(
  view: ReadView,
  network: string,
  table: keyof typeof CHILDREN,
  row: AnyRow,
): readonly ForeignRow[] {
  return childColumns(view, table).flatMap(([column, childTable]) =>
    texts(row, column).flatMap((uuid) => {
      const child = view.byUuid(childTable, uuid) ?? { _uuid: uuid };
      if (!isOwnChild(network, text(row, "name"), childTable, child))
        return [foreignRow(childTable, child, table, row, column)];
      return childTable === "Logical_Router_Port" ? foreignChassis(view, child) : [];
    }),
  );
}

/** What hangs under a row that goes: it costs no operation, and whoever reads the plan wants to know of it. */
function goingAlong(
  view: ReadView,
  network: string,
  parent: { readonly table: string; readonly row: AnyRow; readonly column: string },
  table: string,
): Removal[] {
  const rows = texts(parent.row, parent.column).flatMap((uuid) => view.byUuid(table, uuid) ?? []);
  const named = rows.map((row) => ({ row, name: labelOf(table, row) })).toSorted(byName);
  return named.flatMap(({ row, name }) => {
    const removal: Removal = {
      table,
      uuid: row._uuid,
      name,
      kind: CHILD_KINDS[table] ?? table,
      network,
      parent: { table: parent.table, uuid: parent.row._uuid, column: parent.column },
    };
    if (table !== "Logical_Router_Port") return [removal];
    return [
      removal,
      ...goingAlong(view, network, { table, row, column: "gateway_chassis" }, "Gateway_Chassis"),
    ];
  });
}

function foreignRow(
  table: string,
  row: AnyRow,
  parentTable: string,
  parent: AnyRow,
  column: string,
): ForeignRow {
  return {
    table,
    name: labelOf(table, row),
    uuid: row._uuid,
    parent: { table: parentTable, name: text(parent, "name"), column },
  };
}

/** Chassis that somebody else gave to a router port of ours. */
export function foreignChassis(view: ReadView, port: AnyRow): ForeignRow[] {
  const { others } = chassisOfPort(view, port);
  return others.map((row) =>
    foreignRow("Gateway_Chassis", row, "Logical_Router_Port", port, "gateway_chassis"),
  );
}

/**
 * The chassis of a router port, told from those that somebody else gave it. Ours have the port's name in theirs, and priority 1; a
 * single one of another priority is ours and has drifted.
 */
export function chassisOfPort(
  view: ReadView,
  port: AnyRow,
): { readonly ours: readonly AnyRow[]; readonly others: readonly AnyRow[] } {
  const rows = texts(port, "gateway_chassis").flatMap((uuid) => view.byUuid("Gateway_Chassis", uuid) ?? []);
  const named = rows.filter((row) => text(row, "name").startsWith(`${text(port, "name")}-`));
  const usual = named.filter((row) => row["priority"] === 1);
  const ours = usual.length > 0 || named.length > 1 ? usual : named;
  return { ours, others: rows.filter((row) => !ours.includes(row)) };
}

function kindOfParent(network: string, table: string, row: AnyRow): string {
  if (table === "Port_Group") return "port group";
  const name = text(row, "name");
  if (table === "Logical_Router") {
    if (name.startsWith(gatewayRouterName(network, ""))) return "gateway router";
    return name === transitRouterName(network) ? "transit router" : "cluster router";
  }
  if (name.startsWith(externalSwitchName(network, ""))) return "external switch";
  if (nodeOfSwitch(network, row) !== undefined) return "node switch";
  if (name === joinSwitchName(network)) return "join switch";
  if (name === transitSwitchName(network)) return "transit switch";
  return name === localnetSwitchName(network) ? "localnet switch" : "layer2 switch";
}
