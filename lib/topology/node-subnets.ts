import {
  addressAt,
  type Cidr,
  containsRange,
  type Family,
  formatAddress,
  makeCidr,
  overlaps,
  parseAddress,
  parseCidr,
} from "./address.ts";
import { AddressError } from "./errors.ts";
import type { NodeInput, ObservedNode } from "./inputs.ts";
import { macOfAddress } from "./mac.ts";
import type { NetworkSpec, Subnet } from "./network-spec.ts";
import { NodeSubnetRange } from "./node-subnet-range.ts";

/** Which subnets are given to whom. */
class Ledger {
  readonly #byText = new Map<string, { subnet: Cidr; node: string }>();
  /** Subnets of another length than their range gives out; comparing texts does not find their overlaps. */
  readonly #irregular: { subnet: Cidr; node: string }[] = [];
  readonly #ranges: readonly Subnet[];

  constructor(ranges: readonly Subnet[]) {
    this.#ranges = ranges;
  }

  range(subnet: Cidr): Subnet | undefined {
    return this.#ranges.find((range) => containsRange(range, subnet));
  }

  /** Another node that has a part of this subnet. */
  holder(subnet: Cidr, node: string): { subnet: Cidr; node: string } | undefined {
    const exact = this.#byText.get(subnet.text);
    if (exact && exact.node !== node) {
      return exact;
    }
    const regular = this.range(subnet)?.hostPrefix === subnet.prefix;
    const candidates = regular ? this.#irregular : [...this.#byText.values(), ...this.#irregular];
    return candidates.find((entry) => entry.node !== node && overlaps(entry.subnet, subnet));
  }

  give(subnet: Cidr, node: string): void {
    if (this.range(subnet)?.hostPrefix === subnet.prefix) {
      this.#byText.set(subnet.text, { subnet, node });
    } else {
      this.#irregular.push({ subnet, node });
    }
  }
}

/**
 * Gives every node of a layer3 network one subnet per family, IPv4 first.
 *
 * Recorded subnets come first, then those the database shows, then the lowest free one in upstream's numbering, nodes in
 * order of their names. A node that is not in this call keeps what it has.
 *
 * @param isClaimed Whether a free subnet is not to be given to a node for now. Asked of first subnets only: those of a second
 *   family are not claimed.
 * @throws AddressError for a recorded subnet outside the network or of two nodes, and when no subnet is left.
 */
export function allocateNodeSubnets(
  spec: NetworkSpec,
  nodes: readonly NodeInput[],
  observed: readonly ObservedNode[],
  isClaimed: (subnet: Cidr, node: string) => boolean,
): ReadonlyMap<string, readonly Cidr[]> {
  const ledger = new Ledger(spec.subnets);
  const given = new Map<string, Map<Family, Cidr>>(nodes.map((node) => [node.name, new Map()]));
  for (const node of observed) {
    if (!given.has(node.name)) {
      firstOfEachFamily(parsed(node), ledger).forEach((subnet) => {
        ledger.give(subnet, node.name);
      });
    }
  }
  for (const node of nodes) {
    for (const subnet of recordedSubnets(spec, node, ledger)) {
      ledger.give(subnet, node.name);
      given.get(node.name)?.set(subnet.family, subnet);
    }
  }
  const observedByName = new Map(
    observed.flatMap((node) => (given.has(node.name) ? [[node.name, parsed(node)]] : [])),
  );
  for (const { name } of nodes) {
    for (const subnet of firstOfEachFamily(observedByName.get(name) ?? [], ledger)) {
      const own = given.get(name);
      if (own && !own.has(subnet.family) && !ledger.holder(subnet, name)) {
        ledger.give(subnet, name);
        own.set(subnet.family, subnet);
      }
    }
  }
  const ranges = spec.subnets.map((subnet) => new NodeSubnetRange(subnet));
  const families = ([4, 6] as const).filter((family) => ranges.some((range) => range.family === family));
  return new Map(
    nodes.map(({ name }) => {
      const own = given.get(name);
      const subnets = families.map((family, index) => {
        const isFree = (candidate: Cidr): boolean =>
          ledger.holder(candidate, name) === undefined && !(index === 0 && isClaimed(candidate, name));
        const subnet = own?.get(family) ?? lowestFree(spec, name, family, ranges, isFree);
        ledger.give(subnet, name);
        return subnet;
      });
      return [name, subnets];
    }),
  );
}

