import type { Family } from "../description/address.ts";
import type { PolicyBlock, PolicyType } from "../request/policy-input.ts";

// The matches of a policy's ACLs, byte for byte as upstream writes them
// (go-controller/pkg/ovn/gress_policy.go, pkg/libovsdb/util/acl.go).

/** A port or a range of ports, with numbers only. */
export interface PortRange {
  readonly protocol: "tcp" | "udp" | "sctp";
  /** Absent: every port. */
  readonly first?: number;
  /** Absent: `first` alone. */
  readonly last?: number;
}

/** The protocol that stands in the ids of an ACL that asks for none. */
const NO_PROTOCOL = "None";

/** The part about ports, by protocol; one without a match for rules that name no port. */
export function portMatches(
  ports: readonly PortRange[],
): readonly { readonly protocol: string; readonly match?: string }[] {
  if (ports.length === 0) return [{ protocol: NO_PROTOCOL }];
  const protocols = [...new Set(ports.map(({ protocol }) => protocol))].sort();
  return protocols.map((protocol) => ({
    protocol,
    match: protocolMatch(
      protocol,
      ports.filter((port) => port.protocol === protocol),
    ),
  }));
}

function protocolMatch(protocol: string, ports: readonly PortRange[]): string {
  const numbers: number[] = [];
  const ranges: string[] = [];
  for (const { first, last = first } of ports) {
    if (first === undefined) continue;
    if (last === first) numbers.push(first);
    else ranges.push(`${first}<=${protocol}.dst<=${last}`);
  }
  const [only] = numbers;
  const matches = [
    ...(numbers.length === 1 ? [`${protocol}.dst==${only}`] : []),
    ...(numbers.length > 1 ? [`${protocol}.dst=={${numbers.join(",")}}`] : []),
    ...ranges,
  ];
  if (matches.length === 0) return protocol;
  const joined = matches.join(" || ");
  return `${protocol} && ${matches.length > 1 ? `(${joined})` : joined}`;
}

/** The part about addresses for a rule that names no peer. Upstream takes a network without subnets for one of IPv4. */
export function anyAddressMatch(families: readonly Family[]): string {
  if (families.length === 2) return "(ip4 || ip6)";
  return families.includes(6) ? "ip6" : "ip4";
}

/** The part about addresses for peers that are pods: their address sets. */
export function addressSetMatch(type: PolicyType, sets: ReadonlyMap<Family, ReadonlySet<string>>): string {
  const matches = ([4, 6] as const).flatMap((family) => {
    const names = [...(sets.get(family) ?? [])].map((name) => `$${name}`).sort();
    return names.length === 0 ? [] : [`ip${family}.${sideOf(type)} == {${names.join(", ")}}`];
  });
  return either(matches);
}

/** The part about addresses for peers that are ranges. */
export function blockMatch(type: PolicyType, blocks: readonly PolicyBlock[]): string {
  return either(
    blocks.map(({ cidr, except = [] }) => {
      const field = `ip${cidr.includes(":") ? 6 : 4}.${sideOf(type)}`;
      return except.length === 0
        ? `${field} == ${cidr}`
        : `(${field} == ${cidr} && ${field} != {${except.join(", ")}})`;
    }),
  );
}

/** Traffic of the pods of a group, in one direction. */
export function groupMatch(type: PolicyType, group: string): string {
  return `${type === "Ingress" ? "outport" : "inport"} == @${group}`;
}

function sideOf(type: PolicyType): "src" | "dst" {
  return type === "Ingress" ? "src" : "dst";
}

function either(matches: readonly string[]): string {
  return matches.length > 1 ? `(${matches.join(" || ")})` : matches.join("");
}
