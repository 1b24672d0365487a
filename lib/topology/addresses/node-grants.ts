import { type Cidr, containsRange, makeCidr } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { subnetClaim } from "../naming/ids.ts";
import { routerToSwitchPortName } from "../naming/names.ts";
import type { NodeInput, Observed, ObservedRouterPorts } from "../request/inputs.ts";
import { allocateNodeSubnets } from "./node-subnets.ts";

/** The subnets of one node of a layer3 network, and what keeps others from them. */
export interface NodeGrant {
  /** One for each family, IPv4 first. */
  readonly subnets: readonly Cidr[];
  /** Uuid for a new router port: the claim on the first subnet. Absent when the port is there, or another holds the claim. */
  readonly claim?: string;
  /** Something is given to the node that the database did not show as its own. */
  readonly isNew: boolean;
  /** Nothing in the rows keeps another writer from the same subnet; the transaction must. */
  readonly exclusive: boolean;
  /** Nor does it show in what others guard or claim: the transaction has to mark the router. */
  readonly unseen: boolean;
}

const noPorts: ObservedRouterPorts = { nameOf: () => undefined, has: () => false };

/**
 * Gives every node its subnets, see {@link allocateNodeSubnets}, and claims the first of each by the uuid of the node's
 * router port: of two nodes that are given one subnet at the same moment, the second is refused as a duplicate.
 */
export function grantSubnets(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  observed: Observed,
): ReadonlyMap<string, NodeGrant> {
  const { routerPorts: ports = noPorts, leaving = () => false, reserved = () => false } = observed;
  const heldByAnother = (claim: string, node: string): string | undefined => {
    const holder = ports.nameOf(claim);
    return holder === undefined || holder === routerToSwitchPortName(spec.name, node) ? undefined : holder;
  };
  const isClaimed = (subnet: Cidr, node: string): boolean => {
    const claim = subnetClaim(spec.name, subnet.text);
    return reserved(claim) || (heldByAnother(claim, node) !== undefined && !leaving(claim));
  };
  const known = new Map<string, readonly string[]>();
  for (const { name, subnets } of observed.nodes) known.set(name, subnets);
  const claimed = new Set<string>();
  const grant = (node: string, subnets: readonly Cidr[]): NodeGrant => {
    const first = subnets[0];
    if (first === undefined) throw new Error(`node ${node} has no subnet in network "${spec.name}"`);
    const before = known.get(node);
    const isNew = ({ text }: Cidr): boolean => before?.includes(text) !== true;
    const isAnyNew = subnets.some(isNew);
    const isThere = ports.has(routerToSwitchPortName(spec.name, node));
    if (isThere && !isAnyNew) return { subnets, isNew: false, exclusive: false, unseen: false };
    const part = claimedPart(spec, first);
    const claim = subnetClaim(spec.name, part.text);
    // Of two nodes with pieces of one part only one can claim it.
    const isFree = heldByAnother(claim, node) === undefined && !claimed.has(claim);
    const isSafe = isFree && part.text === first.text && !isThere;
    // The claim speaks for the first subnet only.
    const exclusive = subnets.some((subnet) => isNew(subnet) && !(subnet === first && isSafe));
    // The port of a node that is there changes, and not the router; and a new port says nothing to those who claim other parts.
    const unseen = exclusive && (isThere || (isNew(first) && !isSafe));
    if (!isFree || isThere) return { subnets, isNew: isAnyNew, exclusive, unseen };
    claimed.add(claim);
    return { subnets, claim, isNew: isAnyNew, exclusive, unseen };
  };
  const allocated = allocateNodeSubnets(spec, nodes, observed.nodes, isClaimed, observed.others);
  const grants = new Map<string, NodeGrant>();
  for (const [node, subnets] of allocated) grants.set(node, grant(node, subnets));
  return grants;
}

/** The part of the network, of the length that nodes get, in which a subnet begins: itself, but for those of another length. */
function claimedPart(spec: NetworkSpec, subnet: Cidr): Cidr {
  const range = spec.subnets.find((each) => containsRange(each, subnet));
  if (range?.hostPrefix === subnet.prefix) return subnet;
  return makeCidr({ family: subnet.family, value: subnet.first }, range?.hostPrefix ?? subnet.prefix);
}
