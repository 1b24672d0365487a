import { type Address, formatAddress, parseAddress } from "../description/address.ts";
import { macOfAddress } from "../description/mac.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { addressClaim } from "../naming/ids.ts";
import type { AttachmentInput, IpamClaimInput, Observed, ObservedPort } from "../request/inputs.ts";
import { AddressBook } from "./address-book.ts";
import type { AddressPool } from "./address-pool.ts";
import { circles, claimedAddresses, describeHolder, heldByClaims } from "./address-sharing.ts";
import { failure, podOf, readAddress, wrongLength } from "./asked-address.ts";
import { bareAddresses, bareMac, givenMac } from "./pod-macs.ts";
import { inOrderOfTrust, mentionedAddresses, type PortCandidates, portCandidates } from "./port-addresses.ts";

/** Where an attachment's port is to be, and from which subnets its addresses come (none: the network has no IPAM). */
export interface AttachmentSite {
  readonly input: AttachmentInput;
  readonly portName: string;
  readonly switchName: string;
  /** One address from each. */
  readonly pools: readonly AddressPool[];
}

/** What an attachment's port gets. */
export interface Allocation {
  readonly site: AttachmentSite;
  readonly mac: string;
  readonly ips: readonly { readonly address: string; readonly prefix: number }[];
  /** The port of that name on the network's switches. */
  readonly existing?: ObservedPort;
  /** Uuid for a new row: the claim on its first address. Absent for rows that stay, and when the claim is held. */
  readonly uuid?: string;
  /** The existing row gives way to a new one. */
  readonly replaces: boolean;
  /** The existing port's address lies outside the subnets that its switch has now, so that it gets another one. */
  readonly displaced: boolean;
  /** Nothing in the rows keeps another writer from the same address; the transaction must. */
  readonly exclusive: boolean;
}

const nothing: PortCandidates = { candidates: [], texts: [] };

/** An attachment while its addresses are being found; one slot per pool. */
interface Work {
  readonly site: AttachmentSite;
  readonly existing: ObservedPort | undefined;
  /** What that port has. */
  readonly known: PortCandidates;
  readonly slots: (Address | undefined)[];
  /** Their canonical texts; empty for what is not found yet. */
  readonly texts: string[];
  /** Who may have the same addresses: the port itself, its claim, the port of the other pod of its virtual machine. */
  readonly circle: readonly string[];
}

/**
 * Gives every attachment one address of each of its subnets, and a MAC.
 *
 * Requested addresses first, then recorded ones, then those that the attachment's port has, then the lowest free one.
 * The order of `sites` decides who gets the lowest. Ports of others on the switches keep theirs. Both pods of a virtual
 * machine get the same ones.
 *
 * @param claims Those of the network, whether an attachment uses them or not.
 * @throws AddressError for an address that cannot be had, and when a subnet is full.
 */
export function allocateAddresses(
  spec: NetworkSpec,
  sites: readonly AttachmentSite[],
  observed: Observed,
  claims: readonly IpamClaimInput[] = [],
): Allocation[] {
  if (sites.length === 0 && claims.length === 0) return [];
  const names = new Set(sites.map((site) => site.portName));
  const ports = new Map(observed.ports.map((port) => [port.name, port]));
  const planned = observed.ports.flatMap(({ name }) => (names.has(name) ? [name] : []));
  const book = new AddressBook(observed.held, new Set(planned));
  for (const port of observed.ports) {
    if (!names.has(port.name)) {
      for (const address of mentionedAddresses(port)) {
        book.hold(address, port.name);
      }
    }
  }
  const inputs = sites.map(({ input }) => input);
  for (const [address, holder] of heldByClaims(spec, claims, inputs)) book.hold(address, holder);
  const circleOf = circles(spec, inputs);
  const works = sites.map((site): Work => {
    const existing = ports.get(site.portName);
    const known = existing ? portCandidates(spec.name, existing) : nothing;
    return {
      site,
      existing,
      known,
      slots: site.pools.map(() => undefined),
      texts: site.pools.map(() => ""),
      circle: circleOf(site.input, site.portName),
    };
  });
  const fixed = fixAddresses(spec, works, book, ports);
  keepAddresses(spec, works, book, { fixed, names });
  inheritAddresses(spec, works, book, { ports, names });
  const { claims: isClaimed, leaving = () => false, reserved = () => false } = observed;
  const isHeld = (uuid: string): boolean => reserved(uuid) || isClaimed(uuid);
  fillSlots(spec, works, book, isHeld, (uuid) => !reserved(uuid) && leaving(uuid));
  // Of two pods with one address only one can claim it.
  const taken = new Set<string>();
  return works.map((work) => {
    if (work.site.pools.length === 0) return withoutPools(spec, work);
    const allocation = settle(spec, work, (uuid) => taken.has(uuid) || isClaimed(uuid));
    if (allocation.uuid !== undefined) taken.add(allocation.uuid);
    return allocation;
  });
}

