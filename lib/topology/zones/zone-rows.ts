import type { DesiredRow } from "../../reconcile/index.ts";
import { type Cidr, formatAddress } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { gatewayRouterName } from "../naming/names.ts";
import type { NodeInput, Observed, TopologyOptions } from "../request/inputs.ts";
import { checkNodeSubnets, transitNode, zoneNode } from "../request/zone-node.ts";
import { type NodesByZone, splitNodes, zoneOf } from "../request/zones.ts";
import type { NetworkContext } from "../rows/network-context.ts";
import { remoteGatewayRows } from "./zone-layer2.ts";
import { localTransitRows, remoteTransitRows, transitSwitchRow } from "./zone-layer3.ts";

/**
 * What joins the zones of a network: nothing on localnet, which the physical network joins, and on secondary layer2 networks,
 * whose pods' ports do.
 *
 * @param subnets Layer3: what each node has.
 */
export function zoneRows(
  context: NetworkContext,
  { local, remote }: NodesByZone,
  subnets: ReadonlyMap<string, readonly Cidr[]>,
): DesiredRow[] {
  const { spec, keys } = context;
  if (keys === undefined) return [];
  if (spec.topology === "layer3")
    return [
      transitSwitchRow(context, keys.transitSwitch),
      ...local.flatMap((node) => localTransitRows(context, transitNode(spec, node))),
      ...remote.flatMap((node) =>
        remoteTransitRows(context, transitNode(spec, node), subnets.get(node.name) ?? []),
      ),
    ];
  return spec.primary ? remote.flatMap((node) => remoteGatewayRows(context, zoneNode(spec, node))) : [];
}

/** Throws `SpecError` for what must agree between zones and is not told, or contradicts what is here. */
export function checkZones(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  options: TopologyOptions,
  observed: Observed,
): void {
  if (spec.topology === "layer3") for (const node of nodes) checkNodeSubnets(spec, node);
  const here = new Set([
    ...observed.nodes.map(({ name }) => name),
    ...(observed.routers ?? []).map(({ name }) => name),
  ]);
  for (const node of splitNodes(nodes, options).remote)
    if (here.has(node.name) || here.has(gatewayRouterName(spec.name, node.name)))
      throw fault(
        `nodes[${node.name}].zone`,
        zoneOf(node),
        `is not ${options.zone}, the zone of this database, which holds the node's own rows of network "${spec.name}": ` +
          "prune takes them away",
      );
  const owners = new Map<number, string>();
  for (const { name, id } of spec.topology === "localnet" ? [] : nodes) {
    const owner = id === undefined ? undefined : owners.get(id);
    if (owner !== undefined) throw fault(`nodes[${name}].id`, id, `is that of node ${owner}`);
    if (id !== undefined) owners.set(id, name);
  }
  if (spec.topology === "layer3") checkTransitAddresses(spec, nodes);
}

/** All nodes' addresses are on one switch. */
function checkTransitAddresses(spec: NetworkSpec, nodes: readonly NodeInput[]): void {
  const owners = new Map<string, string>();
  for (const node of nodes)
    for (const { address } of transitNode(spec, node).transit) {
      const text = formatAddress(address);
      const owner = owners.get(text);
      if (owner !== undefined)
        throw fault(`nodes[${node.name}].transitAddresses`, text, `is an address of node ${owner}, too`);
      owners.set(text, node.name);
    }
}
