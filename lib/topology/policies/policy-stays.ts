import type { Removal } from "../../reconcile/index.ts";
import { addressSetUuid, portGroupUuid } from "../naming/ids.ts";
import { byName } from "../naming/row-label.ts";
import type { ObservedGroup, ObservedPolicies, ObservedSet } from "./observed-policies.ts";
import { POLICY_TYPE } from "./policy-ids.ts";
import type { WantedPolicies } from "./policy-rows.ts";

/** What of a network's policies is in the database, is not asked for, and goes or stays. */
export interface LeavingPolicies {
  readonly removals: readonly Removal[];
  /** Groups that stay as they are. */
  readonly staying: readonly ObservedGroup[];
  /** Sets that nobody asked for and that stay. */
  readonly sets: readonly ObservedSet[];
  /** `namespace/policy` of those that stay. */
  readonly policies: readonly string[];
  readonly kept: readonly string[];
  readonly notes: readonly string[];
}

/** Finds out which policies and sets go. Only pruning takes policies away, and only those that we made. */
export function leavingPolicies(
  network: string,
  observed: ObservedPolicies,
  wanted: WantedPolicies,
  isAsked: boolean,
  prune: boolean,
): LeavingPolicies {
  const names = new Set([...wanted.groups, ...wanted.denyGroups].map(({ name }) => name));
  const others = observed.groups.filter(({ name }) => !names.has(name));
  const isOurs = ({ uuid, name, strangers }: ObservedGroup): boolean =>
    name !== "" && uuid === portGroupUuid(name) && strangers.length === 0;
  const mayGo = isAsked && prune;
  const policies = others.filter(({ type }) => type === POLICY_TYPE);
  const staying = policies.filter((group) => !mayGo || !isOurs(group));
  const busy = new Set(staying.map(namespaceOf));
  const idle = others.filter(
    (group) => group.type !== POLICY_TYPE && mayGo && isOurs(group) && !busy.has(namespaceOf(group)),
  );
  const going = [...policies.filter((group) => !staying.includes(group)), ...idle];
  const left = others.filter((group) => !going.includes(group));
  const sets = divideSets(observed, wanted, left, going, isAsked);
  const described = staying.map((group) => group.subject.replace(":", "/")).sort();
  return {
    removals: [
      ...going.flatMap((group) => groupRemovals(network, group)),
      ...sets.going.map((set) => setRemoval(network, set)),
    ],
    staying: left,
    sets: sets.staying,
    policies: described,
    kept: mayGo
      ? described.map(
          (policy) =>
            `policy ${policy} of network "${network}" stays: not made by us, or it has ACLs of somebody else`,
        )
      : [],
    notes:
      isAsked && !prune
        ? described.map(
            (policy) =>
              `policy ${policy} of network "${network}" is in the database and was not asked for: no pod joins or leaves it`,
          )
        : [],
  };
}

/** A set is of use as long as an ACL names it. */
function divideSets(
  observed: ObservedPolicies,
  wanted: WantedPolicies,
  staying: readonly ObservedGroup[],
  going: readonly ObservedGroup[],
  isAsked: boolean,
): { readonly going: readonly ObservedSet[]; readonly staying: readonly ObservedSet[] } {
  const used = setsOf(staying);
  const wantedGroups = new Set(wanted.groups.map(({ name }) => name));
  const freed = setsOf([...going, ...observed.groups.filter(({ name }) => wantedGroups.has(name))]);
  const others = observed.sets.filter(({ name }) => !wanted.sets.has(name));
  const isGoing = ({ name, uuid }: ObservedSet): boolean =>
    isAsked && !used.has(name) && (freed.has(name) || (name !== "" && uuid === addressSetUuid(name)));
  return { going: others.filter(isGoing), staying: others.filter((set) => !isGoing(set)) };
}

/** Names of the address sets that the ACLs of groups refer to. */
export function setsOf(groups: readonly ObservedGroup[]): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ acls }) =>
      acls.flatMap(({ match }) => (match.match(/\$a\d+/g) ?? []).map((name) => name.slice(1))),
    ),
  );
}

/** The namespace of a policy's group, or of a namespace's own. */
export function namespaceOf({ subject }: ObservedGroup): string {
  return subject.split(":", 1)[0] ?? subject;
}

/** A group goes with its ACLs, as long as nobody adds one meanwhile. */
function groupRemovals(network: string, { uuid, name, acls }: ObservedGroup): Removal[] {
  const group: Removal = {
    table: "Port_Group",
    uuid,
    name,
    kind: "port group",
    network,
    guards: { acls: acls.map((acl) => acl.uuid) },
  };
  const parent = { table: "Port_Group", uuid, column: "acls" };
  const along = acls.map(({ uuid: acl, id }): Removal => {
    return { table: "ACL", uuid: acl, name: id || acl, kind: "acl", network, parent };
  });
  return [group, ...along.toSorted(byName)];
}

/** A set goes. */
export function setRemoval(network: string, { uuid, name }: Pick<ObservedSet, "uuid" | "name">): Removal {
  return { table: "Address_Set", uuid, name, kind: "address set", network };
}
