import { NotSyncedError } from "../session/index.ts";
import type { UntilOptions } from "./options.ts";
import { boundsOf, type Until } from "./timing.ts";

/**
 * Reads at once, or as soon as the connection that was lost is there again. What a synchronous `read` reads is of one
 * moment, and given back at once when it can be. Rejects with what `read` throws, `TimeoutError`, or the signal's reason.
 */
export function whenSynced<R>(
  db: { synced(options: UntilOptions): Promise<void> },
  read: () => R | Promise<R>,
  until: Until,
): R | Promise<R> {
  const again = async (error: unknown): Promise<R> => {
    if (!(error instanceof NotSyncedError)) throw error;
    await db.synced(boundsOf(until));
    return whenSynced(db, read, until);
  };
  try {
    const value = read();
    return value instanceof Promise ? value.catch(again) : value;
  } catch (error) {
    return again(error);
  }
}
