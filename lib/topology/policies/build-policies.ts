import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { fault } from "../description/spec-field.ts";
import { order } from "../naming/order.ts";
import type { Profile } from "../request/inputs.ts";
import { pathOf, policyProblems } from "../request/policy-check.ts";
import type { PolicyInput, PolicyRequest } from "../request/policy-input.ts";
import type { BuiltAttachment } from "../rows/built-network.ts";
import type { ObservedPolicies } from "./observed-policies.ts";
import { loggingMeterRows } from "./policy-acl.ts";
import { membersOf } from "./policy-members.ts";
import { goneAddresses, repairGroup, repairSet, stayingSetRows } from "./policy-repairs.ts";
import { wantedPolicies } from "./policy-rows.ts";
import { leavingPolicies } from "./policy-stays.ts";

/** A network's policies as rows. */
export interface BuiltPolicies {
  readonly rows: readonly DesiredRow[];
  readonly removals: readonly Removal[];
  /** What the user should know though it is no error. */
  readonly notes: readonly string[];
  /** What pruning leaves; one line each, for people. */
  readonly kept: readonly string[];
}

const NO_POLICIES: BuiltPolicies = Object.freeze({ rows: [], removals: [], notes: [], kept: [] });

/** What {@link buildPolicies} is to do beside adding and repairing. */
export interface PolicyScope {
  readonly profile: Profile;
  /** Remove policies that the request lacks, if this library made them. @default false */
  readonly prune?: boolean;
  /** Names of ports of pods that go in the same transaction. Default: none. */
  readonly leaving?: ReadonlySet<string>;
}

/** The public `buildPolicies` without its checks. */
export function buildPolicies(
  spec: NetworkSpec,
  attachments: readonly BuiltAttachment[],
  request: PolicyRequest | undefined,
  observed: ObservedPolicies,
  scope: PolicyScope,
): BuiltPolicies {
  // Most networks have none, and some of those have very many pods.
  if ((request?.policies ?? []).length === 0 && observed.groups.length === 0 && observed.sets.length === 0)
    return NO_POLICIES;
  const members = membersOf(attachments);
  const policies = checked(request?.policies ?? [], scope.profile);
  const known = new Set(members.map(({ portName }) => portName));
  const isStranger = (port: string): boolean => !known.has(port) && scope.leaving?.has(port) !== true;
  const groups = new Map(observed.groups.map((group) => [group.name, group]));
  const sets = new Map(observed.sets.map((set) => [set.name, set]));
  const holdersOf = (address: string): readonly string[] =>
    (observed.holders().get(address) ?? []).filter(isStranger);
  const own = new Set(members.flatMap(({ addresses }) => addresses));
  const wanted = wantedPolicies(
    {
      spec,
      members,
      namespaces: new Map((request?.namespaces ?? []).map((namespace) => [namespace.name, namespace])),
      strangers: (name) => [
        ...(groups.get(name)?.ports ?? []).map((port) => port.name).filter(isStranger),
        ...(sets.get(name)?.addresses ?? []).filter((address) => !own.has(address)).flatMap(holdersOf),
      ],
    },
    policies,
  );
  const leaving = leavingPolicies(spec.name, observed, wanted, request !== undefined, scope.prune === true);
  const repairs = { spec, network: spec.name, observed, known, holdersOf, staying: leaving.staying };
  const gone = goneAddresses(members, observed, scope.leaving ?? new Set());
  const rows = [
    ...[...wanted.groups, ...wanted.denyGroups].flatMap((group) => [
      repairGroup(repairs, group, groups.get(group.name)),
      ...group.acls,
    ]),
    ...[...wanted.sets.values()].map((set) => repairSet(repairs, set, sets.get(set.name))),
    ...leaving.sets.flatMap((set) => stayingSetRows(repairs, set, gone)),
    ...(wanted.groups.length > 0 && !observed.hasMeter ? loggingMeterRows() : []),
  ];
  const hasNewcomers = (): boolean =>
    members.some(({ portName }) => observed.addressesOf(portName).length === 0);
  return {
    rows,
    removals: leaving.removals,
    kept: leaving.kept,
    notes:
      request === undefined && leaving.policies.length > 0 && hasNewcomers()
        ? [
            `network "${spec.name}" has policies (${leaving.policies.join(", ")}): a pod that is planned without them joins none`,
          ]
        : leaving.notes,
  };
}

/** The policies in order. */
function checked(policies: readonly PolicyInput[], profile: Profile): readonly PolicyInput[] {
  const [first] = policies;
  if (first === undefined) return policies;
  if (profile === "ovn-kubernetes-2023")
    throw fault(
      "profile",
      profile,
      "wrote policies otherwise, which is not supported: use today's",
      first.source,
    );
  const sorted = policies.toSorted((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
  for (const [index, policy] of sorted.entries()) {
    const path = pathOf(policy);
    for (const field of ["namespace", "name"] as const)
      if (!/^[^\p{Cc}:]+$/u.test(policy[field]))
        throw fault(`${path}.${field}`, policy[field], "must be a name of Kubernetes", policy.source);
    const before = sorted[index - 1];
    if (before !== undefined && pathOf(before) === path)
      throw fault(path, policy.name, "is there twice", policy.source);
    for (const { path: field, value, problem } of policyProblems(policy))
      throw fault(`${path}.${field}`, value, problem, policy.source);
  }
  return sorted;
}
