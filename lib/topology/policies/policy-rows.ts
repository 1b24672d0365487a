import type { DesiredRow, RefTo } from "../../reconcile/index.ts";
import { type Family, parseCidr, parseInterface } from "../description/address.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { addressSetUuid, portGroupUuid } from "../naming/ids.ts";
import { hashedName } from "../naming/names.ts";
import type { OwnerIds } from "../naming/owner-ids.ts";
import { rowKey } from "../naming/row-key.ts";
import { pathOf } from "../request/policy-check.ts";
import type {
  NamespaceInput,
  PolicyBlock,
  PolicyInput,
  PolicyPeer,
  PolicyPort,
  PolicyType,
} from "../request/policy-input.ts";
import { policyAclRow } from "./policy-acl.ts";
import {
  BLOCKS_INDEX,
  denyAclIds,
  denyGroupIds,
  PODS_INDEX,
  peerSetIds,
  policyAclIds,
  policyGroupIds,
} from "./policy-ids.ts";
import { addressSetMatch, anyAddressMatch, blockMatch, groupMatch, portMatches } from "./policy-match.ts";
import { type PolicyMember, peerMembers } from "./policy-members.ts";
import { portRanges } from "./policy-ports.ts";

const DENY_PRIORITY = 1000;
const ALLOW_PRIORITY = 1001;
const TYPES: readonly PolicyType[] = ["Ingress", "Egress"];

/** What the rows of policies are made from. */
export interface PolicyContext {
  readonly spec: NetworkSpec;
  readonly members: readonly PolicyMember[];
  readonly namespaces: ReadonlyMap<string, NamespaceInput>;
  /** Pods of the group or set that the request does not know, for people; what they mean by names of ports is not known. */
  readonly strangers: (name: string) => readonly string[];
}

/** An address set that policies refer to. */
export interface WantedSet {
  readonly name: string;
  readonly ids: OwnerIds;
  readonly addresses: readonly string[];
}

/** A port group that policies want, and which of the pods' ports are in it. */
export interface WantedGroup {
  readonly name: string;
  readonly ids: OwnerIds;
  readonly namespace: string;
  readonly members: readonly PolicyMember[];
  readonly acls: readonly DesiredRow[];
}

/** Policies as rows, before anybody looked at what is there. */
export interface WantedPolicies {
  /** Of the policies themselves. */
  readonly groups: readonly WantedGroup[];
  /** Of namespaces. */
  readonly denyGroups: readonly WantedGroup[];
  /** By name. */
  readonly sets: ReadonlyMap<string, WantedSet>;
}

/** Makes what policies ask for. They come checked, in order of namespace and name. */
export function wantedPolicies(context: PolicyContext, policies: readonly PolicyInput[]): WantedPolicies {
  const sets = new Map<string, WantedSet>();
  const groups = policies.map((policy) => policyGroup(context, policy, sets));
  const byNamespace = new Map<string, { policy: PolicyInput; group: WantedGroup }[]>();
  for (const [index, policy] of policies.entries()) {
    const group = groups[index];
    if (group === undefined) continue;
    byNamespace.set(policy.namespace, [...(byNamespace.get(policy.namespace) ?? []), { policy, group }]);
  }
  const denyGroups = [...byNamespace].flatMap(([namespace, own]) =>
    TYPES.map((type) => denyGroup(context, namespace, type, own)),
  );
  return { groups, denyGroups, sets };
}

/** The row of a group, without the ports that are to leave it. */
export function groupRow(spec: NetworkSpec, group: WantedGroup): DesiredRow {
  return {
    key: rowKey("Port_Group", group.name),
    kind: "port group",
    name: group.name,
    uuid: portGroupUuid(group.name),
    keys: { external_ids: group.ids.externalIds },
    elements: {
      ports: group.members.map(({ portName }): RefTo => ({ ref: rowKey("Logical_Switch_Port", portName) })),
    },
    network: spec.name,
  };
}