/**
 * Reads which subnets a node switch has, from everything in the database that tells of them.
 *
 * The switch's `other_config` and the networks of the router port on it say the same unless someone changed one of them;
 * then `exclude_ips` (the second address of the IPv4 subnet) or the router port's MAC (from the first address) decides.
 * A router port that is not there is an empty list and an empty text.
 *
 * @returns Candidates for {@link ObservedNode.subnets}, the one to be believed first.
 */
export function readNodeSubnets(
  otherConfig: Readonly<Record<string, string>>,
  routerPort: { readonly networks: readonly string[]; readonly mac: string },
): string[] {
  const prefix6 = otherConfig["ipv6_prefix"];
  const written = [otherConfig["subnet"], prefix6 && `${prefix6}/64`].flatMap(
    (text) => parseCidr(text ?? "") ?? [],
  );
  const routed = routerPort.networks.flatMap((text) => parseCidr(text) ?? []);
  const vouched = (subnet: Cidr): boolean =>
    otherConfig["exclude_ips"] === formatAddress(addressAt(subnet, 2n)) ||
    routerPort.mac.toLowerCase() === macOfAddress(addressAt(subnet, 1n));
  const candidates = [...routed, ...written];
  const believed = [...candidates.filter(vouched), ...candidates.filter((subnet) => !vouched(subnet))];
  return [...new Set(believed.map((subnet) => subnet.text))];
}

function recordedSubnets(spec: NetworkSpec, node: NodeInput, ledger: Ledger): Cidr[] {
  const recorded: Cidr[] = [];
  for (const text of node.subnets?.[spec.name] ?? []) {
    const fail = (problem: string): AddressError =>
      new AddressError(`node ${node.name}: subnet ${text} of network "${spec.name}" ${problem}`, {
        path: `nodes[${node.name}].subnets`,
        value: text,
      });
    const subnet = parseCidr(text.trim());
    if (!subnet) {
      throw fail("is not address/length");
    }
    if (!ledger.range(subnet)) {
      throw fail(`is not in ${spec.subnets.map((range) => range.text).join(", ")}`);
    }
    if (recorded.some((other) => other.family === subnet.family)) {
      throw fail("is the second of its family; a node has one");
    }
    const other = ledger.holder(subnet, node.name);
    if (other) {
      throw fail(
        other.subnet.text === subnet.text
          ? `belongs to node ${other.node}`
          : `overlaps with ${other.subnet.text} of node ${other.node}`,
      );
    }
    recorded.push(subnet);
  }
  return recorded;
}

/** What the subnets of an observed node are, once they were read: most are asked about in one plan after another. */
const parsedNodes = new WeakMap<ObservedNode, readonly Cidr[]>();

function parsed(node: ObservedNode): readonly Cidr[] {
  const known = parsedNodes.get(node) ?? node.subnets.flatMap(parseSubnet);
  parsedNodes.set(node, known);
  return known;
}

/** `other_config:ipv6_prefix` has no length. */
function parseSubnet(text: string): readonly Cidr[] {
  const address = parseAddress(text);
  const subnet = address?.family === 6 ? makeCidr(address, 64) : parseCidr(text);
  return subnet === undefined ? [] : [subnet];
}

function firstOfEachFamily(subnets: readonly Cidr[], ledger: Ledger): Cidr[] {
  const found = new Map<Family, Cidr>();
  for (const subnet of subnets) {
    if (!found.has(subnet.family) && ledger.range(subnet)) {
      found.set(subnet.family, subnet);
    }
  }
  return [...found.values()];
}

function lowestFree(
  spec: NetworkSpec,
  node: string,
  family: Family,
  ranges: readonly NodeSubnetRange[],
  isFree: (candidate: Cidr) => boolean,
): Cidr {
  const sameFamily = ranges.filter((range) => range.family === family);
  for (const range of sameFamily) {
    const subnet = range.next(isFree);
    if (subnet) {
      return subnet;
    }
  }
  const full = sameFamily.map((range) => range.text).join(", ");
  throw new AddressError(`node ${node}: network "${spec.name}" has no free subnet left in ${full}`, {
    path: `nodes[${node}].subnets`,
    value: full,
  });
}
