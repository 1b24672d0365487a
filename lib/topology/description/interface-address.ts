import {
  type Address,
  addressAt,
  type Cidr,
  type Family,
  familyBits,
  formatAddress,
  type Interval,
  makeCidr,
  parseCidr,
} from "./address.ts";

/** Ranges that hold no address of a single host: unspecified, loopback and multicast (RFC 6890, RFC 4291 section 2.4). */
export const noHosts: readonly Cidr[] = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "224.0.0.0/4",
  "::/127",
  "ff00::/8",
].flatMap((text) => parseCidr(text) ?? []);

/** An address and the length of the subnet it is in, as an interface has them. */
export interface InterfaceAddress {
  readonly address: Address;
  readonly prefix: number;
}

/** `address/length`. */
export function formatInterface({ address, prefix }: InterfaceAddress): string {
  return `${formatAddress(address)}/${prefix}`;
}

/** The address without its length. */
export function bareAddress({ address }: InterfaceAddress): string {
  return formatAddress(address);
}

/** The address of that offset in a range, with the range's length; undefined where no interface can have it. */
export function interfaceAt(range: Cidr, offset: number): InterfaceAddress | undefined {
  const address = addressIn(range, offset);
  const found = address && { address, prefix: range.prefix };
  return found && isUsable(found) ? found : undefined;
}

/**
 * Whether an interface can have the address: it is neither the network's own nor IPv4's broadcast address, where a subnet
 * has them (RFC 1122, section 3.2.1.3; RFC 3021 for subnets of two; RFC 4291, section 2.6.1).
 */
export function isUsable({ address, prefix }: InterfaceAddress): boolean {
  const { first, last } = makeCidr(address, prefix);
  if (prefix > familyBits(address.family) - 2) return true;
  return address.value !== first && (address.family === 6 || address.value !== last);
}

/** The two addresses of link number `index` in a range, with the length of a subnet of two; undefined outside of it. */
export function linkAt(
  range: Cidr,
  index: number,
): { readonly near: InterfaceAddress; readonly far: InterfaceAddress } | undefined {
  const near = addressIn(range, 2 * index);
  const far = addressIn(range, 2 * index + 1);
  const prefix = familyBits(range.family) - 1;
  return near && far && { near: { address: near, prefix }, far: { address: far, prefix } };
}

/** The address of that offset in a range; undefined outside of it. */
export function addressIn(range: Interval, offset: number): Address | undefined {
  const address = addressAt(range, BigInt(offset));
  return address.value <= range.last ? address : undefined;
}

/** The first of these addresses of that family. */
export function ofFamily<T extends { readonly family: Family }>(
  list: readonly T[],
  family: Family,
): T | undefined {
  return list.find((each) => each.family === family);
}
