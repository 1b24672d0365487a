import assert from "node:assert/strict";
import { type Alarm, Alarms } from "../../../lib/session/alarms.ts";
import { waitFor } from "../../support/index.ts";
import { keptWhileYoung } from "../../support/kept-while-young.ts";
import { watchTimers } from "../../support/watch-timers.ts";
import { settle } from "./support.ts";

function setup() {
  const alarms = new Alarms();
  const rung: string[] = [];
  // All times are from here: a machine that stands still between two of them does not change their order.
  const begun = performance.now();
  const set = (name: string, milliseconds: number, then: () => void = () => undefined): Alarm => {
    const alarm = {
      at: begun + milliseconds,
      place: -1,
      ring: () => {
        assert.ok(performance.now() >= alarm.at, `${name} rang too early`);
        rung.push(name);
        then();
      },
    };
    alarms.set(alarm);
    return alarm;
  };
  return { alarms, rung, set };
}

describe("Alarms", () => {
  it("ring in the order of their times, whatever the order they were set in", async () => {
    const { alarms, rung, set } = setup();
    set("later", 20);
    set("never", Number.POSITIVE_INFINITY);
    set("soon", 2);
    set("last", 40);
    await waitFor(() => rung.length === 3);
    assert.deepEqual(rung, ["soon", "later", "last"]);
    assert.equal(alarms.size, 1);
    alarms.close();
  });

  it("do not ring once they are taken back, also not when the timer fires for another", async () => {
    const { alarms, rung, set } = setup();
    alarms.unset(set("taken back", 5));
    set("another", 10);
    await waitFor(() => rung.length > 0);
    assert.deepEqual([rung, alarms.size], [["another"], 0]);
    alarms.close();
  });

  it("may set and take back others while they ring", async () => {
    const { alarms, rung, set } = setup();
    let second: Alarm | undefined;
    set("first", 2, () => {
      if (second !== undefined) alarms.unset(second);
      set("third", 1);
    });
    second = set("second", 2);
    await waitFor(() => rung.includes("third"));
    assert.deepEqual(rung, ["first", "third"]);
    alarms.close();
  });

  it("leave the process alone when one that rings takes back those to come", async () => {
    const { alarms, rung, set } = setup();
    using timers = watchTimers();
    set("first", 2, () => alarms.unset(later));
    const later = set("later", 60_000);
    await waitFor(() => rung.length > 0);
    assert.deepEqual([rung, alarms.size, timers.alive], [["first"], 0, 0]);
    alarms.close();
  });

  it("keep nothing of those that were taken back", () => {
    const alarms = new Alarms();
    const latest: (Alarm | undefined)[] = new Array<undefined>(64).fill(undefined);
    const kept = keptWhileYoung((index, large) => {
      const earlier = latest[index % 64];
      if (earlier !== undefined) alarms.unset(earlier);
      const alarm = { at: Number.POSITIVE_INFINITY, place: -1, ring: () => undefined, large };
      latest[index % 64] = alarm;
      alarms.set(alarm);
    });
    // A set keeps most of it, or all.
    assert.ok(kept < 0.1, `kept ${kept}`);
    alarms.close();
  });

  it("wait longer than any timer can, and give Node.js no reason to warn", async () => {
    const { alarms, rung, set } = setup();
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warned);
    const late = set("in a month", 30 * 24 * 3600 * 1000);
    set("now", 1);
    await waitFor(() => rung.length > 0);
    await settle();
    process.off("warning", warned);
    assert.deepEqual([rung, alarms.size, warnings], [["now"], 1, []]);
    alarms.unset(late);
    alarms.close();
  });

  it("keep the process alive only while one may ring, and leave no timer behind", () => {
    const { alarms, set } = setup();
    using timers = watchTimers();
    const alarm = set("a", 60_000);
    assert.equal(timers.alive, 1);
    alarms.unset(alarm);
    assert.equal(timers.alive, 0);
    alarms.set(alarm);
    assert.equal(timers.alive, 1);
    alarms.close();
    assert.equal(timers.alive, 1);
    alarms.unset(alarm);
    assert.equal(timers.alive, 0);
  });
});
