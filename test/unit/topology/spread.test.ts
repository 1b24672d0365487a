import assert from "node:assert/strict";
import fc from "fast-check";
import { spread, type Wish } from "../../../lib/topology/graph/spread.ts";

const wish = fc.record({
  centre: fc.integer({ min: -1000, max: 1000 }),
  half: fc.integer({ min: 1, max: 100 }),
});

function cost(wishes: readonly Wish[], places: readonly number[]): number {
  return wishes.reduce((sum, { centre }, index) => sum + (centre - (places[index] ?? 0)) ** 2, 0);
}

describe("things that are spread", () => {
  it("stand where they want to if nothing is in the way", () => {
    const wishes = [10, 50, 90].map((centre) => ({ centre, half: 15 }));
    assert.deepEqual(spread(wishes, 10), [10, 50, 90]);
    assert.deepEqual(spread([], 10), []);
  });

  it("share what they are off", () => {
    const wishes = [0, 0].map((centre) => ({ centre, half: 10 }));
    assert.deepEqual(spread(wishes, 20), [-20, 20]);
  });

  it("keep their order and do not touch, and no other places are nearer to where they want to be", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: -900, max: 900 }),
        steps,
        (wishes, start, more) => {
          const places = spread(wishes, 5);
          const distance = (index: number): number =>
            (wishes[index - 1]?.half ?? 0) + 5 + (wishes[index]?.half ?? 0);
          for (let index = 1; index < places.length; index += 1)
            assert.ok((places[index] ?? 0) - (places[index - 1] ?? 0) >= distance(index) - 1e-6);
          // Any others that do not touch.
          const others = [start];
          for (let index = 1; index < wishes.length; index += 1)
            others.push((others[index - 1] ?? 0) + distance(index) + (more[index] ?? 0));
          assert.ok(cost(wishes, places) <= cost(wishes, others) + 1e-6);
          // Those in between are places that do not touch, too; a step towards any others makes it worse.
          const between = places.map((place, index) => place + ((others[index] ?? 0) - place) * 0.001);
          assert.ok(cost(wishes, places) <= cost(wishes, between) + 1e-6);
        },
      ),
    );
  });
});
