import type { Northbound } from "../request/request.ts";
import { type OrderOptions, type Place, workAfter } from "./work-after.ts";

/** What is under way on a network. */
interface UnderWay {
  /** Ends of the last calls about nodes, by node. */
  readonly nodes: Map<string, Promise<void>>;
  /** End of the last call about all of the network. */
  whole: Promise<void> | undefined;
}

/** By handle and network. */
const underWay = new WeakMap<object, Map<string, UnderWay>>();

/** The place of a call about a node that begins now. */
export function nodePlace(nb: Northbound, network: string, node: string): Place {
  const known = underWay.get(nb)?.get(network);
  return {
    earlier: [known?.nodes.get(node), known?.whole].filter((end) => end !== undefined),
    what: `the end of the call before for node ${node} on network "${network}"`,
    enter(end) {
      const own = underWayOn(nb, network);
      own.nodes.set(node, end);
      return () => {
        if (own.nodes.get(node) === end) own.nodes.delete(node);
        forgetIdle(nb, network, own);
      };
    },
  };
}

/** The place of a call about a whole network that begins now. */
export function networkPlace(nb: Northbound, network: string): Place {
  const known = underWay.get(nb)?.get(network);
  return {
    earlier: [...(known?.nodes.values() ?? []), known?.whole].filter((end) => end !== undefined),
    what: `the end of the calls before for nodes on network "${network}"`,
    enter(end) {
      const own = underWayOn(nb, network);
      own.whole = end;
      return () => {
        if (own.whole === end) own.whole = undefined;
        forgetIdle(nb, network, own);
      };
    },
  };
}

function underWayOn(nb: Northbound, network: string): UnderWay {
  const networks = underWay.get(nb) ?? new Map<string, UnderWay>();
  underWay.set(nb, networks);
  const known = networks.get(network) ?? { nodes: new Map<string, Promise<void>>(), whole: undefined };
  networks.set(network, known);
  return known;
}

function forgetIdle(nb: Northbound, network: string, { nodes, whole }: UnderWay): void {
  if (nodes.size === 0 && whole === undefined) underWay.get(nb)?.delete(network);
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
  return await workAfter(nb, nodePlace(nb, network, node), options, work);
}