/** The row of a set, without the addresses that are to leave it. */
export function setRow(spec: NetworkSpec, set: WantedSet): DesiredRow {
  return {
    key: rowKey("Address_Set", set.name),
    kind: "address set",
    name: set.name,
    uuid: addressSetUuid(set.name),
    keys: { external_ids: set.ids.externalIds },
    members: { addresses: set.addresses },
    network: spec.name,
  };
}

/** Closes a direction for the pods that any policy of the namespace closes; who has an address may still be asked. */
function denyGroup(
  { spec, namespaces }: PolicyContext,
  namespace: string,
  type: PolicyType,
  own: readonly { readonly policy: PolicyInput; readonly group: WantedGroup }[],
): WantedGroup {
  const ids = denyGroupIds(spec.name, namespace, type);
  const name = hashedName(ids.id);
  const members = own
    .filter(({ policy }) => policy.policyTypes.includes(type))
    .flatMap(({ group }) => group.members);
  const about = { type, name: `NP:${namespace}:${type}` };
  const match = groupMatch(type, name);
  const severity = namespaces.get(namespace)?.logging?.deny;
  return {
    name,
    ids,
    namespace,
    members: [...new Set(members)],
    acls: [
      policyAclRow(spec, name, denyAclIds(spec.name, namespace, type, "defaultDeny"), {
        ...about,
        priority: DENY_PRIORITY,
        match,
        action: "drop",
        severity,
      }),
      policyAclRow(spec, name, denyAclIds(spec.name, namespace, type, "arpAllow"), {
        ...about,
        priority: ALLOW_PRIORITY,
        match: `${match} && (arp || nd)`,
        action: "allow",
      }),
    ],
  };
}

function policyGroup(context: PolicyContext, policy: PolicyInput, sets: Map<string, WantedSet>): WantedGroup {
  const { spec, members } = context;
  const { namespace, name: policyName } = policy;
  const ids = policyGroupIds(spec.name, namespace, policyName);
  const name = hashedName(ids.id);
  const own = peerMembers(
    { podSelector: policy.podSelector },
    namespace,
    members,
    context.namespaces,
    (problem) => {
      throw fault(`${pathOf(policy)}.podSelector`, policy.podSelector, problem, policy.source);
    },
  );
  const rules = [
    ...(policy.ingress ?? []).map(({ from = [], ports = [] }, index) => ({
      type: "Ingress" as const,
      index,
      peers: from,
      ports,
    })),
    ...(policy.egress ?? []).map(({ to = [], ports = [] }, index) => ({
      type: "Egress" as const,
      index,
      peers: to,
      ports,
    })),
  ];
  const acls = rules.flatMap((rule) => ruleAcls(context, policy, { name, own }, rule, sets));
  return { name, ids, namespace, members: own.filter(({ isLocal }) => isLocal), acls };
}

interface Rule {
  readonly type: PolicyType;
  readonly index: number;
  readonly peers: readonly PolicyPeer[];
  readonly ports: readonly PolicyPort[];
}