/** Requested and recorded addresses. Returns who has them. */
function fixAddresses(
  spec: NetworkSpec,
  works: readonly Work[],
  book: AddressBook,
  ports: ReadonlyMap<string, ObservedPort>,
): ReadonlyMap<string, Work> {
  const fixed = new Map<string, Work>();
  for (const work of works) {
    if (work.site.pools.length === 0) {
      continue;
    }
    const { input } = work.site;
    // Nearly all pods.
    if (input.ips === undefined && input.recorded === undefined && input.claim === undefined) continue;
    const own = (input.recorded?.ips ?? []).map((text) => readAddress(spec, work, text));
    const claimed = input.claim ? claimedAddresses(spec, input.claim) : [];
    checkClaim(spec, work, claimed);
    const recorded = own.length > 0 ? own : claimed;
    const recordedTexts = new Set(recorded.map(formatAddress));
    for (const text of input.ips ?? []) {
      const address = readAddress(spec, work, text);
      const index = slotOf(spec, work, address, text);
      if (work.slots[index]) {
        throw failure(spec, work, text, "is the second one requested in its subnet");
      }
      if (work.site.pools[index]?.isExcluded(address) && !recordedTexts.has(formatAddress(address))) {
        throw failure(spec, work, text, "is in the network's excludeSubnets");
      }
      const problem = wrongLength(input, text, work.site.pools[index]?.subnet);
      if (problem !== undefined) throw failure(spec, work, text, problem);
      work.slots[index] = address;
    }
    const requested = [...work.slots];
    for (const address of recorded) {
      const text = formatAddress(address);
      const index = slotOf(spec, work, address, text);
      if (!requested[index] && work.slots[index]) {
        throw failure(spec, work, text, "is the second one recorded in its subnet");
      }
      work.slots[index] = requested[index] ?? address;
    }
    const had = new Set(work.existing && work.slots.some(Boolean) ? mentionedAddresses(work.existing) : []);
    for (const [index, slot] of work.slots.entries()) {
      if (slot) {
        const text = formatAddress(slot);
        const holder = book.holder(text, work.circle);
        const rival = fixed.get(text);
        if (rival && !work.circle.includes(rival.site.portName)) {
          throw failure(spec, work, text, `is requested or recorded for pod ${podOf(rival)} too`);
        }
        // An address that the port has already stays, whoever else was given it since.
        if (holder !== undefined && !had.has(text)) {
          throw failure(spec, work, text, describeHolder(holder, ports.get(holder)));
        }
        take(work, index, slot, text, book);
        fixed.set(text, work);
      }
    }
  }
  return fixed;
}

/** What the ports in the database have, where nothing else was asked for. Certain ones first: the others may have drifted. */
function keepAddresses(
  spec: NetworkSpec,
  works: readonly Work[],
  book: AddressBook,
  { fixed, names }: { readonly fixed: ReadonlyMap<string, Work>; readonly names: ReadonlySet<string> },
): void {
  for (const work of inOrderOfTrust(spec.name, works)) {
    let isKept = false;
    const contested: string[] = [];
    for (const { addresses } of work.known.candidates) {
      const slots = spread(work, addresses);
      if (slots === undefined) continue;
      const texts = openTexts(work, slots);
      isKept = !texts.some((text) => text !== "" && isTaken(work, text, book, names));
      if (isKept) {
        keep(work, slots, texts, book);
        break;
      }
      for (const text of texts) if (fixed.has(text)) contested.push(text);
    }
    const [text] = contested;
    if (isKept || text === undefined) continue;
    const rival = fixed.get(text) ?? work;
    const why = `whose pod ${podOf(work)} is given no other: detach that pod first, or give it one`;
    throw failure(spec, rival, text, `is taken by port "${work.site.portName}", ${why}`);
  }
}

