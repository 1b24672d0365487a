import { type Cidr, type Family, familyBits, makeCidr } from "./address.ts";
import type { Subnet } from "./network-spec.ts";

/** Upstream counts no further, whatever fits. */
const mostSubnets = 1n << 24n;

/**
 * The parts of one subnet that nodes get, in the order in which upstream's allocator gives them out
 * (go-controller/pkg/clustermanager/node/subnet_allocator.go).
 */
export class NodeSubnetRange {
  readonly family: Family;
  /** The whole range, `10.33.0.0/16`. */
  readonly text: string;
  readonly #subnet: Subnet;
  readonly #hostPrefix: number;
  readonly #hostBits: number;
  readonly #subnetBits: number;
  /** Everything before this number was found taken. */
  #cursor: bigint;

  /** @param from Number of the first part that may be free. */
  constructor(subnet: Subnet, from = 0n) {
    this.#subnet = subnet;
    this.#cursor = from;
    this.family = subnet.family;
    this.text = subnet.text;
    this.#hostPrefix = subnet.hostPrefix ?? familyBits(subnet.family);
    this.#hostBits = familyBits(subnet.family) - this.#hostPrefix;
    this.#subnetBits = this.#hostPrefix - subnet.prefix;
  }

  /** The next part that is free, or undefined when none is. What was refused once is not asked about again. */
  next(isFree: (candidate: Cidr) => boolean): Cidr | undefined {
    const number = this.skipTo(isFree);
    if (number >= this.#end) return undefined;
    this.#cursor += 1n;
    return this.at(number);
  }

  /** The number of the next part that is free, which is yet to be given out; behind the last one when none is. */
  skipTo(isFree: (candidate: Cidr) => boolean): bigint {
    for (; this.#cursor < this.#end; this.#cursor += 1n) {
      const candidate = this.at(this.#cursor);
      if (candidate && isFree(candidate)) break;
    }
    return this.#cursor;
  }

  get #end(): bigint {
    const total = 1n << BigInt(this.#subnetBits);
    return total < mostSubnets ? total : mostSubnets;
  }

  /** The part with this number; undefined for the numbers that upstream passes over. */
  at(number: bigint): Cidr | undefined {
    const position = this.#rotate(number);
    // An IPv6 subnet whose number ends in a zero group would be written shorter than its neighbours.
    if (this.family === 6 && this.#subnetBits >= 16 && (position & 0xffffn) === 0n) {
      return undefined;
    }
    const value = this.#subnet.first + (position << BigInt(this.#hostBits));
    return makeCidr({ family: this.family, value }, this.#hostPrefix);
  }

  /**
   * Where subnet and host share an octet of an IPv4 address, subnets whose bits in that octet are zero come first:
   * 10.1.0.0/26, 10.1.1.0/26, ..., 10.1.255.0/26, 10.1.0.64/26.
   */
  #rotate(number: bigint): bigint {
    const inSharedOctet = this.#hostBits % 8;
    const spansOctets =
      Math.floor((this.#hostBits - 1) / 8) !== Math.floor((this.#hostBits + this.#subnetBits - 1) / 8);
    if (this.family === 6 || inSharedOctet === 0 || !spansOctets) {
      return number;
    }
    const shift = BigInt(8 - inSharedOctet);
    const width = BigInt(this.#subnetBits);
    const mask = (1n << width) - 1n;
    return ((number << shift) & mask) | (number >> (width - shift));
  }
}
