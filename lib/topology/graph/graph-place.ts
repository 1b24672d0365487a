import type { AnyRow, ReadView } from "../../database/index.ts";
import { namePrefix } from "../naming/names.ts";
import { nodeOfSwitch, text } from "../observe/observe.ts";
import type { Part } from "./graph-part.ts";

/** What a switch or router is in its network. */
export type Place = Pick<Part, "kind" | "what" | "node">;

/** Names of routers and switches, without the network's prefix, and what they are (reference: go-controller/pkg/types/const.go). */
const FIXED: Readonly<Record<string, string>> = {
  ovn_cluster_router: "cluster router",
  transit_router: "transit router",
  join: "join switch",
  transit_switch: "transit switch",
  ovn_layer2_switch: "layer2 switch",
  ovn_localnet_switch: "localnet switch",
};

/** What a router is. The cluster's own network has OVN-Kubernetes' names too, without a prefix. */
export function routerPlace(network: string, row: AnyRow): Place {
  const { prefix, fixed } = namesOf(network, row);
  const node = nodeOf(`GR_${prefix}`, row);
  if (node !== undefined) return { kind: "gateway", what: "gateway router", node };
  return { kind: "router", what: fixed?.endsWith("router") === true ? fixed : "router" };
}

/** What a switch is. */
export function switchPlace(view: ReadView, network: string, row: AnyRow): Place {
  const { prefix, fixed } = namesOf(network, row);
  const kind = "switch";
  const outer = nodeOf(`ext_${prefix}`, row);
  if (outer !== undefined) return { kind, what: "external switch", node: outer };
  const node = network === "" ? nodeOfRouterPort(view, text(row, "name")) : nodeOfSwitch(network, row);
  if (node !== undefined && isNode(network, row)) return { kind, what: "switch", node };
  return { kind, what: fixed?.endsWith("switch") === true ? fixed : "switch" };
}

function namesOf(
  network: string,
  row: AnyRow,
): { readonly prefix: string; readonly fixed: string | undefined } {
  const prefix = network === "" ? "" : namePrefix(network);
  const name = text(row, "name");
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
  return { prefix, fixed: Object.hasOwn(FIXED, rest) ? FIXED[rest] : undefined };
}

function nodeOf(prefix: string, row: AnyRow): string | undefined {
  const name = text(row, "name");
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined;
}

function nodeOfRouterPort(view: ReadView, name: string): string | undefined {
  return view.find("Logical_Router_Port", { name: `rtos-${name}` }).length > 0 ? name : undefined;
}

/** Only layer3 networks have switches of nodes; what a foreign tool hangs into a network may have any name. */
function isNode(network: string, row: AnyRow): boolean {
  return network === "" || text(row, "external_ids", "k8s.ovn.org/topology") === "layer3";
}
