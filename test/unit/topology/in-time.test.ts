import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { Deadline } from "../../../lib/database/index.ts";
import { inTime } from "../../../lib/topology/plan/in-time.ts";

const never = new Promise<void>(() => undefined);

/** Waits of one caller, and how many timers and listeners they keep. */
async function setup() {
  // Mocha's own timer is set once a test has returned its promise.
  await Promise.resolve();
  const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
  const before = timers();
  const stop = new AbortController();
  return {
    stop,
    wait: (others: Promise<unknown>, milliseconds = 60_000): Promise<void> =>
      inTime(others, { deadline: new Deadline(milliseconds), signal: stop.signal }, () => new Error("late")),
    left: () => [timers() - before, getEventListeners(stop.signal, "abort").length],
  };
}

describe("waiting for others until a deadline, or a signal", () => {
  it("leaves neither a timer nor a listener, whichever comes first", async () => {
    const { stop, wait, left } = await setup();
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
    const { stop, wait, left } = await setup();
    stop.abort(new RangeError("enough"));
    await assert.rejects(wait(never), /enough/);
    assert.deepEqual(left(), [0, 0]);
  });
});
