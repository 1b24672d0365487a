import type { Northbound } from "../request/request.ts";
import { type OrderOptions, workAfter } from "./work-after.ts";

/** By handle, the ends of the last calls about nodes, by network and node. */
const underWay = new WeakMap<object, Map<string, Promise<void>>>();

/**
 * Does something with a node's part of a network: at once, or after the calls on that handle that were begun before and are about the same.
 * What is asked for last is there at the end.
 *
 * @throws what `work` throws; `TimeoutError` or the signal's reason while it waits
 */
export async function nodeInOrder<R>(
  nb: Northbound,
  network: string,
  node: string,
  options: OrderOptions,
  work: () => Promise<R>,
): Promise<R> {
  if (options.dryRun === true) return await work();
  const calls = underWay.get(nb) ?? new Map<string, Promise<void>>();
  underWay.set(nb, calls);
  const key = JSON.stringify([network, node]);
  const earlier = calls.get(key);
  const what = `the end of the call before for node ${node} on network "${network}"`;
  return await workAfter(earlier === undefined ? [] : [earlier], what, options, work, (end) => {
    calls.set(key, end);
    return () => {
      if (calls.get(key) === end) calls.delete(key);
    };
  });
}
