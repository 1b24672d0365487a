import type { Northbound } from "../request/request.ts";
import { type OrderOptions, workAfter } from "./work-after.ts";

/** By handle, the ends of the last calls about nodes, by network and node. */
const underWay = new WeakMap<object, Map<string, Promise<void>>>();

/** Where a call about a node stands among those about the same. */
export interface NodePlace {
  /** The end of the call before it, if there is one. */
  readonly earlier: readonly Promise<void>[];
  /** Names what is waited for. */
  readonly what: string;
  /** Lets later ones know of it; told its end, and gives what to do then. */
  enter(end: Promise<void>): () => void;
}

/** The place of a call that begins now. */
export function nodePlace(nb: Northbound, network: string, node: string): NodePlace {
  const calls = underWay.get(nb) ?? new Map<string, Promise<void>>();
  underWay.set(nb, calls);
  const key = JSON.stringify([network, node]);
  const earlier = calls.get(key);
  return {
    earlier: earlier === undefined ? [] : [earlier],
    what: `the end of the call before for node ${node} on network "${network}"`,
    enter(end) {
      calls.set(key, end);
      return () => {
        if (calls.get(key) === end) calls.delete(key);
      };
    },
  };
}

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
  const { earlier, what, enter } = nodePlace(nb, network, node);
  return await workAfter(nb, earlier, what, options, work, enter);
}
