import assert from "node:assert/strict";
import fc from "fast-check";
import { Buckets } from "../../../lib/replica/buckets.ts";
import { TextKeys } from "../../../lib/replica/text-keys.ts";

/** Few characters, so that strings meet; any length, as four characters are kept together. */
const key = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "\0"), maxLength: 9 }),
  fc.constantFrom("ä", "abc\u{80}", "abcdä", "a\u{161}bc", "\u{1f600}"),
  fc.string({ unit: fc.constantFrom("a", "b"), minLength: 500, maxLength: 600 }),
);
const isAscii = (text: string): boolean => [...text].every((character) => character <= "\x7f");

describe("TextKeys", () => {
  it("takes and finds strings as a Map does, those that are ASCII", () => {
    const step = fc.tuple(fc.constantFrom("add", "addText", "remove", "find", "reserve"), key);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const keys = new TextKeys();
        const model = new Map<string, number>();
        for (const [index, [what, text]] of steps.entries()) {
          const fresh = isAscii(text) && !model.has(text);
          if (what === "addText" || (what === "add" && isAscii(text))) {
            // What is taken from bytes may lie anywhere in them.
            const bytes = Buffer.from(`x${text}y`, "latin1");
            const taken =
              what === "add" ? keys.add(bytes, 1, 1 + text.length, index) : keys.addText(text, index);
            assert.equal(taken, fresh, `${what} ${JSON.stringify(text)}`);
            if (fresh) model.set(text, index);
          } else if (what === "reserve") keys.reserve(50 * index, text.length);
          else if (what === "remove") {
            keys.remove(text);
            if (model.has(text)) model.set(text, -1);
          }
          for (const [each, number] of model) assert.equal(keys.find(each), number);
          assert.equal(keys.find(text), model.get(text) ?? -1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("finds each of 200,000 strings, in whichever way it was taken", () => {
    const keys = new TextKeys();
    // So many, and without order, that some of them have the same hash.
    const text = (index: number): string => (Math.imul(index, 0x9e3779b1) >>> 0).toString(36);
    for (let index = 0; index < 200_000; index++) {
      const bytes = Buffer.from(text(index));
      assert.ok(index % 2 === 0 ? keys.add(bytes, 0, bytes.length, index) : keys.addText(text(index), index));
    }
    for (let index = 0; index < 200_000; index++) assert.equal(keys.find(text(index)), index);
    assert.equal(keys.find(text(200_000)), -1);
  });
});

describe("Buckets", () => {
  it("keep nothing of a key that several rows have had", () => {
    const buckets = new Buckets();
    for (const slot of [1, 2]) buckets.add(5, slot);
    for (const slot of [1, 2]) buckets.remove(5, slot);
    assert.equal(buckets.bucket(5), undefined);
  });

  it("finds what was there when they were built and what came later, and nothing that has gone", () => {
    const keys = fc.constantFrom<unknown>("a", "b", "ä", 1, 1n, true);
    const slots = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(keys, slots)),
        fc.array(fc.tuple(fc.boolean(), keys, slots)),
        fc.boolean(),
        (built, changes, isLoaded) => {
          const buckets = new Buckets();
          const model = new Map<unknown, Set<number>>();
          const slotsOf = (one: unknown): Set<number> => {
            const known = model.get(one) ?? new Set();
            model.set(one, known);
            return known;
          };
          for (const [one, slot] of built) {
            // What is loaded as text is plain.
            if (isLoaded && (one === "a" || one === "b")) buckets.addText(Buffer.from(one), 0, 1, slot);
            else buckets.build(one, slot);
            slotsOf(one).add(slot);
          }
          for (const [comes, one, slot] of changes) {
            if (comes) {
              buckets.add(one, slot);
              slotsOf(one).add(slot);
            } else {
              buckets.remove(one, slot);
              slotsOf(one).delete(slot);
            }
          }
          for (const [one, expected] of model) {
            assert.deepEqual([...buckets.get(one)].sort(), [...expected].sort(), String(one));
          }
        },
      ),
      {
        // What was there already comes once more, and goes.
        examples: [
          [
            [["a", 0]],
            [
              [true, "a", 0],
              [false, "a", 0],
            ],
            false,
          ],
        ],
      },
    );
  });

  it("keep in one place the rows that come to share a key: no look-up puts them together", () => {
    const buckets = new Buckets();
    buckets.build("a", 0);
    for (const slot of [1, 2, 3]) buckets.add("a", slot);
    assert.deepEqual([...buckets.get("a")], [0, 1, 2, 3]);
    assert.equal(buckets.get("a"), buckets.get("a"));
  });
});
