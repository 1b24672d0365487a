import type { ReadView } from "../../database/index.ts";
import type { DesiredRow, Removal } from "../../reconcile/index.ts";
import type { NetworkRole } from "../description/network-spec.ts";
import { rowKey } from "../naming/row-key.ts";
import type { ForeignRow } from "../observe/foreign-rows.ts";
import { rowsOfNetwork, switchesOfNetwork, text } from "../observe/observe.ts";
import { portsOfSwitch } from "../observe/port-index.ts";
import type { SwitchPorts } from "../observe/switch-ports.ts";
import { observePolicies } from "../policies/observe-policies.ts";
import type { ObservedGroup } from "../policies/observed-policies.ts";
import { POLICY_TYPE, policyKey } from "../policies/policy-ids.ts";
import { goneAddresses, stayingSetRows } from "../policies/policy-repairs.ts";
import { namespaceOf, setRemoval, setsOf } from "../policies/policy-stays.ts";
import type { PolicyName } from "../request/deletion-request.ts";
import { removeParent } from "./removal.ts";

/** What the removal of policies takes. */
export interface RemovedPolicies {
  /** Groups of namespaces that stay for other policies. */
  readonly rows: readonly DesiredRow[];
  readonly removals: readonly Removal[];
  readonly foreign: readonly ForeignRow[];
  readonly kept: readonly string[];
  readonly absent: readonly string[];
}

/** Plans the removal of policies; those of networks that go as a whole need none. */
export function removePolicies(
  view: ReadView,
  policies: readonly PolicyName[],
  goingNetworks: ReadonlySet<string>,
): RemovedPolicies {
  const absent: string[] = [];
  const byNetwork = new Map<string, Set<string>>();
  for (const policy of policies) {
    const networks = networksOfPolicy(view, policy);
    if (networks.length === 0) absent.push(`policy ${policy.namespace}/${policy.name}`);
    for (const network of networks.filter((each) => !goingNetworks.has(each))) {
      const going = byNetwork.get(network) ?? new Set();
      byNetwork.set(network, going.add(policyKey(policy.namespace, policy.name)));
    }
  }
  const parts = [...byNetwork].map(([network, going]) => removeFrom(view, network, going));
  return {
    rows: parts.flatMap((part) => part.rows),
    removals: parts.flatMap((part) => part.removals),
    foreign: parts.flatMap((part) => part.foreign),
    kept: parts.flatMap((part) => part.kept),
    absent,
  };
}

/** Takes the addresses of ports that go out of the network's address sets: whoever has one next is another pod. */
export function withdrawAddresses(
  view: ReadView,
  network: string,
  leaving: ReadonlySet<string>,
  goingSets: ReadonlySet<string>,
): DesiredRow[] {
  const observed = observePolicies(view, network);
  const gone = goneAddresses([], observed, leaving);
  // To look through all ports of the network for a few addresses takes much longer than all else. The index also knows what disabled
  // ports are kept for, which these do not have.
  let homes: readonly SwitchPorts[] | undefined;
  const holdersOf = (address: string): readonly string[] => {
    homes ??= switchesOfNetwork(view, network).map((row) => portsOfSwitch(view, row));
    return homes
      .flatMap((home) => home.holders(address))
      .filter((name) => !leaving.has(name) && observed.addressesOf(name).includes(address));
  };
  return observed.sets
    .filter(({ uuid }) => !goingSets.has(uuid))
    .flatMap((set) => stayingSetRows({ network, holdersOf }, set, gone));
}

