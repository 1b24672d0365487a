import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameTap } from "../../../lib/testing/frame-tap.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function text(pieces: readonly Uint8Array[]): string {
  return decoder.decode(Buffer.concat(pieces));
}

describe("FrameTap", () => {
  it("passes bytes as they come, and sees the messages in them", () => {
    const seen: string[] = [];
    const tap = new FrameTap((frame) => {
      seen.push(decoder.decode(frame));
      return [];
    });
    assert.equal(text(tap.push(encoder.encode('{"a":1} {"b'), false)), '{"a":1} {"b');
    assert.equal(text(tap.push(encoder.encode('":2}'), false)), '":2}');
    assert.deepEqual(seen, ['{"a":1}', '{"b":2}']);
  });

  it("replaces whole messages, and only those that had not begun to pass", () => {
    const tap = new FrameTap((frame, left) => (left.length < frame.length ? [left] : [encoder.encode("X")]));
    assert.equal(text(tap.push(encoder.encode('{"a":1}{"b'), false)), '{"a":1}{"b');
    assert.equal(text(tap.push(encoder.encode('":'), true)), "");
    assert.equal(text(tap.push(encoder.encode('2}{"c":3}{"d'), true)), '":2}X');
    // Begun as a message to be replaced, it ends as one; the next passes as it comes.
    assert.equal(text(tap.push(encoder.encode('":4}{"e'), false)), 'X{"e');
    assert.equal(text(tap.push(encoder.encode('":5}'), false)), '":5}');
  });

  it("passes what is no JSON as it is", () => {
    const tap = new FrameTap(() => assert.fail("there is no message"));
    assert.equal(text(tap.push(encoder.encode("\u0016\u0003"), true)), "\u0016\u0003");
    assert.equal(text(tap.push(encoder.encode('{"a":1}'), true)), '{"a":1}');
  });

  it("loses and doubles nothing, however bytes are cut and modes change", () => {
    const message = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
    const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 12 }), framewise: fc.boolean() }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(message), cuts, (messages, plan) => {
        const frames = messages.map((one) => JSON.stringify(one));
        const bytes = encoder.encode(frames.join(""));
        const seen: string[] = [];
        const tap = new FrameTap((frame, left) => {
          seen.push(decoder.decode(frame));
          return [left];
        });
        const passed: Uint8Array[] = [];
        let at = 0;
        for (let turn = 0; at < bytes.length; turn++) {
          const { size, framewise } = plan[turn % plan.length] ?? { size: 1, framewise: false };
          passed.push(...tap.push(bytes.subarray(at, at + size), framewise));
          at += size;
        }
        assert.deepEqual(seen, frames);
        assert.equal(text(passed), frames.join(""));
      }),
    );
  });
});
