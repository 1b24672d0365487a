import type { FaultProxy, ProxyMessage } from "../../lib/testing/index.ts";

/** What those calls of a crowd were given that were not refused. */
export function given<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  return results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

/** Why the others were. */
export function errors(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
}

/**
 * Adds to `sizes` how much of what is looked for is in each transaction on the open connection, where it is any, and calls `sent`
 * with that before the server gets it.
 */
export function noteSizes(
  proxy: FaultProxy,
  countIn: (message: ProxyMessage) => number,
  sizes: number[],
  sent: (size: number) => void = () => undefined,
): void {
  proxy.setOpenFaults({
    toServer: {
      rewrite: (message) => {
        const size = message["method"] === "transact" ? countIn(message) : 0;
        if (size > 0) {
          sizes.push(size);
          sent(size);
        }
        return message;
      },
    },
  });
}
