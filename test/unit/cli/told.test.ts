import assert from "node:assert/strict";
import { type Tellable, Told } from "../../../lib/cli/output/told.ts";

describe("what was told", () => {
  const things = (...texts: readonly string[]): readonly Tellable<string>[] =>
    texts.map((text) => ({ subject: text.charAt(0), item: text }));
  const events = (told: Told<string>, ...texts: readonly string[]): readonly string[] =>
    told.differences(things(...texts)).map(({ event, subject, item }) => `${event} ${subject} ${item}`);

  it("is not told again before it changes; what went comes first, as it was", () => {
    const told = new Told<string>();
    assert.deepEqual(events(told, "a1", "b1"), ["ADDED a a1", "ADDED b b1"]);
    assert.deepEqual(events(told, "b1", "a1"), []);
    assert.deepEqual(events(told, "c1", "b2"), ["DELETED a a1", "ADDED c c1", "MODIFIED b b2"]);
    assert.deepEqual(events(told, "a1"), ["DELETED c c1", "DELETED b b2", "ADDED a a1"]);
    assert.deepEqual(events(told), ["DELETED a a1"]);
  });

  it("is told together where several things are one subject, whichever of them changed", () => {
    const told = new Told<string>();
    events(told, "a1", "a2");
    assert.deepEqual(events(told, "a1", "a2"), []);
    assert.deepEqual(events(told, "a3", "a2"), ["MODIFIED a a3", "MODIFIED a a2"]);
    assert.deepEqual(events(told, "a3"), ["MODIFIED a a3"]);
    assert.deepEqual(events(told, "a3", "a4"), ["MODIFIED a a3", "MODIFIED a a4"]);
    assert.deepEqual(events(told), ["DELETED a a3", "DELETED a a4"]);
  });
});
