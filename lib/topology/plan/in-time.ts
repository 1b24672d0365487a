import type { Until } from "../../database/index.ts";
import { onAbort, startTimer } from "../../session/index.ts";

/**
 * Resolves when others, who never fail, are done.
 *
 * @param late What to throw when the time is over before.
 * @throws that, or the signal's reason
 */
export function inTime(
  others: Promise<unknown>,
  { deadline, signal }: Until,
  late: () => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stopTimer = startTimer(deadline.left, () => {
      stopListening();
      reject(late());
    });
    const stopListening = onAbort(signal, () => {
      stopTimer();
      reject(signal?.reason);
    });
    void others.then(() => {
      stopTimer();
      stopListening();
      resolve();
    });
  });
}
