import assert from "node:assert/strict";
import { withReferences, withReferencesIn } from "../../../lib/database/arguments.ts";

describe("rows given for references", () => {
  const row = { _uuid: "u" };

  it("stand for their uuids, alone and in sets", () => {
    assert.deepEqual(
      [withReferences(row), withReferences([row, "v"]), withReferences(null), withReferences("v")],
      ["u", ["u", "v"], null, "v"],
    );
  });

  it("do so as values of a map, whatever its keys are called", () => {
    assert.deepEqual(withReferencesIn({ 1: row, _uuid: row, text: "_uuid" }), {
      1: "u",
      _uuid: "u",
      text: "_uuid",
    });
    const text = { _uuid: "a" };
    assert.equal(withReferencesIn(text), text);
  });
});
