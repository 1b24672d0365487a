import { Deadline, delay, whenSynced } from "../../database/index.ts";
import type { ManifestSet } from "../../manifests/index.ts";
import { type Log, type LogFields, onAbort, startTimer } from "../../session/index.ts";
import type { Northbound } from "../../topology/index.ts";
import { deadlineOf, withNorthbound } from "../connection.ts";
import { Interrupted, type Io } from "../io.ts";
import { inOurWords } from "../output/library-words.ts";
import type { Look } from "../output/listing.ts";
import { tell, tellAbsent } from "../output/messages.ts";
import { WatchOutput } from "../output/watch-output.ts";
import type { GetOptions, Lists } from "./lists.ts";
import { tellUnmatched } from "./unmatched.ts";

/** Milliseconds between two looks at least: what comes in a burst is told together. */
const PAUSE = 50;

/** Looks shall take no more than this part of the time: where changes never end, they would take half of a processor. */
const SHARE = 0.1;

/** Milliseconds that nobody waits longer for, whatever looks take. */
const LONGEST_PAUSE = 1000;

/** How long to wait after a look that took so long, in milliseconds. Half of the time is for others in any case. */
export function pauseAfter(took: number): number {
  const wanted = Math.min(took / SHARE - took, LONGEST_PAUSE);
  return Math.max(PAUSE, took, wanted);
}

/**
 * `get --watch`: a list, and then what comes, changes and goes, until it is interrupted, its time is over, or nobody reads any
 * more. A connection that is lost is made again however long that takes.
 */
export async function watch(
  lists: Lists,
  set: ManifestSet | undefined,
  options: GetOptions,
  io: Io,
): Promise<number> {
  const { choices, tables } = lists;
  let isBegun = false;
  const over = new AbortController();
  const signal = AbortSignal.any([io.signal, io.unread, over.signal]);
  const tellLoss = lossTeller(io);
  const log: Log = ({ event, fields }) => {
    if (event === "state" && isBegun && !signal.aborted) tellLoss(fields["state"] === "live", fields);
  };
  // A time that nobody asked for is that of connecting. For a watch "never" is not the longest time of one timer: 24 days.
  const isTimed = options.isTimed && options.timeout > 0;
  const deadline = isTimed ? deadlineOf(options, io) : new Deadline(Number.POSITIVE_INFINITY);
  const stopTimer = startTimer(deadline.left, () => over.abort(deadline.error("the end of --watch")));
  try {
    return await withNorthbound(options, io, { tables, log }, async (nb, connecting) => {
      const look = await looks(lists, set, nb);
      const until = { deadline: connecting, signal };
      const changes = await whenSynced(nb, () => new Changes(nb.changes(undefined, { signal })), until);
      const output = new WatchOutput(options, io);
      for (;;) {
        const begun = performance.now();
        const seen = await whenSynced(nb, look, until);
        if (!isBegun) {
          const listings = seen.map(({ now }) => now);
          if (!options.ignoreNotFound)
            tellAbsent(
              io,
              listings.flatMap(({ missing }) => missing),
            );
          tellUnmatched(choices, listings, options, io);
        }
        isBegun = true;
        until.deadline = deadline;
        for (const each of seen) await output.write(each);
        // Else what a reader does not take, such as a pager that nobody looks at, would fill the memory.
        await unlessAborted(signal, io.written());
        await delay(pauseAfter(performance.now() - begun), signal);
        await changes.next();
      }
    });
  } catch (error) {
    if (!isBegun || error !== signal.reason) throw error;
    return error instanceof Interrupted ? error.exitCode : 0;
  } finally {
    stopTimer();
  }
}

/** Loads what looks at the database. Only of pods it is known what has changed: of others, each look is at all of them. */
async function looks(
  { choices, load }: Lists,
  set: ManifestSet | undefined,
  nb: Northbound,
): Promise<() => readonly Look[]> {
  const [choice] = choices;
  if (choice?.resource === "pods") {
    const { lookAtPods } = await import("./watch-pods.ts");
    return lookAtPods(set, choice, nb);
  }
  const list = await load();
  return () => list(nb).map((now) => ({ now }));
}

/** Waits for something, and rejects with the signal's reason. Unlike a race it leaves nothing behind at the signal. */
function unlessAborted(signal: AbortSignal, waiting: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = onAbort(signal, () => reject(signal.reason));
    waiting.finally(stop).then(resolve, reject);
  });
}

/** Says once that the connection is lost, and once that it is there again, of the server that it is about. */
function lossTeller(io: Io): (isLive: boolean, fields: LogFields) => void {
  let isLost = false;
  return (isLive, { remote, reason }) => {
    if (isLive !== isLost) return;
    isLost = !isLive;
    const what = isLost
      ? `${inOurWords(String(reason ?? "the connection was lost"))}; trying again`
      : "connected again";
    // Some reasons name the server, too.
    tell(io, what.startsWith(`${remote}`) ? what : `${remote}: ${what}`);
  };
}

/** Tells whether anything has changed since it was last asked. */
class Changes {
  #isStale = false;
  #waiting: { resolve(): void; reject(reason: unknown): void } | undefined;
  #end: { readonly reason: unknown } | undefined;

  constructor(batches: AsyncIterable<unknown>) {
    this.#follow(batches).catch((reason: unknown) => {
      this.#end = { reason };
      this.#waiting?.reject(reason);
    });
  }

  /** Resolves at the next change, at once if there was one meanwhile. Rejects when the handle has ended, or with the signal's reason. */
  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#end !== undefined) reject(this.#end.reason);
      else if (this.#isStale) this.#tell();
    });
  }

  async #follow(batches: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of batches) {
      this.#isStale = true;
      this.#tell();
    }
  }

  #tell(): void {
    if (this.#waiting === undefined) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
    this.#isStale = false;
  }
}
