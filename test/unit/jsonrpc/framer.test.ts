import assert from "node:assert/strict";
import fc from "fast-check";
import { Framer, ProtocolError } from "../../../lib/jsonrpc/index.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** Cuts the bytes at the given places, whatever their order. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
}

function pushAll(framer: Framer, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => framer.push(chunk)).map(decode);
}

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof ProtocolError && pattern.test(error.message);

// Long strings take the other path of the scanner; quotes and backslashes are where it can go wrong.
const string = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom('"', "\\", "{", "}", "é", "𝄞", "a") }),
  fc.string({ unit: fc.constantFrom('"', "\\", "x", "日"), minLength: 60, maxLength: 200 }),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    string,
    fc.integer(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(string, tie("value"), { maxKeys: 4 }),
  ),
})).value;
const frame = fc.dictionary(string, value, { maxKeys: 4 }).map((object) => JSON.stringify(object));
const gap = fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 3 });

describe("Framer", () => {
  it("finds the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, frame)), fc.array(fc.nat(), { maxLength: 30 }), (parts, places) => {
        const bytes = encode(parts.flat().join(""));
        const framer = new Framer();
        assert.deepEqual(
          pushAll(framer, cut(bytes, places)),
          parts.map(([, text]) => text),
        );
        assert.equal(framer.pendingBytes, 0);
      }),
      { numRuns: 300 },
    );
  });

  it("finds the same frames byte by byte", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 3 }), (frames) => {
        const chunks = [...encode(frames.join("\n"))].map((byte) => Uint8Array.of(byte));
        assert.deepEqual(pushAll(new Framer(), chunks), frames);
      }),
    );
  });

  it("gives the frames before garbage, and then the garbage's error, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        (frames, places) => {
          const framer = new Framer();
          const found: string[] = [];
          for (const chunk of cut(encode(`${frames.join(" ")} x{}`), places)) {
            if (framer.failure === undefined) {
              try {
                found.push(...framer.push(chunk).map(decode));
              } catch (error) {
                assert.equal(error, framer.failure);
              }
            }
          }
          assert.deepEqual(found, frames);
          assert.match(framer.failure?.message ?? "", /^the peer sent "x(\{\}?)?" where/);
          assert.throws(() => framer.push(encode("{}")), ProtocolError);
        },
      ),
    );
  });

  it("hands out a frame that lies in one chunk without copying it", () => {
    const chunk = encode(' {"a":1} {"b":2}');
    const frames = new Framer().push(chunk);
    assert.deepEqual(frames.map(decode), ['{"a":1}', '{"b":2}']);
    assert.ok(frames.every(({ buffer }) => buffer === chunk.buffer));
  });

  it("does not write into a frame that it has handed out", () => {
    const framer = new Framer();
    framer.push(encode('{"a":'));
    const [first] = framer.push(encode('1}{"b":'));
    framer.push(encode("2}"));
    assert.equal(decode(first ?? new Uint8Array()), '{"a":1}');
  });

  it("counts the bytes of a frame that has begun, and no white space", () => {
    const framer = new Framer();
    framer.push(encode("  \n"));
    assert.equal(framer.pendingBytes, 0);
    framer.push(encode(' {"é'));
    assert.equal(framer.pendingBytes, 4);
    framer.push(encode('":1} '));
    assert.equal(framer.pendingBytes, 0);
  });

  for (const text of ["[]", '"{"', "null", "HTTP/1.1 400", "}", "\u0000", "\ufeff{}"]) {
    it(`refuses a stream that begins with ${JSON.stringify(text)}, at its first byte`, () => {
      assert.throws(() => new Framer().push(encode(text).slice(0, 1)), refused(/JSON object should begin/));
    });
  }

  it("takes a frame of exactly the limit and refuses one byte more, before it is whole", () => {
    const text = JSON.stringify({ a: "x".repeat(100) });
    for (const size of [1, 7, text.length]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        encode(text.slice(index * size, (index + 1) * size)),
      );
      assert.deepEqual(pushAll(new Framer({ maxFrameBytes: text.length }), chunks), [text]);
      const strict = new Framer({ maxFrameBytes: text.length - 1 });
      assert.throws(() => pushAll(strict, chunks), refused(/more than 107 bytes/));
    }
    const endless = new Framer({ maxFrameBytes: 10 });
    assert.throws(() => endless.push(encode('{"aaaaaaaaaa')), refused(/more than 10 bytes/));
  });

  it("takes nesting up to the limit and refuses more, before the message is whole", () => {
    const nested = (depth: number) => `${'{"a":'.repeat(2)}${"[".repeat(depth - 2)}`;
    const closed = (depth: number) => `${nested(depth)}${"]".repeat(depth - 2)}}}`;
    assert.deepEqual(pushAll(new Framer(), [encode(closed(1000))]), [closed(1000)]);
    assert.throws(() => new Framer().push(encode(nested(1001))), refused(/deeper than 1000/));
    assert.throws(() => new Framer({ maxDepth: 3 }).push(encode(nested(4))), refused(/deeper than 3/));
    const unset = new Framer({ maxDepth: undefined, maxFrameBytes: undefined });
    assert.throws(() => unset.push(encode(nested(1001))), refused(/deeper than 1000/));
  });

  it("needs time in proportion to the bytes, also in chunks of one byte", () => {
    const time = (bytes: number): number => {
      const text = encode(`{"a":["${'\\"'.repeat(bytes / 4)}","${"x".repeat(bytes / 2)}"]}`);
      const framer = new Framer();
      const start = performance.now();
      for (let at = 0; at < text.length; at++) framer.push(text.subarray(at, at + 1));
      return performance.now() - start;
    };
    time(100_000);
    // Quadratic time would make it 256 times, at every try; a machine that stands still meanwhile does not do so three times.
    const tries: string[] = [];
    const isLinear = (): boolean => {
      const [small, large] = [time(100_000), time(1_600_000)];
      tries.push(`${small} ms for 0.1 MB, ${large} ms for 1.6 MB`);
      return large < 80 * Math.max(small, 5);
    };
    assert.ok(isLinear() || isLinear() || isLinear(), tries.join("; "));
  });

  it("refuses what is nested too deep also when it ends in the same chunk", () => {
    const framer = new Framer({ maxDepth: 3 });
    assert.equal(framer.push(Buffer.from('{"a":[[1]]}')).length, 1);
    assert.throws(() => framer.push(Buffer.from('{"a":[[[1]]]}')), /nested deeper than 3/);
  });
});
