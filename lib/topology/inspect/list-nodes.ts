import { checkView, type ReadView } from "../../database/index.ts";
import { order } from "../naming/order.ts";
import type { NodeOverview } from "../observe/network-overview.ts";
import { text } from "../observe/observe.ts";
import { podPorts } from "../observe/pod-of-port.ts";
import { podKey } from "./known-pods.ts";
import { type NetworkWithNodes, networksWithNodes, nodesByChassis } from "./nodes.ts";
import { nodeByChassis } from "./pods.ts";
import { nodeOf, podPortsOn } from "./summary.ts";

/** A node on a layer3 network; on others nodes have no rows. */
export interface NodeSummary extends NodeOverview {
  readonly network: string;
  /** The name of its switch; empty for a node of another zone. */
  readonly switch: string;
  /** Pods on the network that are on the node. One that is attached by several NADs is one. */
  readonly pods: number;
}

/**
 * Reads the nodes of all networks of a northbound database, by name and network: those of `listNetworks`, and only counts their
 * pods. Throws `UsageError` for what is no view.
 */
export function listNodes(view: ReadView): readonly NodeSummary[] {
  checkView(view);
  const networks = networksWithNodes(view);
  const nodeOfChassis = nodesByChassis(view, networks);
  return networks
    .filter(({ nodes }) => nodes.length > 0)
    .flatMap((each) => nodesWithPods(view, each, nodeOfChassis))
    .toSorted((a, b) => order(a.name, b.name));
}

function nodesWithPods(
  view: ReadView,
  { network, switches, nodes }: NetworkWithNodes,
  nodeOfChassis: ReadonlyMap<string, string>,
): readonly NodeSummary[] {
  const podOfPort = podPorts();
  const seen = new Map(nodes.map(({ name }) => [name, { switch: "", pods: new Set<string>() }]));
  for (const row of switches) {
    const home = nodeOf(network, row);
    const known = home === undefined ? undefined : seen.get(home);
    // The first, where one node has several.
    if (known !== undefined) known.switch ||= text(row, "name");
    for (const port of podPortsOn(view, network, row))
      seen.get(home ?? nodeByChassis(port, nodeOfChassis))?.pods.add(podKey(podOfPort(port)));
  }
  return nodes.map((node) => {
    const { switch: home = "", pods } = seen.get(node.name) ?? {};
    return { ...node, network, switch: home, pods: pods?.size ?? 0 };
  });
}
