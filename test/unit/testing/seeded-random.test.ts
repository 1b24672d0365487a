import assert from "node:assert/strict";
import { SeededRandom } from "../../../lib/testing/seeded-random.ts";

function draw(random: SeededRandom, count: number): number[] {
  return Array.from({ length: count }, () => random.integer(1, 6));
}

describe("SeededRandom", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    assert.deepEqual(draw(new SeededRandom(1, 2), 20), draw(new SeededRandom(1, 2), 20));
    assert.notDeepEqual(draw(new SeededRandom(1, 2), 20), draw(new SeededRandom(2, 1), 20));
    assert.notDeepEqual(draw(new SeededRandom(1, 0), 20), draw(new SeededRandom(1, 1), 20));
  });

  it("draws every number of the range, about as often, and no other", () => {
    const dice = draw(new SeededRandom(7), 6_000);
    for (const eye of [1, 2, 3, 4, 5, 6]) {
      const times = dice.filter((one) => one === eye).length;
      assert.ok(times > 850 && times < 1_150, `${eye}: ${times} times`);
    }
    assert.deepEqual([...new Set(dice)].sort(), [1, 2, 3, 4, 5, 6]);
  });
});
