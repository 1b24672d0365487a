import type { PolicyPort, PolicyProtocol } from "../request/policy-input.ts";
import type { PortRange } from "./policy-match.ts";
import type { PolicyMember } from "./policy-members.ts";

/** Who a rule's ports are of: the pods themselves, its peers that are pods, or anybody. */
export interface PortOwners {
  readonly pods: readonly PolicyMember[];
  /** Why names of ports cannot be looked up at all. */
  readonly unknown?: string;
}

const PROTOCOLS: Readonly<Record<PolicyProtocol, PortRange["protocol"]>> = {
  TCP: "tcp",
  UDP: "udp",
  SCTP: "sctp",
};

/** The ports of a rule as numbers; of what no pod has, nothing. `undefined` when nothing at all is left of them. */
export function portRanges(
  ports: readonly PolicyPort[],
  owners: PortOwners,
  refuse: (index: number, value: string, problem: string) => never,
): readonly PortRange[] | undefined {
  const ranges = ports.flatMap(({ protocol = "TCP", port, endPort }, index): PortRange[] => {
    const about = { protocol: PROTOCOLS[protocol] };
    if (port === undefined) return [about];
    if (typeof port === "number")
      return [{ ...about, first: port, ...(endPort !== undefined && { last: endPort }) }];
    const number = numberOf(port, protocol, owners, (problem) => refuse(index, port, problem));
    return number === undefined ? [] : [{ ...about, first: number }];
  });
  return ports.length > 0 && ranges.length === 0 ? undefined : ranges;
}

/**
 * The number that a name of a port means. One ACL is for all of the pods, so all of them must mean the same by it: a number
 * that one of them has under another name, or not at all, would be open there although nobody asked for it. Upstream
 * opens every port.
 */
function numberOf(
  name: string,
  protocol: PolicyProtocol,
  { pods, unknown }: PortOwners,
  refuse: (problem: string) => never,
): number | undefined {
  if (unknown !== undefined) return refuse(`is the name of a port, and ${unknown}`);
  const numbers = new Map<number, PolicyMember>();
  for (const pod of pods) {
    const own = pod.ports.filter((port) => port.name === name && port.protocol === protocol);
    if (own.length === 0) {
      return refuse(
        `is the name of a port that pod ${pod.key} has not (${protocol}): the number would be open there, too`,
      );
    }
    for (const { port } of own) numbers.set(port, pod);
  }
  const [first, second] = numbers;
  if (first !== undefined && second !== undefined) {
    return refuse(
      `is the name of ${first[0]} in pod ${first[1].key} and of ${second[0]} in pod ${second[1].key}: both would be open everywhere`,
    );
  }
  return first?.[0];
}
