import {
  type Address,
  type Cidr,
  containsAddress,
  type Family,
  formatAddress,
  makeCidr,
  overlaps,
  parseAddress,
  parseCidr,
  parseInterface,
} from "../description/address.ts";
import { cidrProblem } from "../description/cidr-problem.ts";
import { type InterfaceAddress, isUsable, noHosts } from "../description/interface-address.ts";
import { parseMac } from "../description/mac.ts";
import { type Masquerade, masqueradeOf } from "../description/masquerade.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import type { GatewayInput, NodeInput, TopologyOptions } from "../request/inputs.ts";
import { nodesNumberPath } from "../request/network-number.ts";
import { joinsOf, linksOf } from "../request/zone-node.ts";

/** A node as a primary network needs it: what upstream wrote on it, checked, and the addresses that follow from that. */
export interface PrimaryNode {
  readonly name: string;
  readonly chassis: string;
  readonly id: number;
  readonly gatewayMtu: boolean;
  readonly bridge: string;
  readonly mac: string;
  readonly ips: readonly InterfaceAddress[];
  /** The default gateway of each family. */
  readonly nextHops: readonly Address[];
  readonly nodePort: boolean;
  /** 0: untagged. */
  readonly vlan: number;
  /** Families of the cluster, IPv4 first. */
  readonly families: readonly Family[];
  /** One of each of the families. */
  readonly masquerades: readonly Masquerade[];
  /** The gateway router's address in the join subnet of each of the families. */
  readonly joins: readonly InterfaceAddress[];
  /** Layer2: the link between transit router and gateway router in each transit subnet. */
  readonly links: readonly { readonly router: InterfaceAddress; readonly gateway: InterfaceAddress }[];
}

/**
 * Checks that a node says all that a primary network needs.
 *
 * @throws SpecError for what is missing or wrong, with the name of the annotation that upstream keeps it in.
 */
export function primaryNode(
  spec: NetworkSpec,
  node: NodeInput,
  options: TopologyOptions,
  note: (text: string) => void,
): PrimaryNode {
  const missing = (field: keyof NodeInput, annotation: string): Error =>
    fault(
      `nodes[${node.name}].${field}`,
      node[field],
      `is missing: the primary network "${spec.name}" needs it (annotation k8s.ovn.org/${annotation})`,
    );
  const { gateway, id, chassisId } = node;
  if (chassisId === undefined || chassisId === "") throw missing("chassisId", "node-chassis-id");
  if (id === undefined) throw missing("id", "node-id");
  if (!Number.isInteger(id) || id < 1)
    throw fault(`nodes[${node.name}].id`, id, "must be a whole number from 1");
  if (gateway === undefined) throw missing("gateway", "l3-gateway-config");
  const outside = parseGateway(node.name, gateway, options, note);
  const families = ([4, 6] as const).filter((family) =>
    outside.ips.some(({ address }) => address.family === family),
  );
  for (const subnet of spec.subnets)
    if (!families.includes(subnet.family))
      throw fault(
        `nodes[${node.name}].gateway.ips`,
        gateway.ips,
        `have none of IPv${subnet.family}, which the subnet ${subnet.text} of network "${spec.name}" needs`,
      );
  const networkId = networkIdOf(spec, node);
  const ranges = (node.masqueradeSubnets ?? []).map((text) => {
    const range = parseCidr(text);
    if (!range) throw fault(`nodes[${node.name}].masqueradeSubnets`, text, cidrProblem(text));
    checkMasquerade(spec, node, range);
    return range;
  });
  const masquerades = families.map((family) => {
    const range = ranges.find((each) => each.family === family);
    if (!range) throw missing("masqueradeSubnets", `node-masquerade-subnet, IPv${family}`);
    const masquerade = masqueradeOf(range, networkId);
    if (masquerade) return masquerade;
    throw fault(
      `nodes[${node.name}].masqueradeSubnets`,
      range.text,
      `have no address for network "${spec.name}", whose id is ${networkId}: the range is too small`,
    );
  });
  const own = { name: node.name, id, chassis: chassisId };
  return {
    name: node.name,
    chassis: chassisId,
    id,
    gatewayMtu: node.gatewayMtuSupport !== false,
    ...outside,
    families,
    masquerades,
    joins: joinsOf(spec, own).filter(({ address }) => families.includes(address.family)),
    links: linksOf(spec, own),
  };
}

