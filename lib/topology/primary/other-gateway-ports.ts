import type { DesiredRow } from "../../reconcile/index.ts";
import { clusterRouterName, routerToSwitchPortName } from "../naming/names.ts";
import { rowKey } from "../naming/row-key.ts";
import { natLabel } from "../naming/row-label.ts";
import type { NodeInput } from "../request/inputs.ts";
import type { NetworkContext } from "../rows/network-context.ts";
import { nodesHere } from "./nodes-here.ts";

/**
 * The NAT of other nodes, with the router port that it is for. In mode interconnect that of a zone's first node does not name its
 * port, as upstream's does not; with a second one the router has another port with a chassis, and ovn-northd leaves out what does
 * not say which of them it is for.
 *
 * @param nodes Those whose own rows are built.
 */
export function otherGatewayPorts(
  context: NetworkContext,
  nodes: readonly NodeInput[],
): readonly DesiredRow[] {
  const { spec, options, observed, remote, hasManyNodes } = context;
  if (options.mode !== "interconnect" || !hasManyNodes) return [];
  const name = clusterRouterName(spec.name);
  const routerKey = rowKey("Logical_Router", name);
  const names = new Set([...remote, ...nodes.map((node) => node.name)]);
  const others = nodesHere(spec.name, [], observed).filter((node) => !names.has(node));
  const ports = new Set(others.map((node) => routerToSwitchPortName(spec.name, node)));
  const router = observed.routers?.find((each) => each.name === name);
  const rows = (router?.children ?? []).flatMap(({ column, values }): DesiredRow[] => {
    const { type, logical_ip: inside, external_ip: outside, logical_port: port } = values;
    if (column !== "nat" || type !== "snat" || typeof port !== "string" || !ports.has(port)) return [];
    if (typeof inside !== "string" || typeof outside !== "string" || !observed.routerPorts?.has(port))
      return [];
    const portKey = rowKey("Logical_Router_Port", port);
    return [
      {
        key: portKey,
        kind: "router port as found",
        name: port,
        parent: { key: routerKey, column: "ports" },
        network: spec.name,
      },
      {
        key: rowKey("NAT", [name, "snat", inside, port].join(" ")),
        kind: "snat as found",
        name: natLabel(inside, outside),
        identity: {
          parent: routerKey,
          column: "nat",
          match: { type, logical_ip: inside, logical_port: port },
        },
        columns: { gateway_port: { ref: portKey } },
        network: spec.name,
      },
    ];
  });
  // A node of two families has two of them, for one port.
  return [...new Map(rows.map((row) => [row.key, row])).values()];
}
