import ipaddr from "ipaddr.js";
import { UsageError } from "../../jsonrpc/index.ts";
import { sketch } from "../../ovsdb/index.ts";

/** 4 or 6. */
export type Family = 4 | 6;

/** One IP address as a number, so that arithmetic works alike for both families. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A range of addresses of one family, both ends included. */
export interface Interval {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** A subnet: the interval it spans and how it is written, host bits cleared. */
export interface Cidr extends Interval {
  readonly prefix: number;
  /** Canonical text, such as `10.33.0.0/16` or `fd00:10::/48`. */
  readonly text: string;
}

const bits: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/**
 * Reads an IP address strictly: dotted quad without leading zeros, or IPv6 text without a zone.
 *
 * IPv4-mapped IPv6 is refused: it names an IPv4 address in a second spelling, and spellings are identities here.
 * Returns undefined for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  if (typeof text !== "string") return undefined;
  // Told apart first, because ipaddr.js finds out by throwing.
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Canonical text: dotted quad, or RFC 5952. Claims on addresses and IPv6 MACs are made from this text. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value);
}

/** Reads `address/length` and clears the host bits. Returns undefined when it is not that. */
export function parseCidr(text: string): Cidr | undefined {
  const known = knownRanges.get(text);
  if (known !== undefined) return known;
  const interfaceAddress = parseInterface(text);
  if (interfaceAddress === undefined) return undefined;
  const range = makeCidr(interfaceAddress.address, interfaceAddress.prefix);
  if (knownRanges.size >= MAX_RANGES) knownRanges.clear();
  knownRanges.set(text, range);
  return range;
}

/** By text: a node's subnet is read from what is asked for, from its switch and from its router port, plan after plan. */
const knownRanges = new Map<string, Cidr>();
const MAX_RANGES = 4096;

/** Reads `address/length` and keeps the host bits: an address as an interface has it. */
export function parseInterface(text: string): { address: Address; prefix: number } | undefined {
  if (typeof text !== "string") return undefined;
  const slash = text.indexOf("/");
  const prefixText = text.slice(slash + 1);
  const address = slash === -1 ? undefined : parseAddress(text.slice(0, slash));
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(prefixText)) {
    return undefined;
  }
  const prefix = Number(prefixText);
  return prefix <= bits[address.family] ? { address, prefix } : undefined;
}

/** The subnet of that length around an address. */
export function makeCidr(address: Address, prefix: number): Cidr {
  const { family } = address;
  if (family === 4) return makeCidr4(Number(address.value), prefix);
  const size = 1n << BigInt(bits[family] - prefix);
  const first = address.value - (address.value % size);
  const text = `${formatAddress({ family, value: first })}/${prefix}`;
  return Object.freeze({ family, first, last: first + size - 1n, prefix, text });
}

/** In numbers, which hold every IPv4 address: with bigints each step is a call and an object. */
function makeCidr4(value: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size;
  return Object.freeze({
    family: 4,
    first: BigInt(first),
    last: BigInt(first + size - 1),
    prefix,
    text: `${dotted(first)}/${prefix}`,
  });
}

/** The address `offset` steps after the first of a range; not checked against its end. */
export function addressAt(range: Interval, offset: bigint): Address {
  return { family: range.family, value: range.first + offset };
}

/** Whether an address lies in a range. Throws `UsageError` for what is none of the two, as the text of one is. */
export function containsAddress(range: Interval, address: Address): boolean {
  if (typeof range?.first !== "bigint") throw notRange(range);
  if (typeof address?.value !== "bigint") throw notAddress(address);
  return range.family === address.family && range.first <= address.value && address.value <= range.last;
}

/** Whether the second range lies within the first. Throws `UsageError` for what is no range. */
export function containsRange(outer: Interval, inner: Interval): boolean {
  if (typeof outer?.first !== "bigint") throw notRange(outer);
  if (typeof inner?.first !== "bigint") throw notRange(inner);
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether two ranges share an address. Throws `UsageError` for what is no range. */
export function overlaps(a: Interval, b: Interval): boolean {
  if (typeof a?.first !== "bigint") throw notRange(a);
  if (typeof b?.first !== "bigint") throw notRange(b);
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

function notRange(given: unknown): UsageError {
  return new UsageError(`a range is what parseCidr gives, and not ${sketch(given)}`);
}

/** What to throw where there is no {@link Address}. */
export function notAddress(given: unknown): UsageError {
  return new UsageError(`an address is what parseAddress gives, and not ${sketch(given)}`);
}

/** Length of an address of that family: 32 or 128. */
export function familyBits(family: Family): number {
  return bits[family];
}

const DOT = 46;
const ZERO = 48;
const dottedQuad: RegExp = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/;

// IPv4 is read and written here: a switch may have a hundred thousand ports, and ipaddr.js takes ten times as long.
function parseIpv4(text: string): Address | undefined {
  if (!dottedQuad.test(text)) {
    return undefined;
  }
  let [value, octet] = [0, 0];
  for (let index = 0; index <= text.length; index++) {
    const code = text.charCodeAt(index);
    if (index < text.length && code !== DOT) {
      octet = octet * 10 + code - ZERO;
      continue;
    }
    if (octet > 255) return undefined;
    value = value * 256 + octet;
    octet = 0;
  }
  return { family: 4, value: BigInt(value) };
}

function formatIpv4(value: bigint): string {
  return dotted(Number(value));
}

function dotted(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

function parseIpv6(text: string): Address | undefined {
  // ipaddr.js takes zones, which belong to an interface of one machine and not to a network.
  const plausible = /^[0-9a-f:.]+$/i.test(text);
  const compressed = text.includes("::");
  if (!plausible || (!compressed && text.split(":").length < 7) || !ipaddr.IPv6.isValid(text)) {
    return undefined;
  }
  const parsed = ipaddr.IPv6.parse(text);
  if (parsed.isIPv4MappedAddress()) {
    return undefined;
  }
  return { family: 6, value: parsed.parts.reduce((value, part) => (value << 16n) | BigInt(part), 0n) };
}

function formatIpv6(value: bigint): string {
  const parts = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  return new ipaddr.IPv6(parts).toRFC5952String();
}
