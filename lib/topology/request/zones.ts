import { SpecError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import type { AttachmentInput, Mode, NodeInput, TopologyOptions } from "./inputs.ts";

/** Nodes by what their database holds of them: everything, or only the way there. */
export interface NodesByZone {
  /** Those of this database; without zones all of them. */
  readonly local: readonly NodeInput[];
  /** Those of other zones. */
  readonly remote: readonly NodeInput[];
}

/** The zone of a node; one that says none has a zone of its own, as every node has in today's OVN-Kubernetes. */
export function zoneOf({ name, zone = "" }: NodeInput): string {
  return zone === "" ? name : zone;
}

/** Throws `SpecError` when mode, zone and profile do not go together. */
export function checkMode({ mode, zone = "", profile }: TopologyOptions): void {
  if (mode === "central" && zone !== "") throw fault("zone", zone, "goes with mode interconnect only");
  if (mode === "central") return;
  if (zone === "") throw fault("zone", zone, "is needed in mode interconnect: the zone of this database");
  if (profile !== "ovn-kubernetes")
    throw fault("mode", mode, `is not possible with profile ${profile}: it knew one database only`);
}

/** Divides nodes into those of this database's zone and all others. */
export function splitNodes(nodes: readonly NodeInput[], { mode, zone }: TopologyOptions): NodesByZone {
  if (mode === "central") return { local: nodes, remote: [] };
  return {
    local: nodes.filter((node) => zoneOf(node) === zone),
    remote: nodes.filter((node) => zoneOf(node) !== zone),
  };
}

/**
 * Throws `SpecError` when no node is in this database's zone: with a misspelt zone every node would be remote, and pruning
 * would take away all that is here.
 */
export function checkZone(nodes: readonly NodeInput[], { mode, zone }: TopologyOptions): void {
  if (mode === "central" || nodes.length === 0 || nodes.some((node) => zoneOf(node) === zone)) return;
  const zones = [...new Set(nodes.map(zoneOf))].toSorted();
  const named = zones.slice(0, 5).join(", ") + (zones.length > 5 ? ", ..." : "");
  throw fault("zone", zone, `is the zone of no node; theirs are ${named}`);
}

/**
 * Whether a pod has a port in this database: on a switch over all zones every pod has one everywhere, on others only where
 * it runs (go-controller/pkg/ovn/base_network_controller_user_defined.go).
 *
 * @param remote Names of nodes of other zones.
 */
export function hasPortHere(
  { topology }: NetworkSpec,
  { node }: Pick<AttachmentInput, "node">,
  remote: ReadonlySet<string>,
): boolean {
  return topology === "layer2" || !remote.has(node);
}

/**
 * Throws `SpecError` for a pod whose port is in the database of another zone only: where it is attached, that is told before its
 * node is looked for, of which there is no switch here and never will be.
 */
export function checkPortHere(
  spec: NetworkSpec,
  { namespace, name }: Pick<AttachmentInput, "namespace" | "name">,
  node: NodeInput,
  { mode, zone = "" }: { readonly mode?: Mode | undefined; readonly zone?: string | undefined },
): void {
  if (mode !== "interconnect" || zone === "" || zoneOf(node) === zone || spec.topology === "layer2") return;
  const message =
    `pod ${namespace}/${name} runs on node ${node.name} of another zone, whose database holds its port: ` +
    `the node is of zone ${zoneOf(node)}, this database of zone ${zone}`;
  throw new SpecError(message, { path: `pods[${namespace}/${name}].node`, value: node.name });
}

const none: ReadonlySet<string> = new Set();

/** Names of nodes of other zones. */
export function remoteNames(nodes: readonly NodeInput[], options: TopologyOptions): ReadonlySet<string> {
  return options.mode === "central"
    ? none
    : new Set(splitNodes(nodes, options).remote.map(({ name }) => name));
}
