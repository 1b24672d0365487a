import {
  type Cidr,
  containsRange,
  makeCidr,
  overlaps,
  parseAddress,
  parseCidr,
} from "../description/address.ts";
import type { Subnet } from "../description/network-spec.ts";
import { NodeSubnetRange } from "../description/node-subnet-range.ts";
import type { ObservedNode } from "./inputs.ts";
import type { Holding, SubnetHolders } from "./subnet-holders.ts";

/** Which subnets are given to whom. */
export class SubnetLedger implements SubnetHolders {
  /** By text; somebody may have given one subnet to two nodes. */
  readonly #byText = new Map<string, Holding[]>();
  /** Subnets of another length than their range gives out; comparing texts does not find their overlaps. */
  #irregular: Holding[] = [];
  readonly #byNode = new Map<string, Cidr[]>();
  readonly #ranges: readonly Subnet[];
  /** By the text of the range. */
  readonly #firstFree = new Map<string, bigint>();

  constructor(ranges: readonly Subnet[]) {
    this.#ranges = ranges;
  }

  holder(subnet: Cidr, counts: (node: string) => boolean): Holding | undefined {
    const same = this.#byText.get(subnet.text);
    const exact = same?.findLast(({ node }) => counts(node));
    if (exact !== undefined) return exact;
    // As a rule: then texts tell all.
    if (this.#irregular.length === 0 && this.#isRegular(subnet)) return undefined;
    const overlapping = (entry: Holding): boolean => counts(entry.node) && overlaps(entry.subnet, subnet);
    if (!this.#isRegular(subnet)) {
      for (const entries of this.#byText.values()) {
        const found = entries.find(overlapping);
        if (found !== undefined) return found;
      }
    }
    return this.#irregular.find(overlapping);
  }

  give(subnet: Cidr, node: string): void {
    const has = this.#byNode.get(node)?.some(({ text }) => text === subnet.text);
    if (has === true) return;
    const entry = { subnet, node };
    if (this.#isRegular(subnet)) append(this.#byText, subnet.text, entry);
    else this.#irregular.push(entry);
    append(this.#byNode, node, subnet);
  }

  /** Gives a node what the database shows as its own. */
  observe(node: ObservedNode): void {
    for (const subnet of this.subnetsOf(node)) this.give(subnet, node.name);
  }

  /** Takes everything from a node. */
  release(node: string): void {
    const subnets = this.#byNode.get(node);
    if (subnets === undefined) return;
    this.#byNode.delete(node);
    this.#firstFree.clear();
    for (const { text } of subnets) {
      const left = (this.#byText.get(text) ?? []).filter((entry) => entry.node !== node);
      if (left.length > 0) this.#byText.set(text, left);
      else this.#byText.delete(text);
    }
    this.#irregular = this.#irregular.filter((entry) => entry.node !== node);
  }

  firstFree(range: Subnet, leftOut: Iterable<string>): bigint {
    for (const node of leftOut) if (this.#byNode.has(node)) return 0n;
    const numbers = new NodeSubnetRange(range, this.#firstFree.get(range.text));
    const number = numbers.skipTo((candidate) => this.holder(candidate, () => true) === undefined);
    this.#firstFree.set(range.text, number);
    return number;
  }

  /** The first of each family that lies in the network. */
  subnetsOf(node: ObservedNode): readonly Cidr[] {
    const found: Cidr[] = [];
    for (const subnet of parsed(node)) {
      const isFirst = !found.some(({ family }) => family === subnet.family);
      if (isFirst && this.#range(subnet) !== undefined) found.push(subnet);
    }
    return found;
  }

  #isRegular(subnet: Cidr): boolean {
    return this.#range(subnet)?.hostPrefix === subnet.prefix;
  }

  #range(subnet: Cidr): Subnet | undefined {
    for (const range of this.#ranges) if (containsRange(range, subnet)) return range;
    return undefined;
  }
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
  const address = text.includes("/") ? undefined : parseAddress(text);
  const subnet = address?.family === 6 ? makeCidr(address, 64) : parseCidr(text);
  return subnet === undefined ? [] : [subnet];
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
