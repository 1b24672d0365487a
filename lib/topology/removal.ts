import type { AnyRow, ReadView } from "../database/index.ts";
import { OvsdbError } from "../jsonrpc/index.ts";
import type { Removal } from "../reconcile/index.ts";
import {
  loadBalancerGroupNames,
  localnetPortName,
  localnetSwitchName,
  namePrefix,
  nodeSwitchName,
  routerToSwitchPortName,
  switchToRouterPortName,
} from "./names.ts";
import {
  fixedSwitchNames,
  networkOf,
  nodeOfSwitch,
  routersOfNetwork,
  rowsOfNetwork,
  text,
  texts,
} from "./observe.ts";

/** A row that somebody else hung under one of ours. */
export interface ForeignRow {
  readonly table: string;
  /** Its name, or its uuid when it has none. */
  readonly name: string;
  readonly uuid: string;
  /** The row of ours that it would go with. */
  readonly parent: { readonly table: string; readonly name: string; readonly column: string };
}

/** Removing what was asked for would take rows of somebody else along. Nothing was changed. */
export class ForeignRowsError extends OvsdbError {
  readonly code = "ERR_FOREIGN_ROWS";
  readonly rows: readonly ForeignRow[];

  constructor(rows: readonly ForeignRow[]) {
    super(`rows that are not ours would go along: ${rows.map(describeForeign).join("; ")}`);
    this.rows = rows;
  }
}

/** A foreign row for people: what it is, and where it hangs. */
export function describeForeign(row: ForeignRow): string {
  return `${row.table} ${row.name} in ${row.parent.table} ${row.parent.name}`;
}

/** What removing something takes: the rows, and those of others that would go with them. */
export interface Removals {
  readonly removals: readonly Removal[];
  readonly foreign: readonly ForeignRow[];
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
} as const;

/** Everything of a whole network. */
export function removeNetwork(view: ReadView, network: string): Removals {
  const switches = rowsOfNetwork(view, "Logical_Switch", network, fixedSwitchNames(network));
  const parents = [
    ...switches.map((row) => removeParent(view, network, "Logical_Switch", row)),
    ...routersOfNetwork(view, network).map((row) => removeParent(view, network, "Logical_Router", row)),
  ];
  const groups = view.supports("Load_Balancer_Group")
    ? Object.values(loadBalancerGroupNames(network)).flatMap((name) =>
        view.find("Load_Balancer_Group", { name }),
      )
    : [];
  return {
    removals: [
      ...parents.flatMap(({ removals }) => removals),
      ...groups.map((row) => ({
        table: "Load_Balancer_Group",
        uuid: row._uuid,
        name: text(row, "name"),
        kind: "load balancer group",
        network,
      })),
    ],
    foreign: parents.flatMap(({ foreign }) => foreign),
  };
}

/** A node's part of a layer3 network: its switch with all ports, and the router's port to it. */
export function removeNode(view: ReadView, network: string, node: string): Removals {
  const switches = rowsOfNetwork(view, "Logical_Switch", network, [nodeSwitchName(network, node)]).filter(
    (row) => nodeOfSwitch(network, row) === node,
  );
  const parts = switches.map((row) => removeParent(view, network, "Logical_Switch", row));
  const routerPorts = view
    .find("Logical_Router_Port", { name: routerToSwitchPortName(network, node) })
    .flatMap((port) =>
      detached(view, network, "router-to-switch port", "Logical_Router", "Logical_Router_Port", port),
    );
  return {
    removals: [...parts.flatMap(({ removals }) => removals), ...routerPorts],
    foreign: parts.flatMap(({ foreign }) => foreign),
  };
}

/** A pod's port: it leaves its switch, and the server deletes it. */
export function removePort(view: ReadView, network: string, port: AnyRow): readonly Removal[] {
  return detached(view, network, "pod port", "Logical_Switch", "Logical_Switch_Port", port);
}

function detached(
  view: ReadView,
  network: string,
  kind: string,
  parentTable: string,
  table: string,
  row: AnyRow,
): Removal[] {
  return view.referrers(row._uuid, parentTable, "ports").map((parent) => ({
    table,
    uuid: row._uuid,
    name: text(row, "name"),
    kind,
    network,
    parent: { table: parentTable, uuid: parent._uuid, column: "ports" },
  }));
}

function removeParent(
  view: ReadView,
  network: string,
  table: keyof typeof CHILDREN,
  row: AnyRow,
): { readonly removals: readonly Removal[]; readonly foreign: readonly ForeignRow[] } {
  const columns = Object.entries(CHILDREN[table]).filter(([column]) => view.supports(table, column));
  const foreign = columns.flatMap(([column, childTable]) =>
    texts(row, column).flatMap((uuid) => {
      const child = view.byUuid(childTable, uuid);
      if (child !== undefined && isOwnChild(network, text(row, "name"), childTable, child)) return [];
      const name = (child && text(child, "name")) || uuid;
      return [{ table: childTable, name, uuid, parent: { table, name: text(row, "name"), column } }];
    }),
  );
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
    ],
    foreign,
  };
}

function kindOfParent(network: string, table: string, row: AnyRow): string {
  if (table === "Logical_Router") return "cluster router";
  if (nodeOfSwitch(network, row) !== undefined) return "node switch";
  return text(row, "name") === localnetSwitchName(network) ? "localnet switch" : "layer2 switch";
}

/** Rows of the network: those that say so, those of its controller, and the infrastructure ports that carry no mark. */
function isOwnChild(network: string, parent: string, table: string, row: AnyRow): boolean {
  if (networkOf(row) === network) return true;
  if (text(row, "external_ids", "k8s.ovn.org/owner-controller") === `${network}-network-controller`)
    return true;
  const name = text(row, "name");
  const prefix = namePrefix(network);
  if (table === "Logical_Switch_Port") {
    const node = parent.startsWith(prefix) ? parent.slice(prefix.length) : "";
    return (
      name === switchToRouterPortName(network, node) ||
      name === localnetPortName(network) ||
      name === `k8s-${parent}` ||
      name.startsWith(`${prefix}tstor-`)
    );
  }
  if (table === "Logical_Router_Port") {
    return name.startsWith(`rtos-${prefix}`) || name.startsWith(`${prefix}rtots-`);
  }
  return false;
}
