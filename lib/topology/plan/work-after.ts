import type { CommitOptions, Deadline } from "../../database/index.ts";
import { inTime } from "./in-time.ts";

/** How long a call may wait, and what it says of itself. */
export type OrderOptions = CommitOptions & { readonly deadline: Deadline };

/**
 * Does something after others, who never fail, and lets those who come later know.
 *
 * @param what Names the others.
 * @param enter Lets others know of it; told its end, and gives what to do then.
 * @throws what `work` throws; `TimeoutError` or the signal's reason while it waits
 */
export async function workAfter<R>(
  others: readonly Promise<void>[],
  what: string,
  { deadline, signal, wait = "none" }: OrderOptions,
  work: () => Promise<R>,
  enter: (end: Promise<void>) => () => void,
): Promise<R> {
  let finish: () => void = () => undefined;
  const own = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const earlier = others.length === 0 ? undefined : Promise.all(others);
  // Who gives up in the middle does not let those behind pass those before.
  const end = earlier === undefined ? own : earlier.then(() => own);
  // What waits for others after its commit holds up nobody: the chassis of a pod that has ended never confirms its port.
  const leave = wait === "none" ? enter(end) : undefined;
  let isOver = earlier === undefined;
  try {
    if (earlier !== undefined) {
      await inTime(earlier, { deadline, signal }, () => deadline.error(what));
      isOver = true;
    }
    return await work();
  } finally {
    finish();
    if (leave !== undefined) {
      if (isOver) leave();
      else void end.then(leave);
    }
  }
}
