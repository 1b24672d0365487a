import { NotSyncedError } from "../session/index.ts";
import type { UntilOptions } from "./options.ts";
import type { Deadline } from "./timing.ts";

/**
 * Reads at once, or as soon as the connection that was lost is there again. What was read is of one moment, as `read` is
 * synchronous. Throws what it throws, `TimeoutError`, or the signal's reason.
 */
export async function whenSynced<R>(
  db: { synced(options: UntilOptions): Promise<void> },
  read: () => R,
  { deadline, signal }: { readonly deadline: Deadline; readonly signal?: AbortSignal | undefined },
): Promise<R> {
  for (;;) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NotSyncedError)) throw error;
    }
    await db.synced({ timeout: deadline.left, ...(signal === undefined ? {} : { signal }) });
  }
}
