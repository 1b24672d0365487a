import { boundsOf, type Until } from "../../database/index.ts";
import { TimeoutError } from "../../jsonrpc/index.ts";
import { WaitList } from "../../session/index.ts";

/** Milliseconds of one turn of the event loop in which plans are begun. */
const BUDGET = 5;

/** When the first plan of this turn was begun; undefined where none was. */
let begun: number | undefined;
const waiting: WaitList<void> = new WaitList();

/**
 * Makes a plan: at once, or in a later turn of the event loop where others have taken up this one. Who asks first is first.
 *
 * A program may begin thousands of changes in one turn, and when a lost connection is there again all who waited for it go on in
 * one. Made there, their plans would keep replies, probes and timers unread until the last is made, and the server idle; and
 * each would have to look past what all before it are about to take. One after the other they begin with what those
 * before have changed.
 *
 * @throws what `plan` throws, the signal's reason, or `TimeoutError`
 */
export function inTurn<R>(plan: () => R, until: Until): R | Promise<R> {
  if (waiting.size === 0 && hasTime()) return plan();
  return new Promise<R>((resolve, reject) => {
    waiting
      .wait(boundsOf(until), WHAT, () => resolve(plan()))
      .catch((error: unknown) => reject(error instanceof TimeoutError ? until.deadline.error(WHAT) : error));
  });
}

const WHAT = "a turn among the plans of this program";

function hasTime(): boolean {
  const now = performance.now();
  if (begun === undefined) {
    begun = now;
    setImmediate(nextTurn);
  }
  return now - begun < BUDGET;
}

function nextTurn(): void {
  begun = undefined;
  while (waiting.size > 0 && hasTime()) waiting.next();
}
