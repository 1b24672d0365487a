import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { inTime } from "../../../lib/database/index.ts";
import { type WatchedTimers, watchTimers } from "../../support/watch-timers.ts";

const never = new Promise<void>(() => undefined);

/** Waits of one caller, and how many timers and listeners they keep. */
function setup(timers: WatchedTimers) {
  const stop = new AbortController();
  return {
    stop,
    wait: (others: Promise<unknown>, milliseconds = 60_000): Promise<unknown> =>
      inTime(others, milliseconds, () => new Error("late"), [undefined, stop.signal]),
    left: () => [timers.running.size, getEventListeners(stop.signal, "abort").length],
  };
}

describe("waiting for a promise for so long, or until a signal", () => {
  it("leaves neither a timer nor a listener, whichever comes first", async () => {
    using timers = watchTimers();
    const { stop, wait, left } = setup(timers);
    const done = wait(Promise.resolve());
    assert.deepEqual(left(), [1, 1]);
    await done;
    assert.deepEqual(left(), [0, 0]);
    await assert.rejects(wait(never, 1), /late/);
    assert.deepEqual(left(), [0, 0]);
    const aborted = wait(never);
    stop.abort(new RangeError("enough"));
    await assert.rejects(aborted, /enough/);
    assert.deepEqual(left(), [0, 0]);
  });

  it("does not begin with a signal that is aborted already", async () => {
    using timers = watchTimers();
    const { stop, wait, left } = setup(timers);
    stop.abort(new RangeError("enough"));
    await assert.rejects(wait(never), /enough/);
    assert.deepEqual(left(), [0, 0]);
  });
});
