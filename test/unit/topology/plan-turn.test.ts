import assert from "node:assert/strict";
import { Deadline } from "../../../lib/database/index.ts";
import { TimeoutError } from "../../../lib/jsonrpc/index.ts";
import { inTurn } from "../../../lib/topology/plan/plan-turn.ts";

const until = { deadline: new Deadline(Number.POSITIVE_INFINITY), signal: undefined };

/** A plan that takes more than half of what one turn of the event loop has for plans. */
function long<R>(value: R): R {
  const end = performance.now() + 3;
  while (performance.now() < end);
  return value;
}

/** Plans that fill this turn and the next ones. */
function crowd(): Promise<unknown> {
  return Promise.all(Array.from({ length: 6 }, () => inTurn(() => long(true), until)));
}

/** Another turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("plans that are begun in one turn of the event loop", () => {
  // The turn in which a test begins may have been used by the one before.
  beforeEach(nextTurn);

  it("are made at once while there is time, and then a few in each turn, in the order in which they were asked for", async () => {
    let turn = 0;
    let waiting: NodeJS.Immediate;
    const count = (): void => {
      turn += 1;
      waiting = setImmediate(count);
    };
    count();
    const made: (readonly [index: number, turn: number])[] = [];
    const plans = Array.from({ length: 8 }, (_, index) =>
      inTurn(() => {
        made.push([index, turn]);
        return long(index);
      }, until),
    );
    const values = await Promise.all(plans).finally(() => clearImmediate(waiting));
    assert.deepEqual([plans[0], plans.at(-1) instanceof Promise], [0, true]);
    assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(
      made.map(([index]) => index),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    const most = Math.max(...made.map(([, when]) => made.filter((other) => other[1] === when).length));
    assert.ok(most <= 2, `${most} in one turn`);
  });

  it("do not overtake those who wait, although there is time again", async () => {
    const order: string[] = [];
    const crowded = crowd();
    const first = inTurn(() => order.push("first"), until);
    const second = nextTurn().then(() => inTurn(() => order.push("second"), until));
    await Promise.all([crowded, first, second]);
    assert.deepEqual(order, ["first", "second"]);
  });

  it("fail alone, each with what it throws", async () => {
    const crowded = crowd();
    const bad = inTurn(() => {
      throw new RangeError("no such address");
    }, until);
    const good = inTurn(() => "good", until);
    await assert.rejects(async () => bad, RangeError);
    assert.equal(await good, "good");
    await crowded;
    // Of this turn they may have left no time.
    await nextTurn();
    assert.throws(
      () =>
        inTurn(() => {
          throw new RangeError("at once");
        }, until),
      /at once/,
    );
  });

  it("are not made when the signal aborts or the time is over while they wait", async () => {
    const made: string[] = [];
    const controller = new AbortController();
    const crowded = crowd();
    const aborted = inTurn(() => made.push("aborted"), { ...until, signal: controller.signal });
    const late = inTurn(() => made.push("late"), { deadline: new Deadline(1), signal: undefined });
    controller.abort(new RangeError("enough"));
    await assert.rejects(async () => aborted, /enough/);
    await assert.rejects(
      async () => late,
      (error) => {
        assert.ok(error instanceof TimeoutError);
        assert.equal(error.message, "a turn among the plans of this program did not come within 1 ms");
        return true;
      },
    );
    await crowded;
    assert.deepEqual(made, []);
  });
});
