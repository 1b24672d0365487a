import type { CommitOptions, Deadline } from "../../database/index.ts";
import type { Northbound } from "../request/request.ts";
import { inTime } from "./in-time.ts";

/** What a call is about. */
interface OfPod {
  readonly network: string;
  readonly namespace: string;
  readonly name: string;
}

/** By handle, ends of the last calls that are under way about pods, by network and pod. */
const underWay = new WeakMap<object, Map<string, Promise<void>>>();

/**
 * Does something with a pod's ports: at once, or after the calls on that handle and network that were begun before and are about
 * the same pod.
 *
 * A plan is made of what the database holds. Made while the one before is on its way to the server, that of a `detach` would find no
 * port to take away, and the port stay for good; that of an `attach` would find the port that is about to go.
 *
 * @throws what `work` throws; `TimeoutError` or the signal's reason while it waits
 */
export async function inOrder<R>(
  nb: Northbound,
  { network, namespace, name }: OfPod,
  { deadline, signal, wait = "none", dryRun = false }: CommitOptions & { readonly deadline: Deadline },
  work: () => Promise<R>,
): Promise<R> {
  if (dryRun) return await work();
  const all = underWay.get(nb) ?? new Map<string, Promise<void>>();
  underWay.set(nb, all);
  const key = JSON.stringify([network, namespace, name]);
  const earlier = all.get(key);
  let end: () => void = () => undefined;
  const own = new Promise<void>((resolve) => {
    end = resolve;
  });
  // Who gives up in the middle does not let those behind pass those before.
  const last = earlier === undefined ? own : earlier.then(() => own);
  // What waits for others after its commit holds up nobody: the chassis of a pod that has ended never confirms its port.
  if (wait === "none") all.set(key, last);
  const forget = (): void => {
    if (all.get(key) === last) all.delete(key);
  };
  let isOver = earlier === undefined;
  try {
    if (earlier !== undefined) {
      const what = `the end of the call before for pod ${namespace}/${name} on network "${network}"`;
      await inTime(earlier, { deadline, signal }, () => deadline.error(what));
      isOver = true;
    }
    return await work();
  } finally {
    end();
    if (isOver) forget();
    else void last.then(forget);
  }
}