/** One rule: an ACL for each protocol, for the peers that are pods and for those that are ranges. */
function ruleAcls(
  context: PolicyContext,
  policy: PolicyInput,
  group: { readonly name: string; readonly own: readonly PolicyMember[] },
  rule: Rule,
  sets: Map<string, WantedSet>,
): DesiredRow[] {
  const { spec } = context;
  const { type, index } = rule;
  const side = type === "Ingress" ? "from" : "to";
  const path = `${pathOf(policy)}.${type.toLowerCase()}[${index}]`;
  const blocks = rule.peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [canonical(ipBlock)]));
  const selected = rule.peers.flatMap((peer, at) =>
    peer.ipBlock === undefined ? [peerSets(context, policy, peer, `${path}.${side}[${at}]`)] : [],
  );
  const setNames = new Map<Family, Set<string>>();
  for (const { family, ...set } of selected.flatMap((peer) => peer.sets)) {
    sets.set(set.name, set);
    setNames.set(family, (setNames.get(family) ?? new Set()).add(set.name));
  }
  const ranges = portRanges(
    rule.ports,
    type === "Ingress"
      ? { pods: group.own, ...unknownTo(context.strangers(group.name)) }
      : {
          pods: selected.flatMap((peer) => peer.pods),
          ...unknownTo([...setNames.values()].flatMap((names) => [...names].flatMap(context.strangers))),
          ...(rule.peers.length === selected.length && selected.length > 0
            ? {}
            : { unknown: "the rule leads to more than pods, whose ports have no names" }),
        },
    (at, value, problem) => {
      throw fault(`${path}.ports[${at}].port`, value, problem, policy.source);
    },
  );
  // Names of ports that no pod has: nothing is open.
  if (ranges === undefined) return [];
  const severity = context.namespaces.get(policy.namespace)?.logging?.allow;
  const addresses = [
    ...(blocks.length > 0 ? [{ block: BLOCKS_INDEX, match: blockMatch(type, blocks) }] : []),
    ...(selected.length > 0 ? [{ block: PODS_INDEX, match: addressSetMatch(type, setNames) }] : []),
    ...(rule.peers.length === 0 ? [{ block: PODS_INDEX, match: anyAddressMatch(familiesOf(spec)) }] : []),
  ];
  return portMatches(ranges).flatMap(({ protocol, match: ports }) =>
    addresses.map(({ block, match }) =>
      policyAclRow(spec, group.name, policyAclIds(spec.name, policy, { type, index, protocol, block }), {
        type,
        name: `NP:${policy.namespace}:${policy.name}:${type}:${index}`,
        priority: ALLOW_PRIORITY,
        match: [match, ...(ports === undefined ? [] : [ports]), groupMatch(type, group.name)].join(" && "),
        action: policy.stateless === true ? "allow-stateless" : "allow-related",
        severity,
      }),
    ),
  );
}

function unknownTo(strangers: readonly string[]): { readonly unknown?: string } {
  const [port] = strangers;
  if (port === undefined) return {};
  return {
    unknown: `the port ${port} is of a pod that is not described: what it means by that is not known`,
  };
}

/** The pods that a peer means, and their addresses in one set for each family of the network. */
function peerSets(
  { spec, members, namespaces }: PolicyContext,
  policy: PolicyInput,
  peer: PolicyPeer,
  path: string,
): { readonly pods: readonly PolicyMember[]; readonly sets: readonly (WantedSet & { family: Family })[] } {
  const refuse = (problem: string): never => {
    const field = peer.namespaceSelector === undefined ? "podSelector" : "namespaceSelector";
    throw fault(`${path}.${field}`, peer[field], problem, policy.source);
  };
  const families = familiesOf(spec);
  if (families.length === 0)
    return refuse(
      `needs to know addresses of pods, and network "${spec.name}" has no subnets: only ipBlock can be used`,
    );
  const pods = peerMembers(peer, policy.namespace, members, namespaces, refuse);
  const addresses = [...new Set(pods.flatMap((pod) => pod.addresses))].sort();
  return {
    pods,
    sets: families.map((family) => {
      const ids = peerSetIds(spec.name, policy.namespace, peer, family);
      const own = addresses.filter((address) => address.includes(":") === (family === 6));
      return { family, name: hashedName(ids.id), ids, addresses: own };
    }),
  };
}

/** As it was written, unless it has host bits: OVN takes those for a mistake and leaves out the whole ACL. */
function canonical({ cidr, except = [] }: PolicyBlock): PolicyBlock {
  const text = (written: string): string => {
    const parsed = parseCidr(written);
    return parsed === undefined || parsed.first === parseInterface(written)?.address.value
      ? written
      : parsed.text;
  };
  return { cidr: text(cidr), except: except.map(text) };
}

function familiesOf(spec: NetworkSpec): readonly Family[] {
  return ([4, 6] as const).filter((family) => spec.subnets.some((subnet) => subnet.family === family));
}
