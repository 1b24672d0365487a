import { type Interval, overlaps } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";

/** Pairs that are told one by one; the others are counted. */
const FEW = 3;

/**
 * Notes on localnet networks that are one network outside of OVN, the same VLAN of the same physical network, and give out the same
 * addresses: each knows only its own pods, and two of them get one address. Where each excludes what the other gives out all is well.
 */
export function sharedVlanNotes(specs: readonly NetworkSpec[]): readonly string[] {
  const groups = new Map<string, NetworkSpec[]>();
  for (const spec of specs) {
    if (spec.topology !== "localnet" || spec.subnets.length === 0) continue;
    const key = `${spec.vlan ?? 0} ${physicalNetwork(spec)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [spec]);
    else group.push(spec);
  }
  const notes: string[] = [];
  for (const group of groups.values())
    for (const [index, spec] of group.entries())
      for (const other of group.slice(0, index)) {
        const shared = spec.subnets.find((subnet) =>
          other.subnets.some((each) => givenByBoth(subnet, each, [...spec.excludes, ...other.excludes])),
        );
        if (shared === undefined) continue;
        const vlan = spec.vlan === undefined || spec.vlan === 0 ? "" : `VLAN ${spec.vlan} of `;
        notes.push(
          `localnet networks "${other.name}" and "${spec.name}" are both ${vlan}the physical network "${physicalNetwork(spec)}" ` +
            `and give out the same addresses of ${shared.text}: one of the two should exclude them`,
        );
      }
  return notes.length <= FEW
    ? notes
    : [
        ...notes.slice(0, FEW),
        `${notes.length - FEW} more pairs of localnet networks give out the same addresses`,
      ];
}

function physicalNetwork({ physicalNetworkName, name }: NetworkSpec): string {
  return physicalNetworkName ?? name;
}

/** Whether two subnets have addresses in common that are in none of these ranges. */
function givenByBoth(a: Interval, b: Interval, excluded: readonly Interval[]): boolean {
  if (!overlaps(a, b)) return false;
  // Of two subnets that overlap one is within the other.
  const common = a.last - a.first < b.last - b.first ? a : b;
  let next = common.first;
  for (const range of excluded.toSorted((x, y) => (x.first < y.first ? -1 : 1))) {
    if (range.family !== common.family || range.last < next) continue;
    if (range.first > next) break;
    next = range.last + 1n;
  }
  return next <= common.last;
}
