import { type Address, formatAddress, parseAddress, parseInterface } from "../description/address.ts";
import { macOfAddress, parseMac } from "../description/mac.ts";
import { addressClaim } from "../naming/ids.ts";
import type { ObservedPort } from "../request/inputs.ts";

/** What one element of `addresses` or `port_security` gives a port. */
export interface AddressSet {
  readonly mac: string;
  readonly addresses: readonly Address[];
}

/** Reads an element such as `0a:58:0a:16:00:01 10.22.0.1 fd00::1`; undefined for `unknown`, `router`, `dynamic` and anything else. */
export function parseAddressSet(element: string): AddressSet | undefined {
  const [macText = "", ...addressTexts] = element.trim().split(/\s+/);
  const mac = parseMac(macText);
  const addresses = addressTexts.map(parseAddress);
  return mac !== undefined && addresses.every((address) => address !== undefined)
    ? { mac, addresses }
    : undefined;
}

/** The MACs that `addresses` of a port gives it. */
export function macsOf(addresses: readonly string[]): readonly string[] {
  return addresses.flatMap((element) => parseAddressSet(element)?.mac ?? []);
}

/** What was found in a port before: the same port is asked about in one plan after another. */
const mentioned = new WeakMap<ObservedPort, readonly string[]>();

/** {@link findAddresses}, once for each observed port. */
export function mentionedAddresses(port: ObservedPort): readonly string[] {
  const known = mentioned.get(port) ?? findAddresses(port);
  mentioned.set(port, known);
  return known;
}

/** Every address that a port's columns speak of, whatever else stands there: nobody else should get one of them. */
export function findAddresses(port: ObservedPort): readonly string[] {
  const elements = new Set([...port.addresses, ...port.portSecurity, port.dynamicAddresses ?? ""]);
  const words = new Set([...elements].flatMap((element) => element.split(/\s+/)));
  const addresses = [...words].flatMap((word) => parseAddress(word) ?? parseInterface(word)?.address ?? []);
  return [...new Set(addresses.map(formatAddress))];
}

/** What a pod's port was given. */
export interface PortCandidates {
  /** In order of trust; only such with at least one address. */
  readonly candidates: readonly AddressSet[];
  /** Their addresses as canonical texts. */
  readonly texts: readonly (readonly string[])[];
}

/** What was found in a port before, and for which network. */
const found = new WeakMap<ObservedPort, { readonly network: string; readonly candidates: PortCandidates }>();

/**
 * What a pod's port was given, as candidates in order of trust.
 *
 * The two columns say the same unless someone changed one. The uuid that we chose for the port tells the address it was
 * made for; failing that (another tool made it) a MAC that is made from the address speaks for a column.
 */
export function portCandidates(network: string, port: ObservedPort): PortCandidates {
  const known = found.get(port);
  if (known?.network === network) return known.candidates;
  const made = findCandidates(network, port);
  const texts = made.map(({ addresses }) => addresses.map(formatAddress));
  const candidates = { candidates: made, texts };
  found.set(port, { network, candidates });
  return candidates;
}

function findCandidates(network: string, port: ObservedPort): readonly AddressSet[] {
  const candidates = [...new Set([...port.addresses, ...port.portSecurity])]
    .flatMap((element) => parseAddressSet(element) ?? [])
    .filter((candidate) => candidate.addresses.length > 0);
  // Nearly all ports: nothing has to be decided, and a claim has to be hashed.
  if (candidates.length < 2) return candidates;
  const claimed = candidates.filter((candidate) => isMadeFor(network, port, candidate));
  if (claimed.length > 0) return claimed;
  const vouched = ({ mac, addresses: [first] }: AddressSet): boolean =>
    first !== undefined && macOfAddress(first) === mac;
  return [...candidates.filter(vouched), ...candidates.filter((candidate) => !vouched(candidate))];
}

/** Ports that have the address that they were made for come first, unless no two of all want the same one. */
export function inOrderOfTrust<
  T extends { readonly existing: ObservedPort | undefined; readonly known: PortCandidates },
>(network: string, ports: readonly T[]): readonly T[] {
  const wanted = new Set<string>();
  let count = 0;
  for (const { known } of ports) {
    for (const texts of known.texts) {
      count += texts.length;
      for (const text of texts) wanted.add(text);
    }
  }
  if (wanted.size === count) return ports;
  const isCertain = ({ existing, known: { candidates } }: T): boolean =>
    existing !== undefined && candidates[0] !== undefined && isMadeFor(network, existing, candidates[0]);
  return [...ports.filter(isCertain), ...ports.filter((port) => !isCertain(port))];
}

/** Whether the uuid that was chosen for the port is the claim on the first of these addresses. */
function isMadeFor(network: string, port: ObservedPort, { addresses: [first] }: AddressSet): boolean {
  return first !== undefined && addressClaim(network, formatAddress(first)) === port.uuid;
}