function removeFrom(
  view: ReadView,
  network: string,
  subjects: ReadonlySet<string>,
): Omit<RemovedPolicies, "absent"> {
  const observed = observePolicies(view, network);
  const policies = observed.groups.filter(({ type }) => type === POLICY_TYPE);
  const goingPolicies = policies.filter(({ subject }) => subjects.has(subject));
  const staying = policies.filter((group) => !goingPolicies.includes(group));
  const touched = new Set(goingPolicies.map(namespaceOf));
  const shared = observed.groups.filter(
    (group) => group.type !== POLICY_TYPE && touched.has(namespaceOf(group)),
  );
  const stayIn = (group: ObservedGroup): ObservedGroup[] =>
    staying.filter((other) => namespaceOf(other) === namespaceOf(group));
  const going = [...goingPolicies, ...shared.filter((group) => stayIn(group).length === 0)];
  const freed = setsOf(going);
  const used = setsOf(observed.groups.filter((group) => !going.includes(group)));
  const parts = going
    .flatMap(({ uuid }) => view.byUuid("Port_Group", uuid) ?? [])
    .map((row) => removeParent(view, network, "Port_Group", row));
  const left = shared
    .filter((group) => !going.includes(group))
    .map((group) => ({ group, ...portsThatLeave(group, goingPolicies, stayIn(group)) }));
  return {
    rows: left.flatMap(({ group, leaving }) => leavingRow(network, group, leaving)),
    removals: [
      ...parts.flatMap(({ removals }) => removals),
      ...observed.sets
        .filter(({ name }) => freed.has(name) && !used.has(name))
        .map((set) => setRemoval(network, set)),
    ],
    foreign: parts.flatMap(({ foreign }) => foreign),
    // Which directions a policy closes is in no row. Too much closed is found at once, too much open is not.
    kept: left.flatMap(({ group, doubtful }) =>
      doubtful.length === 0
        ? []
        : [
            `${doubtful.join(", ")} of network "${network}" may stay closed (${group.direction}) until other policies of ` +
              `namespace ${namespaceOf(group)} that select the same pods are applied again`,
          ],
    ),
  };
}

function portsThatLeave(
  { ports }: ObservedGroup,
  going: readonly ObservedGroup[],
  staying: readonly ObservedGroup[],
): { readonly leaving: readonly string[]; readonly doubtful: readonly string[] } {
  const namesIn = (groups: readonly ObservedGroup[]): ReadonlySet<string> =>
    new Set(groups.flatMap((group) => group.ports.map(({ name }) => name)));
  const freed = namesIn(going);
  const held = namesIn(staying);
  const concerned = ports.filter(({ name }) => freed.has(name));
  return {
    leaving: concerned.filter(({ name }) => !held.has(name)).map(({ uuid }) => uuid),
    doubtful: concerned.filter(({ name }) => held.has(name)).map(({ name }) => name),
  };
}

function leavingRow(network: string, { name }: ObservedGroup, leaving: readonly string[]): DesiredRow[] {
  if (leaving.length === 0) return [];
  return [
    {
      key: rowKey("Port_Group", name),
      kind: "port group as found",
      name,
      notElements: { ports: leaving },
      network,
    },
  ];
}

const CONTROLLER = /^(.+)-network-controller$/s;

/** The networks on which a policy is. The cluster's own network is none of ours. */
function networksOfPolicy(view: ReadView, { namespace, name, role }: PolicyName): string[] {
  return view
    .find("Port_Group", {
      external_ids: {
        "k8s.ovn.org/owner-type": POLICY_TYPE,
        "k8s.ovn.org/name": policyKey(namespace, name),
      },
    })
    .flatMap((row) => CONTROLLER.exec(text(row, "external_ids", "k8s.ovn.org/owner-controller"))?.[1] ?? [])
    .filter((network) => network !== "default" && roleOf(view, network) === role);
}

/** Secondary unless its rows say otherwise: the old profile marks no role, and had no primary networks. */
function roleOf(view: ReadView, network: string): NetworkRole {
  const isPrimary = rowsOfNetwork(view, "Logical_Switch", network, []).some(
    (row) => text(row, "external_ids", "k8s.ovn.org/role") === "primary",
  );
  return isPrimary ? "primary" : "secondary";
}
