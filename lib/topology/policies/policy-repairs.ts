import type { DesiredRow } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { controllerOf } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import type { ObservedGroup, ObservedPolicies, ObservedSet } from "./observed-policies.ts";
import { POLICY_TYPE } from "./policy-ids.ts";
import type { PolicyMember } from "./policy-members.ts";
import { groupRow, setRow, type WantedGroup, type WantedSet } from "./policy-rows.ts";
import { namespaceOf } from "./policy-stays.ts";

/** What is needed to tell what has no place in a group or set any more. */
export interface Repairs {
  readonly spec: NetworkSpec;
  readonly observed: ObservedPolicies;
  /** Names of the ports of the request's pods. */
  readonly known: ReadonlySet<string>;
  /** Ports of pods that the request does not name, by an address. */
  readonly holdersOf: (address: string) => readonly string[];
  /** Groups that nobody asked for and that stay. */
  readonly staying: readonly ObservedGroup[];
}

/** A group's row, with what is to leave it: ports of pods that are not selected, and ACLs of rules that are no more. */
export function repairGroup(
  repairs: Repairs,
  group: WantedGroup,
  existing: ObservedGroup | undefined,
): DesiredRow {
  const row = groupRow(repairs.spec, group);
  if (existing === undefined) return row;
  const isPolicy = existing.type === POLICY_TYPE;
  const wanted = new Set(group.members.map(({ portName }) => portName));
  // A policy that nobody asked for may close its pods in this direction; the database does not tell.
  const closed = new Set(
    isPolicy
      ? []
      : repairs.staying
          .filter((other) => other.type === POLICY_TYPE && namespaceOf(other) === group.namespace)
          .flatMap(({ ports }) => ports.map(({ name }) => name)),
  );
  const ports = existing.ports.filter(
    ({ name }) => repairs.known.has(name) && !wanted.has(name) && !closed.has(name),
  );
  const ids = new Set(group.acls.map(({ name }) => name));
  const prefix = `${controllerOf(repairs.spec.name)}:${POLICY_TYPE}:`;
  // Upstream's option to allow ICMP adds an ACL to the groups of namespaces, which is not ours to judge.
  const acls = isPolicy ? existing.acls.filter(({ id }) => id.startsWith(prefix) && !ids.has(id)) : [];
  return {
    ...row,
    notElements: {
      ...(ports.length > 0 && { ports: ports.map(({ uuid }) => uuid) }),
      ...(acls.length > 0 && { acls: acls.map(({ uuid }) => uuid) }),
    },
  };
}

/** A set's row, with the addresses that are to leave it: of all but selected pods and those that are not described. */
export function repairSet(repairs: Repairs, set: WantedSet, existing: ObservedSet | undefined): DesiredRow {
  const row = setRow(repairs.spec, set);
  const wanted = new Set(set.addresses);
  const leaving = (existing?.addresses ?? []).filter(
    (address) => !wanted.has(address) && repairs.holdersOf(address).length === 0,
  );
  return leaving.length === 0 ? row : { ...row, notMembers: { addresses: leaving } };
}

/** Addresses that a pod's port has no more after the transaction, and those it has instead; none when it goes. */
export function goneAddresses(
  members: readonly PolicyMember[],
  observed: ObservedPolicies,
  leaving: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  // Nobody has to be asked for addresses when no set holds one.
  if (observed.sets.length === 0) return new Map();
  const gone = new Map<string, readonly string[]>();
  const kept = new Set<string>();
  // A disabled port that is enabled now: the sets have its address already, from the pod that the virtual machine leaves.
  for (const { portName, addresses } of members)
    for (const address of [...observed.addressesOf(portName), ...observed.addressesKeptFor(portName)]) {
      if (addresses.includes(address)) kept.add(address);
      else
        gone.set(address, [
          ...(gone.get(address) ?? []),
          ...addresses.filter((other) => other.includes(":") === address.includes(":")),
        ]);
    }
  // The pods of one virtual machine have its address together.
  for (const address of kept) {
    const others = gone.get(address);
    if (others !== undefined) gone.set(address, [...others, address]);
  }
  for (const name of leaving)
    for (const address of observed.addressesOf(name))
      if (!kept.has(address) && !gone.has(address)) gone.set(address, []);
  return gone;
}

/** A set that nobody asked for: who was in it and has another address now is in it with that. */
export function stayingSetRows(
  repairs: Pick<Repairs, "holdersOf"> & { readonly network: string },
  set: ObservedSet,
  gone: ReadonlyMap<string, readonly string[]>,
): DesiredRow[] {
  const changed = set.addresses.filter((address) => gone.has(address));
  // One pod's old address may be the new one of another.
  const wanted = new Set(changed.flatMap((address) => gone.get(address) ?? []));
  const leaving = changed.filter(
    (address) => !wanted.has(address) && repairs.holdersOf(address).length === 0,
  );
  const joining = [...wanted].filter((address) => !set.addresses.includes(address));
  if (leaving.length + joining.length === 0) return [];
  return [
    {
      key: rowKey("Address_Set", set.name),
      kind: "address set as found",
      name: set.name,
      members: { addresses: joining },
      notMembers: { addresses: leaving },
      network: repairs.network,
    },
  ];
}
