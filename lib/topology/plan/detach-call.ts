import type { AnyRow, ReadView } from "../../database/index.ts";
import { type Change, changesLeft } from "../../reconcile/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { defaultPortName, podOfOpenPorts } from "../isolation/isolation-ids.ts";
import { podPortName } from "../naming/names.ts";
import { addressesOfPort } from "../policies/observe-policies.ts";
import type { DeletionRequest } from "../request/deletion-request.ts";
import type { Northbound } from "../request/request.ts";
import { type Applied, type ApplyOptions, showApplied } from "./apply.ts";
import { absentPod, draftDetachments, findPodPort } from "./deletion.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { JointCall } from "./joint-call.ts";

/** A pod that loses its ports on a network: the one of a NAD, or all. */
export interface LeavingPod {
  readonly namespace: string;
  readonly name: string;
  readonly nad?: string | undefined;
  readonly uid?: string | undefined;
}

type PodOnNad = DeletionRequest["pods"][number];

/** A repetition may have been taken away by itself: so many in a row have to lack for the search to end. */
const REPETITIONS_MISSED = 16;

/** One call of `detach` that is under way. */
export class DetachCall extends JointCall<Applied> {
  readonly #pod: LeavingPod;
  /** What plans have been about, by the names of the ports; a later plan does not find what an earlier one has taken away. */
  readonly #pods: Map<string, PodOnNad> = new Map();
  readonly #ports: Map<string, AnyRow> = new Map();

  /** Throws `UsageError` for a `timeout` and a `wait` that are none. */
  constructor(nb: Northbound, spec: NetworkSpec, pod: LeavingPod, options: ApplyOptions) {
    super(nb, spec, options, options);
    this.#pod = pod;
  }

  readonly place = "";

  /** Calls about one pod are never under way at once. */
  get said(): readonly [string, string] {
    const { namespace, name } = this.#pod;
    return [`${namespace}/${name}`, ""];
  }

  protected draft(others: readonly this[]): DraftPlan {
    return draftDetachments(
      this.nb,
      [this, ...others].flatMap((each) => each.#look()),
    );
  }

  #look(): readonly PodOnNad[] {
    const { view } = this.nb;
    const { namespace, name, nad, uid } = this.#pod;
    const network = this.spec.name;
    const keys = nad === undefined ? attachedKeys(view, this.spec, { namespace, name }) : [nad];
    return keys.map((key) => {
      const pod = { namespace, name, nad: key, network, ...(uid !== undefined && { uid }) };
      const portName = podPortName(key, namespace, name);
      const port = findPodPort(view, pod);
      this.#pods.set(portName, pod);
      if (port !== undefined) this.#ports.set(portName, port);
      return pod;
    });
  }

  /**
   * What was done for it, also by a transaction whose reply was lost and which it has left since: the plan that it was in last does
   * not find what that one took away.
   */
  protected outcomeIn(applied: Applied): Applied {
    const lost = this.lostChanges.flatMap((change) => this.#ownIn(change));
    const done = lost.length === 0 ? lost : changesLeft(lost, applied.changes);
    if (done.length === 0) return applied;
    const gone = new Set(done.map(({ name }) => name));
    const taken = [...this.#pods].flatMap(([port, pod]) => (gone.has(port) ? [absentPod(pod)] : []));
    const outcome: Applied = {
      ...applied,
      changed: true,
      changes: [...done, ...applied.changes],
      transactions: applied.transactions + 1,
      absent: applied.absent.filter((line) => !taken.some((start) => line.startsWith(start))),
    };
    showApplied(outcome);
    return outcome;
  }

  protected override partOf(applied: Applied): Applied {
    const pods = [...this.#pods.values()];
    let changes: readonly Change[] | undefined;
    const part: Applied = {
      get changed() {
        return part.changes.length > 0;
      },
      // Those of all calls are told when somebody asks.
      get changes() {
        changes ??= ownChanges();
        return changes;
      },
      get transactions() {
        return part.changed ? applied.transactions : 0;
      },
      attempts: applied.attempts,
      omitted: applied.omitted,
      notes: applied.notes,
      kept: applied.kept,
      absent: applied.absent.filter((line) => pods.some((pod) => line.startsWith(absentPod(pod)))),
      attachments: [],
      nodes: [],
    };
    const ownChanges = (): Change[] => applied.changes.flatMap((change) => this.#ownIn(change));
    showApplied(part);
    return part;
  }

  /** What of a change is about this pod: one that is about several is told to each. */
  #ownIn(change: Change): readonly Change[] {
    const { table, name, uuid } = change;
    const { namespace, name: pod } = this.#pod;
    const ports = [...this.#ports.values()];
    switch (table) {
      case "Logical_Switch_Port":
        return this.#pods.has(name) || name === defaultPortName(namespace, pod) ? [change] : [];
      case "ACL":
        return podOfOpenPorts(name) === `${namespace}/${pod}` ? [change] : [];
      case "DHCP_Options":
        return ports.some((port) => [port["dhcpv4_options"], port["dhcpv6_options"]].includes(uuid))
          ? [change]
          : [];
      case "Address_Set":
        return withdrawn(change, new Set(ports.flatMap(addressesOfPort)));
      default:
        return [];
    }
  }
}

/** The change of an address set without what leaves it for the sake of others. */
function withdrawn(change: Change, addresses: ReadonlySet<string>): readonly Change[] {
  const removed = change.columns["addresses"]?.removed?.filter((address) => addresses.has(address)) ?? [];
  return removed.length === 0 ? [] : [{ ...change, columns: { addresses: { removed } } }];
}

/** NAD keys under which the pod has ports: those of the network's NADs, and their repetitions. */
function attachedKeys(
  view: ReadView,
  { name: network, nads }: NetworkSpec,
  pod: { readonly namespace: string; readonly name: string },
): readonly string[] {
  const keys = nads.flatMap((nad) => {
    const found: string[] = [];
    for (let index = 0, missed = 0; missed < REPETITIONS_MISSED; index += 1, missed += 1) {
      const key = index === 0 ? nad : `${nad}/${index}`;
      if (findPodPort(view, { ...pod, nad: key, network }) === undefined) continue;
      found.push(key);
      missed = -1;
    }
    return found;
  });
  return keys.length > 0 ? keys : nads.slice(0, 1);
}
