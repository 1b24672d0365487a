import assert from "node:assert/strict";
import { Deadline } from "../../../lib/database/index.ts";
import type { JointCall } from "../../../lib/topology/plan/joint-call.ts";
import { TurnMates } from "../../../lib/topology/plan/turn-mates.ts";

const nb = {};
const spec = {};

/** What is looked at of a call; plans of several are refused. */
function callOf(
  name: string,
  begun: number,
  led: string[],
  alone: () => Promise<string> = () => Promise.resolve(name),
): JointCall<string> {
  const call = {
    nb,
    spec,
    place: "",
    said: [name, ""],
    deadline: new Deadline(60_000, performance.now() - begun),
    mayBeTogether: true,
    mayJoin: () => true,
    isInterrupted: () => false,
    release: () => undefined,
    alone,
    together: () => {
      led.push(name);
      return Promise.reject(new Error("refused"));
    },
  };
  return call as unknown as JointCall<string>;
}

describe("calls of one turn", () => {
  it("are led by the one with the least time, also when they go on in halves", async () => {
    const led: string[] = [];
    const mates = new TurnMates<JointCall<string>, string>();
    const calls = [
      callOf("oldest", 9_000, led),
      callOf("older", 5_000, led),
      callOf("fresh", 0, led),
      callOf("old", 4_000, led),
    ];
    assert.deepEqual(await Promise.all(calls.map((call) => mates.take(call))), [
      "oldest",
      "older",
      "fresh",
      "old",
    ]);
    assert.deepEqual(led, ["oldest", "oldest", "old"]);
  });

  it("do not wait for the other half when their own time is over", async () => {
    const mates = new TurnMates<JointCall<string>, string>();
    let finish: (value: string) => void = () => undefined;
    const slow = mates.take(callOf("slow", 59_980, [], () => new Promise((resolve) => (finish = resolve))));
    assert.equal(await mates.take(callOf("late", 59_970, [])), "late");
    finish("slow");
    assert.equal(await slow, "slow");
  });
});