/** What is for the masquerade range goes to the node, and would not reach pods or routers of the network. */
function checkMasquerade(spec: NetworkSpec, node: NodeInput, range: Cidr): void {
  const { joinSubnets = [], transitSubnets = [] } = spec.primary ?? {};
  const own = [...spec.subnets, ...joinSubnets, ...transitSubnets].find((each) => overlaps(each, range));
  if (own)
    throw fault(
      `nodes[${node.name}].masqueradeSubnets`,
      range.text,
      `overlap with ${own.text} of network "${spec.name}"`,
    );
}

/** The network's id, from itself or from the node, which must agree. */
function networkIdOf(spec: NetworkSpec, node: NodeInput): number {
  const told = node.networkIds?.[spec.name];
  const path = nodesNumberPath(node.name, spec.name);
  if (told !== undefined && !(Number.isInteger(told) && told >= 1 && told <= 4095))
    throw fault(path, told, "must be a whole number from 1 to 4095");
  if (told !== undefined && spec.networkId !== undefined && told !== spec.networkId)
    throw fault(path, told, `is not the id of network "${spec.name}", which is ${spec.networkId}`);
  const id = spec.networkId ?? told;
  if (id !== undefined) return id;
  throw fault(
    `nodes[${node.name}].networkIds`,
    node.networkIds,
    `say no id of the primary network "${spec.name}", which has none of its own either (annotation k8s.ovn.org/network-id ` +
      "of its NetworkAttachmentDefinition, or k8s.ovn.org/network-ids of the node)",
  );
}

function parseGateway(
  name: string,
  gateway: GatewayInput,
  options: TopologyOptions,
  note: (text: string) => void,
): Pick<PrimaryNode, "bridge" | "mac" | "ips" | "nextHops" | "nodePort" | "vlan"> {
  const path = `nodes[${name}].gateway`;
  const { mode, bridge, nodePort = true, vlan = 0 } = gateway;
  if (mode !== options.gatewayMode)
    throw fault(
      `${path}.mode`,
      mode,
      `is not the gateway mode of the plan, which is ${options.gatewayMode}: the option gatewayMode sets it`,
    );
  if (bridge === "") throw fault(`${path}.bridge`, bridge, "must not be empty");
  const mac = parseMac(gateway.mac);
  if (mac === undefined) throw fault(`${path}.mac`, gateway.mac, "is not a MAC address of one interface");
  if (gateway.ips.length === 0) throw fault(`${path}.ips`, gateway.ips, "must not be empty");
  const ips = gateway.ips.map((text) => {
    const ip = parseInterface(text);
    if (ip) return ip;
    throw fault(`${path}.ips`, text, cidrProblem(text));
  });
  const hops = gateway.nextHops.map((text) => {
    const hop = parseAddress(text);
    if (!hop) throw fault(`${path}.nextHops`, text, "must be an IP address");
    const problem = nextHopProblem(hop, ips);
    if (problem !== undefined) throw fault(`${path}.nextHops`, text, problem);
    return hop;
  });
  if (!Number.isInteger(vlan) || vlan < 0 || vlan > 4095)
    throw fault(`${path}.vlan`, vlan, "must be a whole number from 0 to 4095");
  // Upstream writes one after the other into the same route, so that the last one stays.
  const nextHops = ([4, 6] as const).flatMap((family) => {
    const own = hops.filter((hop) => hop.family === family);
    const last = own.at(-1);
    if (own.length > 1 && last)
      note(
        `node ${name} has several default gateways of IPv${family}; as upstream does, only the last is used: ${formatAddress(last)}`,
      );
    return last ? [last] : [];
  });
  return { bridge, mac, ips, nextHops, nodePort, vlan };
}

/** IPv4's class E with its broadcast (RFC 6890). */
const CLASS_E = parseCidr("240.0.0.0/4");
const NO_ROUTERS: readonly Cidr[] = CLASS_E === undefined ? noHosts : [...noHosts, CLASS_E];

/** Why no router can be at an address, as far as the node's own tell: it may well be outside of their subnets. */
function nextHopProblem(hop: Address, ips: readonly InterfaceAddress[]): string | undefined {
  if (NO_ROUTERS.some((range) => containsAddress(range, hop))) return "is the address of no router";
  for (const { address, prefix } of ips) {
    if (address.family !== hop.family) continue;
    if (address.value === hop.value) return "is an address of the node itself";
    // Of IPv6 the first address is that of any router in the subnet (RFC 4291, section 2.6.1), and so a way out.
    if (address.family === 6) continue;
    if (containsAddress(makeCidr(address, prefix), hop) && !isUsable({ address: hop, prefix }))
      return `is no address that an interface can have in ${makeCidr(address, prefix).text}`;
  }
  return undefined;
}
