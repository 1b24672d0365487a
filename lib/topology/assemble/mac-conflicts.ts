import { circles } from "../addresses/address-sharing.ts";
import type { Allocation } from "../addresses/pod-addresses.ts";
import { macsOf } from "../addresses/port-addresses.ts";
import { AddressError } from "../description/errors.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import type { Observed } from "../request/inputs.ts";
import type { NetworkContext } from "../rows/network-context.ts";

/** Conflicts that a note names; the others are counted. */
const NAMED = 3;

/**
 * Looks at the MACs that pods ask for. That of the network's own router, or of a node, is refused: all of the switch would be cut
 * off. Of two ports with one MAC a note tells. Those of the two pods of a virtual machine are no conflict, and the port of one
 * that has ended may still be there.
 *
 * Throws `AddressError`.
 */
export function checkMacs(context: NetworkContext, allocations: readonly Allocation[]): void {
  const asking = allocations.filter(({ site }) => site.input.mac !== undefined);
  if (asking.length === 0) return;
  const { spec, note, observed } = context;
  for (const { site, mac, existing } of asking) {
    const owner = site.pools.flatMap((pool) => pool.ownerOfMac(mac) ?? [])[0];
    // What a port has already is not made worse.
    if (owner === undefined || (existing !== undefined && macsOf(existing.addresses).includes(mac))) continue;
    const { namespace, name, source } = site.input;
    const message = `pod ${namespace}/${name} on network "${spec.name}": ${mac} is the MAC of ${owner}`;
    throw new AddressError(message, { path: `pods[${namespace}/${name}].mac`, value: mac, source });
  }
  const shared = sharedMacs(spec, allocations, asking, observed);
  if (shared.length === 0) return;
  const more = shared.length > NAMED ? `; and ${shared.length - NAMED} more` : "";
  note(
    `network "${spec.name}": ${shared.slice(0, NAMED).join("; ")}${more}: of several ports with one MAC on a switch one is reached`,
  );
}

function sharedMacs(
  spec: NetworkSpec,
  allocations: readonly Allocation[],
  asking: readonly Allocation[],
  { ports, held }: Observed,
): readonly string[] {
  const first = new Map<string, string>();
  // Nearly always empty: nothing is made for a port that has a MAC of its own.
  const several = new Map<string, Set<string>>();
  const hold = (switchName: string, mac: string, port: string): void => {
    const key = `${switchName} ${mac}`;
    const holder = first.get(key);
    if (holder === undefined) first.set(key, port);
    else several.set(key, (several.get(key) ?? new Set([holder])).add(port));
  };
  for (const { site, mac } of allocations) hold(site.switchName, mac, site.portName);
  const planned = new Set(allocations.map(({ site }) => site.portName));
  for (const port of ports)
    if (!planned.has(port.name))
      for (const mac of macsOf(port.addresses)) hold(port.switchName, mac, port.name);
  // An attachment sees only a few of the ports on its one switch, and knows who to ask about the others.
  if (held !== undefined)
    for (const { site, mac } of asking)
      for (const name of held.portsWithMac(mac)) if (!planned.has(name)) hold(site.switchName, mac, name);
  if (several.size === 0) return [];
  const circleOf = circles(
    spec,
    allocations.map(({ site }) => site.input),
  );
  const shared = new Set<string>();
  for (const { site, mac } of asking) {
    const names = several.get(`${site.switchName} ${mac}`);
    if (names === undefined) continue;
    const own = circleOf(site.input, site.portName);
    const others = [...names].filter((name) => !own.includes(name));
    if (others.length === 0) continue;
    const all = [site.portName, ...others].toSorted();
    shared.add(`ports ${all.map((name) => `"${name}"`).join(", ")} have ${mac}`);
  }
  return [...shared];
}
