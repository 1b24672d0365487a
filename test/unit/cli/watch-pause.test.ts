import assert from "node:assert/strict";
import { pauseAfter } from "../../../lib/cli/commands/watch.ts";

describe("the pause of a watch", () => {
  for (const [took, pause, why] of [
    [1, 50, "what comes in a burst is told together"],
    [20, 180, "looks take a tenth of the time"],
    [400, 1000, "nobody waits longer than a second for a look"],
    [3000, 3000, "half of the time is for others"],
  ] as const)
    it(`after a look of ${took} ms is ${pause} ms: ${why}`, () => {
      assert.equal(Math.round(pauseAfter(took)), pause);
    });
});