/** The addresses for slots that nothing was asked for, as texts; empty for the others. */
function openTexts(work: Work, slots: readonly (Address | undefined)[]): readonly string[] {
  return slots.map((slot, index) => (slot && !work.slots[index] ? formatAddress(slot) : ""));
}

/** Someone outside this call with the same address does not take it from a port that has it. */
function isTaken(work: Work, text: string, book: AddressBook, names: ReadonlySet<string>): boolean {
  const holder = book.holder(text, work.circle);
  return holder !== undefined && names.has(holder);
}

function keep(
  work: Work,
  found: readonly (Address | undefined)[],
  texts: readonly string[],
  book: AddressBook,
): void {
  for (let index = 0; index < texts.length; index++) {
    const address = found[index];
    const text = texts[index] ?? "";
    if (address !== undefined && text !== "") take(work, index, address, text, book);
  }
}

/** Gives a slot its address. */
function take(
  { site, slots, texts }: Work,
  index: number,
  address: Address,
  text: string,
  book: AddressBook,
): void {
  slots[index] = address;
  texts[index] = text;
  book.hold(text, site.portName);
}

/** Who asked for an address must have it from the claim, when that has any. */
function checkClaim(spec: NetworkSpec, work: Work, claimed: readonly Address[]): void {
  if (claimed.length === 0) return;
  const texts = new Set(claimed.map(formatAddress));
  for (const text of work.site.input.ips ?? [])
    if (!texts.has(formatAddress(readAddress(spec, work, text))))
      throw failure(spec, work, text, "is not among the addresses of the pod's IPAMClaim");
}

/** A virtual machine takes its address along from a pod that is not in this call. */
function inheritAddresses(
  spec: NetworkSpec,
  works: readonly Work[],
  book: AddressBook,
  {
    ports,
    names,
  }: { readonly ports: ReadonlyMap<string, ObservedPort>; readonly names: ReadonlySet<string> },
): void {
  // Nearly all pods have nobody to inherit from.
  const heirs = works.filter(({ circle }) => circle.length > 1);
  if (heirs.length === 0) return;
  for (const work of heirs) {
    const [port] = work.circle.flatMap((name) => (names.has(name) ? [] : (ports.get(name) ?? [])));
    if (port === undefined) continue;
    const fitting = portCandidates(spec.name, port).candidates.map(({ addresses }) =>
      spread(work, addresses),
    );
    const slots = fitting.find((each) => each !== undefined) ?? [];
    for (const [index, slot] of slots.entries()) {
      if (!slot || work.slots[index]) continue;
      take(work, index, slot, formatAddress(slot), book);
    }
  }
}

/** The lowest free address for everything that is still open. */
function fillSlots(
  spec: NetworkSpec,
  works: readonly Work[],
  book: AddressBook,
  claims: (uuid: string) => boolean,
  isGoing: (uuid: string) => boolean,
): void {
  const open = works.filter(({ slots }) => !slots.every(Boolean));
  if (open.length === 0) return;
  const byPort = new Map(works.map((work) => [work.site.portName, work]));
  // What lies before is held, or claimed whoever asks: where as many pods go as come, each would look past all that go.
  const reached = new Map<AddressPool, bigint>();
  for (const work of open) {
    for (const [index, pool] of work.site.pools.entries()) {
      const shared =
        work.circle.length > 1
          ? work.circle.map((name) => byPort.get(name)?.slots[index]).find(Boolean)
          : undefined;
      if (shared && !work.slots[index]) {
        take(work, index, shared, formatAddress(shared), book);
      } else if (!work.slots[index]) {
        // What a pod claims itself it may have, wherever that is.
        const own = work.existing?.uuid;
        const isHeld = (claim: string): boolean => claim !== own && claims(claim);
        const free = (isTaken: (claim: string) => boolean, from?: bigint): string | undefined =>
          pool.lowestFree(book, (text) => isTaken(addressClaim(spec.name, text)), from);
        const unclaimed = free(isHeld, own === undefined ? reached.get(pool) : undefined);
        if (own === undefined)
          reached.set(pool, (unclaimed && parseAddress(unclaimed)?.value) || pool.subnet.last);
        // The claim of a port that goes is free from then on: whoever has not seen that port come makes it, and is not refused.
        const found = unclaimed ?? free((claim) => isHeld(claim) && !isGoing(claim));
        const address = found === undefined ? undefined : parseAddress(found);
        if (found === undefined || !address)
          throw failure(spec, work, pool.subnet.text, "has no free address left");
        take(work, index, address, found, book);
      }
    }
  }
}

