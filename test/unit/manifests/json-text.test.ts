import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonTextError, lineFinder, readWholeJson } from "../../../lib/manifests/text/json-text.ts";

function errorIn(text: string): JsonTextError {
  try {
    readWholeJson(text);
  } catch (error) {
    assert.ok(error instanceof JsonTextError, String(error));
    return error;
  }
  assert.fail(`${text} was taken`);
}

describe("JSON with positions", () => {
  it("is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat({ max: 3 }), (text, indent) => {
        const value: unknown = JSON.parse(text);
        assert.deepEqual(readWholeJson(JSON.stringify(value, null, indent)).value, value);
      }),
    );
    // JSON.stringify writes neither.
    assert.deepEqual(readWholeJson("[1E5, 1e-2]").value, [1e5, 0.01]);
  });

  it("is refused where JSON.parse refuses it", () => {
    const piece = fc.constantFrom(
      ...'{}[]",:0-1.e+ \n\\tru',
      "true",
      "null",
      '"a":',
      "1,",
      "01",
      "nul",
      "\u0001",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        let expected: unknown;
        let valid = true;
        try {
          expected = JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) assert.deepEqual(readWholeJson(text).value, expected);
        else errorIn(text);
      }),
      { numRuns: 2000 },
    );
  });

  it("says where it stops being JSON", () => {
    for (const [text, offset, message] of [
      ["", 0, /unexpected end at the start/],
      ['{"a": 1 # x', 8, /unexpected "#" after the value of "a".*JSON has no comments/],
      ['{"a": 1, // x', 9, /unexpected "\/" .*JSON has no comments/],
      ['{"a": 1 /* x */}', 8, /unexpected "\/" .*JSON has no comments/],
      ['{"a": 1 / 2}', 8, /unexpected "\/" .*a comma or "}" was expected$/],
      ['{"a": 1,}', 8, /unexpected "}" after the value of "a", after the comma/],
      ["[1 2]", 3, /a comma or "]" was expected/],
      ['{"a" 1}', 5, /after the key "a", a colon was expected/],
      ["{a: 1}", 1, /a key in double quotes/],
      ['{"a": "x\n"}', 6, /a string with a control character/],
      ['{"a": "x', 6, /a string that does not end/],
      ['{"a": 1, "a": 2}', 9, /the key "a" is there twice/],
      ["{} {}", 3, /unexpected "{" after the end/],
      ["[".repeat(5000), 200, /nested deeper than/],
    ] as const) {
      const error = errorIn(text);
      assert.match(error.message, message);
      assert.equal(error.offset, offset, text);
    }
  });

  it("finds lines", () => {
    const lineAt = lineFinder("a\nbc\n\nd");
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 99].map(lineAt), [1, 1, 2, 2, 2, 3, 4, 4]);
  });
});
