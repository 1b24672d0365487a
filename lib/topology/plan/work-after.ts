import { type CommitOptions, type Deadline, inTime } from "../../database/index.ts";
import { commitOp } from "../../ovsdb/index.ts";
import { OutcomeUnknownError } from "../../session/index.ts";
import type { Northbound } from "../request/request.ts";

/** How long a call may wait, and what it says of itself. */
export type OrderOptions = CommitOptions & { readonly deadline: Deadline };

/** Where a call stands among those that are about the same. */
export interface Place {
  /** The ends of the calls before it; they never fail. */
  readonly earlier: readonly Promise<void>[];
  /** Names what is waited for. */
  readonly what: string;
  /** Lets later ones know of it; told its end, and gives what to do then. */
  enter(end: Promise<void>): () => void;
}

/**
 * Does something in its place: after those before, and so that those who come later know. They wait also for what was given up when
 * it had been sent: to plan before the server has done it would be to plan on what is about to change.
 *
 * @throws what `work` throws; `TimeoutError` or the signal's reason while it waits
 */
export async function workAfter<R>(
  nb: Northbound,
  place: Place,
  { deadline, signal, wait = "none" }: OrderOptions,
  work: () => Promise<R>,
): Promise<R> {
  let finish: () => void = () => undefined;
  const own = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const earlier = place.earlier.length === 0 ? undefined : Promise.all(place.earlier);
  // Who gives up in the middle does not let those behind pass those before.
  const end = earlier === undefined ? own : earlier.then(() => own);
  // What waits for others after its commit holds up nobody: the chassis of a pod that has ended never confirms its port.
  const leave = wait === "none" ? place.enter(end) : undefined;
  let isOver = earlier === undefined;
  let answered: Promise<unknown> | undefined;
  try {
    if (earlier !== undefined) {
      await inTime(earlier, deadline.left, () => deadline.error(place.what), [signal]);
      isOver = true;
    }
    return await work();
  } catch (error) {
    if (leave !== undefined && error instanceof OutcomeUnknownError) answered = allAnswered(nb);
    throw error;
  } finally {
    if (answered === undefined) finish();
    else void answered.then(finish);
    if (leave !== undefined) {
      if (isOver && answered === undefined) leave();
      else void end.then(leave);
    }
  }
}

/**
 * Resolves when the server has answered, or dropped, all that was sent to it before, which it takes up one after the other; when the
 * connection was lost, as soon as the replica is whole again. Never fails.
 */
function allAnswered(nb: Northbound): Promise<unknown> {
  // It does nothing, and a relay hands it on to where all that writes goes.
  const operation = commitOp(false);
  const timeout = Number.POSITIVE_INFINITY;
  return nb.transact((tx) => tx.raw(operation), { timeout }).catch(() => undefined);
}
