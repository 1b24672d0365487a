import type { AnyRow, ReadView } from "../../database/index.ts";
import type { ObservedChild, ObservedRouter } from "../request/inputs.ts";
import { networkOf, routersOfNetwork, stringMap, text, texts } from "./observe.ts";

/** Sets of a router and the columns of their rows by which those are known. */
export const ROUTER_CHILDREN: Readonly<
  Record<ObservedChild["column"], { readonly table: string; readonly columns: readonly string[] }>
> = {
  static_routes: {
    table: "Logical_Router_Static_Route",
    columns: ["ip_prefix", "policy", "output_port", "nexthop"],
  },
  policies: { table: "Logical_Router_Policy", columns: ["priority", "match"] },
  nat: { table: "NAT", columns: ["type", "logical_ip", "logical_port", "external_ip"] },
};

/** Marks of routes to nodes of other zones: of layer2 networks, and of layer3 ones. */
const NODE = "k8s.ovn.org/node";
const ZONE_NODE = "ic-node";

/** All that rows of gateways and management ports are marked with; whoever else marks his rows adds something to it. */
const MARKS: ReadonlySet<string> = new Set(["k8s.ovn.org/network", "k8s.ovn.org/topology", NODE, ZONE_NODE]);

/** What the routers of a network hold that this library, or upstream's gateway code, put there. */
export function observeRouters(view: ReadView, network: string): ObservedRouter[] {
  return routersOfNetwork(view, network).map((router) => observeRouter(view, network, router, () => true));
}

/**
 * The same of one router.
 *
 * @param isMeant Of the rest nothing is read: told the column, the row, and the node that the row says that it is for.
 */
export function observeRouter(
  view: ReadView,
  network: string,
  router: AnyRow,
  isMeant: (column: ObservedChild["column"], row: AnyRow, node: string | undefined) => boolean,
): ObservedRouter {
  const children = (Object.keys(ROUTER_CHILDREN) as ObservedChild["column"][]).flatMap((column) => {
    const { table } = ROUTER_CHILDREN[column];
    return texts(router, column).flatMap((uuid) => {
      const row = view.byUuid(table, uuid);
      if (row === undefined || networkOf(row) !== network) return [];
      const ids = stringMap(row, "external_ids");
      const node = ids[ZONE_NODE] ?? ids[NODE];
      return isMeant(column, row, node) ? childOf(row, column, node, ids) : [];
    });
  });
  return { name: text(router, "name"), children };
}

function childOf(
  row: AnyRow,
  column: ObservedChild["column"],
  node: string | undefined,
  ids: Readonly<Record<string, string>>,
): ObservedChild[] {
  if (Object.keys(ids).some((key) => !MARKS.has(key))) return [];
  const { columns } = ROUTER_CHILDREN[column];
  return [
    {
      uuid: row._uuid,
      column,
      ...(node !== undefined && { node }),
      values: Object.fromEntries(columns.map((name) => [name, plainValue(row[name])])),
    },
  ];
}

function plainValue(value: unknown): string | number | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}
