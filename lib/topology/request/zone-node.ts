import { type Cidr, makeCidr, overlaps, parseInterface } from "../description/address.ts";
import { cidrProblem } from "../description/cidr-problem.ts";
import {
  formatInterface,
  type InterfaceAddress,
  interfaceAt,
  isUsable,
  linkAt,
} from "../description/interface-address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import type { NodeInput } from "./inputs.ts";

/** What all zones must know of a node alike: nothing of it is made up here. */
export interface ZoneNode {
  readonly name: string;
  readonly id: number;
  readonly chassis: string;
}

/** A node, and its place on the switch between the zones of a layer3 network. */
export interface TransitNode extends ZoneNode {
  /** IPv4 first; one for each family of the network at least. */
  readonly transit: readonly InterfaceAddress[];
}

/** Throws `SpecError` for what is missing or wrong, with the name of the annotation that upstream keeps it in. */
export function zoneNode(spec: NetworkSpec, node: NodeInput): ZoneNode {
  const { name, id } = node;
  if (id === undefined) throw missing(spec, node, "id", "node-id");
  if (!Number.isInteger(id) || id < 1) throw fault(`nodes[${name}].id`, id, "must be a whole number from 1");
  return { name, id, chassis: zoneChassis(spec, node) };
}

/** The chassis of a node. A name in its place would be one that other zones do not know. */
export function zoneChassis(spec: NetworkSpec, node: NodeInput): string {
  const { chassisId = "" } = node;
  if (chassisId === "") throw missing(spec, node, "chassisId", "node-chassis-id");
  return chassisId;
}

/** {@link zoneNode}, with the node's addresses between the zones. */
export function transitNode(spec: NetworkSpec, node: NodeInput): TransitNode {
  const { transitAddresses: texts } = node;
  const path = `nodes[${node.name}].transitAddresses`;
  if (texts === undefined || texts.length === 0)
    throw missing(spec, node, "transitAddresses", "node-transit-switch-port-ifaddr");
  const parsed = texts.map((text) => {
    const address = parseInterface(text);
    if (!address) throw fault(path, text, cidrProblem(text));
    if (!isUsable(address)) throw fault(path, text, "is no address that an interface can have");
    return address;
  });
  const transit = ([4, 6] as const).flatMap((family) => {
    const own = parsed.filter(({ address }) => address.family === family);
    if (own.length > 1) throw fault(path, texts, "must be one of a family at most");
    const subnet = spec.subnets.find((each) => each.family === family);
    if (own.length === 0 && subnet)
      throw fault(
        path,
        texts,
        `have none of IPv${family}, which the subnet ${subnet.text} of network "${spec.name}" needs`,
      );
    return own;
  });
  for (const { address, prefix } of transit) {
    const range = makeCidr(address, prefix);
    const own = [...spec.subnets, ...(spec.primary?.joinSubnets ?? [])].find((each) => overlaps(each, range));
    if (own)
      throw fault(
        path,
        formatInterface({ address, prefix }),
        `overlap with ${own.text} of network "${spec.name}": its router would have both`,
      );
  }
  return { ...zoneNode(spec, node), transit };
}

/** Throws `SpecError` when a node does not say which part of a layer3 network it was given, one of each family. */
export function checkNodeSubnets(spec: NetworkSpec, node: NodeInput): void {
  const texts = node.subnets?.[spec.name];
  if (texts === undefined || texts.length === 0) throw missing(spec, node, "subnets", "node-subnets");
  for (const family of [4, 6] as const) {
    const isOf = (text: string): boolean => parseInterface(text.trim())?.address.family === family;
    if (spec.subnets.some((each) => each.family === family) && !texts.some(isOf))
      throw fault(
        `nodes[${node.name}].subnets`,
        texts,
        `have none of IPv${family} for network "${spec.name}" (annotation k8s.ovn.org/node-subnets)`,
      );
  }
}

/** The address of a node's gateway router in each join subnet of a primary network, IPv4 first. */
export function joinsOf(spec: NetworkSpec, node: ZoneNode): InterfaceAddress[] {
  return (spec.primary?.joinSubnets ?? []).map((range) => {
    const join = inRange(spec, node, range, interfaceAt(range, node.id));
    if (spec.topology === "layer3" && node.id === 1)
      throw fault(
        `nodes[${node.name}].id`,
        node.id,
        `leads to ${formatInterface(join)}, which the cluster router of network "${spec.name}" has; upstream's begin with 2`,
      );
    return join;
  });
}

/** The links between transit router and a node's gateway router on a primary layer2 network, one for each subnet. */
export function linksOf(
  spec: NetworkSpec,
  node: ZoneNode,
): { readonly router: InterfaceAddress; readonly gateway: InterfaceAddress }[] {
  return (spec.primary?.transitSubnets ?? []).map((range) => {
    const { near, far } = inRange(spec, node, range, linkAt(range, node.id));
    return { router: near, gateway: far };
  });
}

/** Numbers of nodes may be higher than a range has addresses. */
export function inRange<T>(
  spec: NetworkSpec,
  node: Pick<ZoneNode, "name" | "id">,
  range: Cidr,
  found: T | undefined,
): T {
  if (found !== undefined) return found;
  throw fault(`nodes[${node.name}].id`, node.id, `has no address in ${range.text} of network "${spec.name}"`);
}

function missing(spec: NetworkSpec, node: NodeInput, field: keyof NodeInput, annotation: string): Error {
  return fault(
    `nodes[${node.name}].${field}`,
    node[field],
    `is missing: network "${spec.name}" needs it in mode interconnect (annotation k8s.ovn.org/${annotation})`,
  );
}
