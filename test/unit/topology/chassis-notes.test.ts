import assert from "node:assert/strict";
import { chassisNote, foldChassisNotes } from "../../../lib/topology/chassis-notes.ts";

describe("notes on nodes without a chassis id", () => {
  const notes = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => chassisNote(`n${index + 1}`));

  it("are told one by one while they are few", () => {
    assert.deepEqual(foldChassisNotes(["a", ...notes(3), "b"]), ["a", ...notes(3), "b"]);
    assert.deepEqual(foldChassisNotes([]), []);
  });

  it("become one when there are more, in the place of the first", () => {
    assert.deepEqual(foldChassisNotes(["a", ...notes(6), "b", ...notes(12).slice(6)]), [
      "a",
      "12 nodes have no chassis id; their names are used instead (n1, n2, n3, ...)",
      "b",
    ]);
    assert.equal(foldChassisNotes(notes(4)).length, 1);
  });
});
