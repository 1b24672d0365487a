import type { AnyRow, ReadView } from "../../database/index.ts";
import { addressOrder, counted, firstLines, naturalOrder } from "../naming/label-text.ts";
import { networkOf, text, texts } from "../observe/observe.ts";
import type { Part, Parts, Wire } from "./graph-part.ts";
import { routerPlace } from "./graph-place.ts";

/** Lines of one kind at a router. */
const FEW = 3;

/** A port of a router, and to whom it belongs. */
export interface RouterPort {
  readonly router: string;
  readonly row: AnyRow;
}

/** All ports of routers by name. */
export function routerPortsOf(view: ReadView): ReadonlyMap<string, RouterPort> {
  const ports = new Map<string, RouterPort>();
  for (const router of view.rows("Logical_Router"))
    for (const row of childrenOf(view, router, "ports", "Logical_Router_Port"))
      ports.set(text(row, "name"), { router: router._uuid, row });
  return ports;
}

/** Routers, how they are connected with each other, and what else is known of them. */
export function routerParts(
  view: ReadView,
  ports: ReadonlyMap<string, RouterPort>,
  connected: ReadonlySet<string>,
): Parts {
  const parts: Part[] = [];
  const wires: Wire[] = [];
  for (const row of view.rows("Logical_Router")) {
    const network = networkOf(row);
    const own = childrenOf(view, row, "ports", "Logical_Router_Port");
    const idle = own.filter(
      (port) => !connected.has(text(port, "name")) && ports.get(text(port, "peer")) === undefined,
    );
    // In another zone of the cluster is what this database calls remote.
    const remote = idle.filter((port) => text(port, "options", "requested-chassis") !== "");
    parts.push({
      key: row._uuid,
      ...routerPlace(network, row),
      name: text(row, "name"),
      network,
      lines: [
        ...friendlyName(row, "neutron:router_name"),
        ...defaultRoutes(view, row),
        ...natLines(view, row),
        ...balancerLine(view, row),
        ...firstLines(idle.filter((port) => !remote.includes(port)).map(idleLine), FEW, "idle port"),
      ],
    });
    if (remote.length > 0) {
      const key = `remote ${row._uuid}`;
      parts.push({
        key,
        kind: "remote",
        what: "remote gateway router",
        name: "",
        lines: [],
        network,
        at: row._uuid,
        entries: remote.map(remoteLine),
      });
      wires.push({ ends: [row._uuid, key], labels: [] });
    }
    wires.push(...own.flatMap((port) => peerWires(ports, row, port)));
  }
  return { parts, wires };
}

/** The rows of a set of references, by name as far as they have one. */
export function childrenOf(view: ReadView, row: AnyRow, column: string, table: string): readonly AnyRow[] {
  return texts(row, column)
    .flatMap((uuid) => view.byUuid(table, uuid) ?? [])
    .toSorted((a, b) => naturalOrder(text(a, "name"), text(b, "name")));
}

/** What another tool calls a row that it names by a uuid. */
export function friendlyName(row: AnyRow, key: string): string[] {
  const name = text(row, "external_ids", key);
  return name === "" || name === text(row, "name") ? [] : [name];
}

/** How many load balancers a switch or router has, by itself and by its groups. */
export function balancerLine(view: ReadView, row: AnyRow): string[] {
  const grouped = view.supports("Load_Balancer_Group")
    ? childrenOf(view, row, "load_balancer_group", "Load_Balancer_Group").flatMap((group) =>
        texts(group, "load_balancer"),
      )
    : [];
  const all = new Set([...texts(row, "load_balancer"), ...grouped]);
  return all.size === 0 ? [] : [counted(all.size, "load balancer")];
}

/** Ports that lead to each other without a switch; one end speaks for both. */
function peerWires(ports: ReadonlyMap<string, RouterPort>, row: AnyRow, port: AnyRow): Wire[] {
  const name = text(port, "name");
  const peer = ports.get(text(port, "peer"));
  if (peer === undefined) return [];
  const answers = text(peer.row, "peer") === name;
  if (answers && text(peer.row, "name") < name) return [];
  const labels = [port, peer.row].map((end) => texts(end, "networks").toSorted(addressOrder).join(" "));
  return [{ ends: [row._uuid, peer.router], labels: labels.filter((label) => label !== "") }];
}

function idleLine(port: AnyRow): string {
  const peer = text(port, "peer");
  return peer === ""
    ? `port ${text(port, "name")} leads nowhere`
    : `port ${text(port, "name")} leads to ${peer}, which is not there`;
}

function remoteLine(port: AnyRow): string {
  const node = text(port, "external_ids", "k8s.ovn.org/node") || text(port, "name");
  return [node, ...texts(port, "networks").toSorted(addressOrder)].join(" ");
}

function defaultRoutes(view: ReadView, row: AnyRow): readonly string[] {
  const hops = childrenOf(view, row, "static_routes", "Logical_Router_Static_Route")
    .filter((route) => ["0.0.0.0/0", "::/0"].includes(text(route, "ip_prefix")))
    .map((route) => `default route by ${text(route, "nexthop")}`);
  return firstLines([...new Set(hops)].sort(naturalOrder), FEW, "default route");
}

function natLines(view: ReadView, row: AnyRow): readonly string[] {
  const lines = childrenOf(view, row, "nat", "NAT").map((nat) => {
    const [type, inside, outside] = ["type", "logical_ip", "external_ip"].map((column) => text(nat, column));
    return type === "snat" ? `snat ${inside} → ${outside}` : `${type} ${outside} → ${inside}`;
  });
  return firstLines(lines.sort(naturalOrder), FEW, "NAT rule");
}
