import assert from "node:assert/strict";
import fc from "fast-check";
import { SetVersion } from "../../../lib/replica/set-version.ts";

const elements = fc.constantFrom(..."abcdefghijklmnop");
/** Changes, each of some version there is by then: the newest as a rule, an old one now and then. */
const changes = fc.array(
  fc.record({
    of: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(20)),
    toggled: fc.array(elements, { maxLength: 5 }),
  }),
  { maxLength: 40 },
);

/** What the versions should be: plain sets, copied for each version. */
function toggled(model: ReadonlySet<string>, change: readonly string[]): Set<string> {
  const next = new Set(model);
  for (const element of new Set(change)) if (!next.delete(element)) next.add(element);
  return next;
}

interface Pair {
  readonly version: SetVersion;
  readonly model: ReadonlySet<string>;
}

function build(first: readonly string[], steps: readonly { of: number; toggled: string[] }[]): Pair[] {
  const pairs: Pair[] = [{ version: SetVersion.of(first), model: new Set(first) }];
  for (const step of steps) {
    const from = pairs[Math.max(0, pairs.length - 1 - step.of)] as Pair;
    pairs.push({ version: from.version.toggle(step.toggled), model: toggled(from.model, step.toggled) });
  }
  return pairs;
}

describe("SetVersion", () => {
  it("gives every version its elements, whichever is read first and whatever was changed", () => {
    fc.assert(
      fc.property(fc.array(elements), changes, fc.boolean(), (first, steps, hasFirst) => {
        const pairs = build(first, steps);
        for (const { version, model } of pairs) {
          const ask = (): void => {
            for (const element of "abcdefghijklmnopq") {
              assert.equal(version.has(element), model.has(element), `has ${element}`);
            }
          };
          if (hasFirst) ask();
          assert.deepEqual(new Set(version.toArray()), model);
          assert.equal(version.toArray().length, model.size);
          assert.equal(version.toArray(), version.toArray());
          ask();
        }
      }),
    );
  });

  it("tells the difference of any two versions", () => {
    fc.assert(
      fc.property(fc.array(elements), changes, fc.nat(), fc.nat(), (first, steps, i, j) => {
        const pairs = build(first, steps);
        const [a, b] = [pairs[i % pairs.length] as Pair, pairs[j % pairs.length] as Pair];
        const { added, removed } = a.version.differenceTo(b.version);
        assert.deepEqual(
          [[...added].sort(), [...removed].sort()],
          [
            [...b.model].filter((element) => !a.model.has(element)).sort(),
            [...a.model].filter((element) => !b.model.has(element)).sort(),
          ],
        );
      }),
    );
  });

  it("copies the set for a share of the changes only, so that a change costs what it changes", () => {
    const size = 2_000;
    let version = SetVersion.of(Array.from({ length: size }, (_, index) => `p${index}`));
    const copies = countSets(() => {
      for (let index = 0; index < 10 * size; index += 1) {
        version = version.toggle([`p${index % (2 * size)}`]);
      }
    });
    // Each change wraps its own few elements in a set; only large ones are copies of the whole.
    assert.ok(copies(size / 2) <= 20, `${copies(size / 2)} copies for ${10 * size} changes`);
    assert.ok(copies(size / 2) >= 2, "the chain of old versions is cut now and then");
  });

  it("tells what most elements have changed in without asking old versions for each of them", () => {
    const size = 1_000;
    const old = SetVersion.of(Array.from({ length: size }, (_, index) => `old${index}`));
    let newest = old;
    for (let index = 0; index < 0.9 * size; index += 1)
      newest = newest.toggle([`new${index}`, `old${index}`]);
    let steps = 0;
    const { includes } = Array.prototype;
    Array.prototype.includes = function (this: unknown[], ...given: [unknown, number?]) {
      steps += 1;
      return includes.apply(this, given);
    };
    try {
      const { added, removed } = old.differenceTo(newest);
      assert.deepEqual([added.length, removed.length], [0.9 * size, 0.9 * size]);
    } finally {
      Array.prototype.includes = includes;
    }
    assert.ok(steps <= size, `${steps} steps from version to version`);
  });

  it("does not keep every change since alive for one old version", () => {
    const old = SetVersion.of(["a", "b", "c", "d"]);
    let newest = old;
    for (let index = 0; index < 1_000; index += 1) newest = newest.toggle(["x"]);
    // An unbroken chain gives the difference by its toggles; a cut one compares, and reads arrays for it.
    let arrays = 0;
    const { toArray } = SetVersion.prototype;
    SetVersion.prototype.toArray = function (this: SetVersion) {
      arrays += 1;
      return toArray.call(this);
    };
    try {
      old.differenceTo(newest);
    } finally {
      SetVersion.prototype.toArray = toArray;
    }
    assert.equal(arrays, 2);
    assert.deepEqual(old.toArray(), ["a", "b", "c", "d"]);
  });
});

/** Counts the sets that are filled with at least so many elements while `run` runs. */
function countSets(run: () => void): (least: number) => number {
  const sizes: number[] = [];
  const Original = globalThis.Set;
  globalThis.Set = class<T> extends Original<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      sizes.push(this.size);
    }
  } as SetConstructor;
  try {
    run();
  } finally {
    globalThis.Set = Original;
  }
  return (least) => sizes.filter((size) => size >= least).length;
}
