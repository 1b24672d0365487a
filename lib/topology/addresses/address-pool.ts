import {
  type Address,
  addressAt,
  type Cidr,
  containsAddress,
  formatAddress,
  type Interval,
} from "../description/address.ts";
import { macOfAddress } from "../description/mac.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import type { AddressBook } from "./address-book.ts";

/** Upstream's allocator keeps a bitmap of this size for an IPv6 subnet, so nothing above it is given out by itself. */
const lastIpv6Offset = 65_535n;

/** One subnet from which ports get addresses. */
export class AddressPool {
  readonly subnet: Cidr;
  /** Addresses with an owner of their own, by offset from the first: the router port, the management address. */
  readonly #reserved: ReadonlyMap<bigint, string>;
  /** Not given out, by themselves or on request. */
  readonly #forbidden: readonly Interval[];
  /** Not given out by themselves; sorted, not overlapping. */
  readonly #excluded: readonly Interval[];
  /** Everything between the first usable address and this one was found held or excluded. */
  #cursor: bigint;

  constructor(
    subnet: Cidr,
    options: {
      readonly reserved?: ReadonlyMap<bigint, string>;
      readonly excluded?: readonly Interval[];
      /** Given out on request only. */
      readonly onRequest?: readonly Interval[];
    } = {},
  ) {
    this.subnet = subnet;
    this.#reserved = options.reserved ?? new Map();
    const { excluded = [], onRequest = [] } = options;
    this.#forbidden = excluded;
    this.#excluded = merge([...excluded, ...onRequest].filter((range) => range.family === subnet.family));
    this.#cursor = subnet.first + 1n;
  }

  contains(address: Address): boolean {
    return containsAddress(this.subnet, address);
  }

  /** Why no port can ever have this address of the subnet, or undefined when one can. */
  unusable(address: Address): string | undefined {
    if (address.value === this.subnet.first) {
      return `is the network address of ${this.subnet.text}`;
    }
    if (address.family === 4 && address.value === this.subnet.last) {
      return `is the broadcast address of ${this.subnet.text}`;
    }
    const reserved = this.#reserved.get(address.value - this.subnet.first);
    return reserved && `is reserved for ${reserved}`;
  }

  /** Whose MAC this is, of those that have addresses of their own here; theirs are made from these. */
  ownerOfMac(mac: string): string | undefined {
    for (const [offset, owner] of this.#reserved)
      if (macOfAddress(addressAt(this.subnet, offset)) === mac) return owner;
    return undefined;
  }

  isExcluded(address: Address): boolean {
    return this.#forbidden.some((range) => containsAddress(range, address));
  }

  /**
   * The lowest address that may be given out, or undefined when the subnet is full.
   *
   * @param held What ports have. Not asked again about what lies before an address that was given out: nothing is given back.
   * @param isClaimed Whether the address is unavailable for now though no port has it.
   * @param from The first address that is looked at: of those before it the caller knows that they are held or claimed.
   */
  lowestFree(
    held: Pick<AddressBook, "isHeld" | "after">,
    isClaimed: (address: string) => boolean,
    from: bigint = this.#cursor,
  ): string | undefined {
    const { family, first, last } = this.subnet;
    const end = family === 4 ? last - 1n : min(last, first + lastIpv6Offset);
    let contiguous = from <= this.#cursor;
    let value = contiguous ? this.#cursor : from;
    while (value <= end) {
      const skipped = this.#excluded.find((range) => range.first <= value && value <= range.last);
      const text = formatAddress({ family, value });
      if (skipped) {
        value = skipped.last + 1n;
      } else if (this.#reserved.has(value - first)) {
        value += 1n;
      } else if (held.isHeld(text)) {
        value = held.after({ family, value });
      } else if (isClaimed(text)) {
        contiguous = false;
        value += 1n;
      } else {
        return text;
      }
      if (contiguous) {
        this.#cursor = value;
      }
    }
    return undefined;
  }
}

/** The pool of a subnet that all nodes share. On a primary network routers and nodes have addresses in it, too. */
export function commonPool(spec: NetworkSpec, subnet: Cidr): AddressPool {
  const { reserved = [], infrastructure = [], gateways = [], managements = [] } = spec.primary ?? {};
  const owners = (addresses: readonly Address[], owner: string): [bigint, string][] =>
    addresses
      .filter((address) => containsAddress(subnet, address))
      .map((address) => [address.value - subnet.first, `${owner} ${formatAddress(address)}`]);
  return new AddressPool(subnet, {
    reserved: new Map([
      ...owners(gateways, "the gateway"),
      ...owners(managements, "the nodes' management ports"),
    ]),
    excluded: [...spec.excludes, ...infrastructure],
    onRequest: spec.dhcp?.router ? [...reserved, single(spec.dhcp.router)] : reserved,
  });
}

/** Whoever is to be the network's router asks for that address. */
function single({ family, value }: Address): Interval {
  return { family, first: value, last: value };
}

/** The pool of a node's subnet in a layer3 network: the router port has the first address, management the second. */
export function nodePool(subnet: Cidr): AddressPool {
  const reserved = new Map([
    [1n, `the router port ${formatAddress(addressAt(subnet, 1n))}`],
    [2n, "the node's management port"],
  ]);
  return new AddressPool(subnet, { reserved });
}

function merge(ranges: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const range of ranges.toSorted((a, b) => compare(a.first, b.first))) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1n) {
      merged[merged.length - 1] = {
        ...previous,
        last: max(range.last, previous.last),
      };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Math.min and Math.max take no bigint.
function min(a: bigint, b: bigint): bigint {
  return compare(a, b) < 0 ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return compare(a, b) > 0 ? a : b;
}