function settle(spec: NetworkSpec, work: Work, claims: (uuid: string) => boolean): Allocation {
  const { site, existing, texts } = work;
  const [first] = work.slots;
  const [firstText] = texts;
  if (!first || firstText === undefined) throw new Error(`no address was found for ${site.portName}`);
  const mac = givenMac(site.input) ?? macOfAddress(first);
  const ips = site.pools.map(({ subnet }, index) => ({ address: texts[index] ?? "", prefix: subnet.prefix }));
  if (existing && existing.switchName === site.switchName) {
    // The look at the text comes first: it costs less than the claim, and decides nearly always.
    if (isFirstOf(work.known, firstText) || existing.uuid === addressClaim(spec.name, firstText)) {
      const exclusive =
        texts.length > 1 && !texts.every((text) => text === firstText || isAmong(work.known, text));
      // Nearly all ports of a network that is there.
      return { site, mac, ips, existing, replaces: false, displaced: false, exclusive };
    }
  }
  const base = { site, mac, ips, ...(existing && { existing }) };
  const claim = addressClaim(spec.name, firstText);
  const free = !claims(claim);
  return {
    ...base,
    ...(free && { uuid: claim }),
    replaces: existing !== undefined,
    displaced: existing?.switchName === site.switchName && isOutside(work),
    // The claim speaks for the first address only.
    exclusive: !free || texts.length > 1,
  };
}

function isFirstOf({ texts }: PortCandidates, text: string): boolean {
  return texts.some((set) => set[0] === text);
}

function isAmong({ texts }: PortCandidates, text: string): boolean {
  return texts.some((set) => set.includes(text));
}

/** A network without IPAM: addresses are the pod's own affair, its port only lets them through. */
function withoutPools(spec: NetworkSpec, work: Work): Allocation {
  const { site, existing } = work;
  const ips = bareAddresses(site.input, (text) => failure(spec, work, text, "is not an IP address"));
  return {
    site,
    mac: bareMac(site.input, site.portName, ips[0]?.address, existing),
    ips: ips.map(({ address, prefix }) => ({ address: formatAddress(address), prefix })),
    ...(existing && { existing }),
    replaces: false,
    displaced: false,
    exclusive: false,
  };
}

/** Whether the port's own address, the one it was made for or else all that stand in its columns, is in none of its subnets. */
function isOutside({ site, known: { candidates } }: Work): boolean {
  const first = candidates.flatMap(({ addresses: [address] }) => address ?? []);
  return first.length > 0 && first.every((address) => !site.pools.some((pool) => pool.contains(address)));
}

function slotOf(spec: NetworkSpec, work: Work, address: Address, text: string): number {
  const { input, pools } = work.site;
  const index = pools.findIndex((pool) => pool.contains(address));
  if (index < 0) {
    const whose = spec.topology === "layer3" ? `, which node ${input.node} has` : "";
    throw failure(spec, work, text, `is not in ${pools.map(({ subnet }) => subnet.text).join(", ")}${whose}`);
  }
  const problem = pools[index]?.unusable(address);
  if (problem === undefined) return index;
  throw failure(spec, work, text, problem);
}

/** Addresses by slot, or undefined when one of them fits no slot. */
function spread(work: Work, addresses: readonly Address[]): (Address | undefined)[] | undefined {
  const slots: (Address | undefined)[] = work.site.pools.map(() => undefined);
  for (const address of addresses) {
    const index = work.site.pools.findIndex((pool) => pool.contains(address) && !pool.unusable(address));
    if (index < 0 || slots[index]) {
      return undefined;
    }
    slots[index] = address;
  }
  return slots;
}
