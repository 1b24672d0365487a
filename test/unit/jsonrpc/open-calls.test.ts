import assert from "node:assert/strict";
import fc from "fast-check";
import { OpenCalls } from "../../../lib/jsonrpc/open-calls.ts";
import { keptWhileYoung } from "../../support/kept-while-young.ts";

describe("OpenCalls", () => {
  /** Does the same to a map, and compares. */
  class Both {
    readonly calls: OpenCalls<string> = new OpenCalls();
    readonly map: Map<number, string> = new Map();

    add(): number {
      const id = this.calls.nextId;
      assert.ok(!this.map.has(id));
      this.calls.add(`call ${id}`);
      this.map.set(id, `call ${id}`);
      return id;
    }

    take(id: number): void {
      assert.equal(this.calls.take(id), this.map.get(id));
      this.map.delete(id);
      assert.equal(this.calls.size, this.map.size);
    }

    compare(): void {
      assert.deepEqual([...this.calls], [...this.map]);
      assert.equal(this.calls.size, this.map.size);
    }
  }

  it("are what a map with ids that count up would be, whichever ends first", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.nat(600).map((count) => ({ add: count, take: 0 })) },
      { weight: 3, arbitrary: fc.nat(600).map((count) => ({ add: 0, take: count })) },
      { weight: 1, arbitrary: fc.constant({ add: 5_000, take: 4_990 }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer(), (steps, seed) => {
        const both = new Both();
        let state = seed;
        for (const { add, take } of steps) {
          for (let times = 0; times < add; times += 1) both.add();
          for (let times = 0; times < take; times += 1) {
            state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
            // Mostly those that have waited longest, as servers answer, and some that are not there.
            const [eldest = 0] = both.map.keys();
            both.take(state % 4 === 0 ? eldest + (state % 97) : eldest);
          }
          both.compare();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("know no ids but those that they gave out", () => {
    const both = new Both();
    both.add();
    for (const id of [-1, 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]) both.take(id);
    both.take(0);
    both.take(0);
    both.compare();
  });

  it("hold one that stays open while ten thousand others come and go", () => {
    const both = new Both();
    const eldest = both.add();
    const second = both.add();
    for (let times = 0; times < 10_000; times += 1) both.take(both.add());
    both.compare();
    both.take(second);
    both.take(second);
    const third = both.add();
    both.compare();
    both.take(eldest);
    both.take(third);
    both.compare();
  });

  it("keep nothing of those that have ended", () => {
    const calls = new OpenCalls<readonly number[]>();
    const kept = keptWhileYoung((index, large) => {
      calls.add(large);
      calls.take(index - 64);
    });
    // A map keeps most of it, or all.
    assert.ok(kept < 0.1, `kept ${kept}`);
  });

  it("give no id twice when all were cleared away", () => {
    const both = new Both();
    for (let times = 0; times < 10; times += 1) both.add();
    both.take(3);
    both.calls.clear();
    both.map.clear();
    both.compare();
    assert.equal(both.add(), 10);
    both.compare();
  });
});
