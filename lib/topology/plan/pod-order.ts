import type { Northbound } from "../request/request.ts";
import { type OrderOptions, type Place, workAfter } from "./work-after.ts";

/** What a call is about. */
interface OfPod {
  readonly network: string;
  readonly namespace: string;
  readonly name: string;
}

/** The same of a pod that is meant on all networks, where none is said. */
interface AnywherePod extends Omit<OfPod, "network"> {
  readonly network?: string | undefined;
}

/** Whether a plan is about the ports of a pod on a network. */
export type PodTest = (pod: OfPod) => boolean;

/** What is under way on a handle. */
interface UnderWay {
  /** Ends of the last calls about pods, by network and pod. */
  readonly calls: Map<string, { readonly pod: OfPod; readonly end: Promise<void> }>;
  /** Plans that are applied. */
  readonly plans: Set<{ readonly isAbout: PodTest; readonly end: Promise<void> }>;
}

const underWay = new WeakMap<object, UnderWay>();

/**
 * Does something with a pod's ports: at once, or after the calls and plans on that handle that were begun before and are about the
 * same pod on the same network.
 *
 * A plan is made of what the database holds. Made while the one before is on its way to the server, that of a `detach` would find no
 * port to take away, and the port stay for good; that of an `attach` would find the port that is about to go.
 *
 * @throws what `work` throws; `TimeoutError` or the signal's reason while it waits
 */
export async function inOrder<R>(
  nb: Northbound,
  pod: OfPod,
  options: OrderOptions,
  work: () => Promise<R>,
): Promise<R> {
  if (options.dryRun === true) return await work();
  return await workAfter(nb, podPlace(nb, pod), options, work);
}

/** The place of a call about a pod that begins now. */
function podPlace(nb: Northbound, pod: OfPod): Place {
  const { calls, plans } = underWayOn(nb);
  const key = keyOf(pod);
  const earlier: Promise<void>[] = [];
  const call = calls.get(key);
  if (call !== undefined) earlier.push(call.end);
  for (const { isAbout, end } of plans) if (isAbout(pod)) earlier.push(end);
  return {
    earlier,
    what: `the end of the call before for pod ${pod.namespace}/${pod.name} on network "${pod.network}"`,
    enter(end) {
      calls.set(key, { pod, end });
      return () => {
        if (calls.get(key)?.end === end) calls.delete(key);
      };
    },
  };
}

/**
 * Applies a plan: at once, or after the calls on that handle that were begun before and are about pods of the plan. Throws as {@link inOrder}.
 *
 * @param nodes Where it stands among calls about the nodes that it takes out: both orders are joined in one moment, so that those
 *   who come later wait for it whomever it waits for. Absent: it is about no node.
 */
export async function planInOrder<R>(
  nb: Northbound,
  isAbout: PodTest,
  options: OrderOptions,
  work: () => Promise<R>,
  nodes?: Place,
): Promise<R> {
  if (options.dryRun === true) return await work();
  return await workAfter(nb, planPlace(nb, isAbout, nodes), options, work);
}

function planPlace(nb: Northbound, isAbout: PodTest, nodes: Place | undefined): Place {
  const { calls, plans } = underWayOn(nb);
  const earlier: Promise<void>[] = [...(nodes?.earlier ?? [])];
  const pods = "the end of the calls before for pods of the plan";
  const what = nodes === undefined || earlier.length === 0 ? pods : `${nodes.what}, and ${pods}`;
  for (const { pod, end } of calls.values()) if (isAbout(pod)) earlier.push(end);
  return {
    earlier,
    what,
    enter(end) {
      const plan = { isAbout, end };
      plans.add(plan);
      const leave = nodes?.enter(end);
      return () => {
        plans.delete(plan);
        leave?.();
      };
    },
  };
}

/**
 * Whether a pod is among these, or on one of the networks.
 *
 * @param pods Those without a network are meant on all. Not looked at before somebody asks.
 */
export function podTest(
  pods: () => Iterable<AnywherePod>,
  networks: ReadonlySet<string> = new Set(),
): PodTest {
  let keys: ReadonlySet<string> | undefined;
  return (pod) => {
    if (networks.has(pod.network)) return true;
    keys ??= new Set([...pods()].map(keyOf));
    // Hundreds of plans of nodes may be under way while thousands of pods are attached.
    if (keys.size === 0) return false;
    return keys.has(keyOf(pod)) || keys.has(keyOf({ ...pod, network: "" }));
  };
}

function underWayOn(nb: Northbound): UnderWay {
  const known = underWay.get(nb) ?? { calls: new Map(), plans: new Set() };
  underWay.set(nb, known);
  return known;
}

function keyOf({ network = "", namespace, name }: AnywherePod): string {
  return JSON.stringify([network, namespace, name]);
}
