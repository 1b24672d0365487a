import assert from "node:assert/strict";
import fc from "fast-check";
import { Framer, type FramerLimits } from "../../../lib/jsonrpc/framer.ts";
import { type Json, ProtocolError } from "../../../lib/jsonrpc/index.ts";
import { type MemberTexts, PlainMember, TextBlock } from "../../../lib/jsonrpc/json-text.ts";
import { MemberCutter } from "../../../lib/jsonrpc/member-cutter.ts";
import { countedBytes } from "../../support/count-work.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytesOf = (message: unknown): Uint8Array =>
  encode(typeof message === "string" ? message : JSON.stringify(message));

/** Strings that look like what the cutter searches for. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    '":{"initial":{',
    '}},"x":{"initial":{',
    "\\",
    '"',
    '\\":{"initial":{',
    '"name":',
    "}}}",
    "{",
  ),
);
const atom = fc.oneof(text, fc.integer(), fc.boolean());
const column = fc.oneof(
  atom,
  fc.tuple(fc.constant("set"), fc.array(atom)),
  fc.tuple(fc.constant("map"), fc.array(fc.tuple(text, text))),
);
const columns = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), column);
const row = fc.record({ initial: columns });
/** What a server might say of a row besides. */
const odd = fc.oneof(
  fc.record({ insert: columns }),
  fc.record({ initial: columns, more: atom }),
  fc.record({ initial: fc.record({ a: fc.record({ b: atom }) }) }),
  fc.constant(null),
  fc.constant([]),
);
const tableName = fc.oneof(fc.stringMatching(/^[A-Z][a-z]{0,5}$/), fc.constantFrom('T"', "T\\"));
function tables(rows: fc.Arbitrary<Json>): fc.Arbitrary<{ [table: string]: { [uuid: string]: Json } }> {
  return fc.dictionary(tableName, fc.dictionary(fc.oneof(fc.uuid(), fc.string()), rows), { minKeys: 1 });
}
const message = fc
  .tuple(
    fc.oneof(tables(row as fc.Arbitrary<Json>), tables(fc.oneof(row, odd) as fc.Arbitrary<Json>)),
    fc.boolean(),
    fc.constantFrom(undefined, 1),
  )
  .map(([updates, idFirst, indent]) => {
    const result: Json = [false, "0", updates];
    const reply = idFirst ? { id: 7, result, error: null } : { result, error: null, id: 7 };
    return JSON.stringify(reply, undefined, indent);
  });
const places = fc.array(fc.nat(), { maxLength: 20 });

/** Cuts the bytes at the given places, whatever their order. */
function pieces(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const sorted = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
}

interface Cutting {
  readonly skeleton: string;
  readonly members: MemberTexts[];
  /** Bytes that were left over. */
  readonly rest: number;
}

function cut(chunks: readonly Uint8Array[], limits?: FramerLimits): Cutting {
  const members: MemberTexts[] = [];
  const cutter = new MemberCutter({ wrapper: "initial", onMembers: (each) => members.push(each) }, limits);
  for (const [index, chunk] of chunks.entries()) {
    const used = cutter.push(chunk);
    if (used === -1) continue;
    const rest = chunks.slice(index + 1).reduce((sum, { length }) => sum + length, chunk.length - used);
    return { skeleton: new TextDecoder().decode(cutter.skeleton()), members, rest };
  }
  throw new Error("the message has not ended");
}

/** The message with its members put back. */
function joined({ skeleton, members }: Cutting): unknown {
  const reply = JSON.parse(skeleton) as { readonly result: readonly Json[] };
  const updates = reply.result[2] as { [table: string]: { [uuid: string]: Json } };
  for (const each of members) {
    const block = new TextBlock(each);
    for (let index = 0; index < block.count; index++) {
      const rows = updates[each.object];
      assert.ok(rows !== undefined, `${each.object} is in the skeleton`);
      const value = { initial: block.parse(index) };
      // A key may be `__proto__`.
      Object.defineProperty(rows, block.key(index), {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return reply;
}

describe("MemberCutter", () => {
  it("gives what parsing the whole would, for any rows, however the bytes are cut", () => {
    fc.assert(
      fc.property(message, places, fc.constantFrom("", "{}", ' {"id":null}'), (reply, at, next) => {
        const found = cut(pieces(bytesOf(reply + next), at));
        assert.deepEqual(joined(found), JSON.parse(reply));
        assert.equal(found.rest, next.length);
      }),
      { numRuns: 500 },
    );
  });

  it("does so byte by byte", () => {
    fc.assert(
      fc.property(message, (reply) => {
        assert.deepEqual(
          joined(cut([...bytesOf(reply)].map((byte) => Uint8Array.of(byte)))),
          JSON.parse(reply),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("cuts every row out of what ovsdb-server writes, over the ends of its blocks and with rows longer than those", () => {
    const rows = (count: number, length: number): { [uuid: string]: Json } =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `00000000-0000-4000-8000-${String(length * 1000 + index).padStart(12, "0")}`,
          { initial: { name: `row ${index}`, note: "x".repeat(length), brace: index % 7 === 0 ? "{" : "" } },
        ]),
      );
    const updates = { Empty: {}, Few: rows(2, 700_000), Many: rows(3000, 300), One: rows(1, 0) };
    const reply = JSON.stringify({ id: 1, result: [false, "0", updates], error: null });
    const bytes = bytesOf(reply);
    for (const size of [1000, 65_536, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      );
      const found = cut(chunks);
      const { result } = JSON.parse(found.skeleton) as { readonly result: unknown };
      assert.deepEqual(result, [false, "0", { Empty: {}, Few: {}, Many: {}, One: {} }]);
      assert.deepEqual(joined(found), JSON.parse(reply));
    }
  });

  it("hands rows over while the message comes in", () => {
    const rows = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`row-${index}`, { initial: { note: "x".repeat(500) } }]),
    );
    const bytes = bytesOf({ id: 1, result: [false, "0", { T: rows }], error: null });
    let count = 0;
    const cutter = new MemberCutter({
      wrapper: "initial",
      onMembers: (texts) => {
        count += texts.places.length / 3;
      },
    });
    assert.equal(cutter.push(bytes.subarray(0, bytes.length / 2)), -1);
    assert.ok(count > 500, `${count} rows of 1000`);
  });

  for (const [what, reply] of [
    ["holds none", { id: 1, result: [], error: null }],
    ["has spaces", '{"id":1,"result":{"T":{"a":{"initial":{}, "x":1}, "b": {"initial":{}}}}}'],
    ["has something behind the row", '{"id":1,"result":{"T":{"a":{"initial":{},"new":{}}}}}'],
    ["has an escaped key", '{"id":1,"result":{"T":{"a\\u0020":{"initial":{}}}}}'],
    ["has an escaped name", '{"id":1,"result":{"T\\u0020":{"a":{"initial":{}}}}}'],
    ["has its object in a list", '{"id":1,"result":[{"a":{"initial":{}}},{"a":{"initial":{}}}]}'],
  ] as const) {
    it(`leaves a message alone that ${what}`, () => {
      const { skeleton, members } = cut([bytesOf(reply)]);
      assert.deepEqual(members, []);
      assert.deepEqual(JSON.parse(skeleton), typeof reply === "string" ? JSON.parse(reply) : reply);
    });
  }

  it("does not take a table for a row that has a row of the wrapper's name", () => {
    const reply =
      '{"id":1,"result":[false,"0",{"T":{"a":{"initial":{}},"b":{"initial":{}}},"U":{"initial":{"c":{}}}}]}';
    assert.deepEqual(joined(cut([encode(reply)])), JSON.parse(reply));
  });

  it("leaves odd rows in the message, with the commas they need", () => {
    const good = '{"initial":{}}';
    for (const rows of ["O", "GO", "OG", "GOG", "OGO", "GGOOGG", "OOGGOO"]) {
      const members = [...rows].map((kind, index) => `"${kind}${index}":${kind === "O" ? "{}" : good}`);
      const { skeleton } = cut([encode(`{"id":1,"result":{"T":{${members.join()}},"U":{"x":${good}}}}`)]);
      // Whose members they are is known from the first one.
      const left = members.filter((member) => rows.startsWith("O") || member.startsWith('"O')).join();
      assert.equal(skeleton, `{"id":1,"result":{"T":{${left}},"U":{}}}`);
    }
  });

  it("refuses what is not UTF-8", () => {
    const bytes = bytesOf('{"id":1,"result":{"T":{"a":{"initial":{"x":"?"}}}}}');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    assert.throws(() => cut([bytes]), /not valid UTF-8/);
  });

  it("holds to the limits of the framer", () => {
    const bytes = encode(`{"a":${"[".repeat(20)}${"]".repeat(20)}}`);
    assert.equal(cut([bytes], { maxFrameBytes: bytes.length, maxDepth: 21 }).members.length, 0);
    assert.throws(() => cut([bytes], { maxDepth: 20 }), /deeper than 20/);
    assert.throws(() => cut([bytes], { maxFrameBytes: bytes.length - 1 }), /more than 45 bytes/);
    assert.throws(() => cut([bytes.subarray(0, 30)], { maxFrameBytes: 29 }), /more than 29 bytes/);
  });
});

describe("Framer with a reader of large frames", () => {
  it("gives it what has grown large, frames before and behind excepted, and in the order of arrival", () => {
    const small = '{"id":null}';
    const rows = Array.from({ length: 3000 }, (_, index) => `"row-${index}":{"initial":{"a":"}{"}}`).join();
    const large = `{"id":1,"result":[{"T":{${rows}}}],"error":null}`;
    fc.assert(
      fc.property(places, (at) => {
        let count = 0;
        const seen: string[] = [];
        const framer = new Framer({}, () => {
          seen.push("large begins");
          return new MemberCutter({
            wrapper: "initial",
            onMembers: (texts) => {
              count += texts.places.length / 3;
            },
          });
        });
        for (const chunk of pieces(encode(small + large + small + small), [...at, 100, 70_000])) {
          for (const frame of framer.push(chunk)) {
            seen.push(frame instanceof MemberCutter ? "large" : new TextDecoder().decode(frame).slice(0, 20));
          }
        }
        const whole = !seen.includes("large begins");
        assert.deepEqual(
          seen,
          whole ? [small, large.slice(0, 20), small, small] : [small, "large begins", "large", small, small],
        );
        assert.equal(count, whole ? 0 : 3000);
        assert.equal(framer.pendingBytes, 0);
      }),
      { numRuns: 50 },
    );
  });
});

describe("Framer with a large chunk", () => {
  const large = `{"id":1,"result":[{"T":{${Array.from({ length: 3000 }, (_, index) => `"row-${index}":{"initial":{"a":1}}`).join()}}}],"error":null}`;
  const framer = (): Framer<MemberCutter> =>
    new Framer({}, () => new MemberCutter({ wrapper: "initial", onMembers: () => undefined }));

  it("has the frame that begins it read as a large one, and looks at none of it itself", () => {
    const looks = { count: 0 };
    const [frame, ...others] = framer().push(countedBytes(encode(large), looks));
    assert.ok(frame instanceof MemberCutter);
    assert.equal(frame.cutOut?.members, 3000);
    assert.equal(others.length, 0);
    assert.ok(looks.count < 10, `${looks.count} looks`);
  });

  it("reads what is small there all the same, and all that follows", () => {
    const small = '{"id":null,"method":"m","params":[]}';
    const [first, ...others] = framer().push(encode(small + large));
    assert.ok(first instanceof MemberCutter);
    assert.equal(new TextDecoder().decode(first.skeleton()), small);
    assert.deepEqual(
      others.map((each) => (each instanceof MemberCutter ? "cutter" : each.length)),
      [large.length],
    );
  });

  it("refuses what is no message there as ever", () => {
    assert.throws(() => framer().push(encode(`]${large}`)), ProtocolError);
  });
});

describe("TextBlock", () => {
  const values = Array.from({ length: 100 }, (_, index) => ({ name: `näme ${index}`, plain: `p${index}` }));

  function block(): { readonly block: TextBlock; readonly size: number; readonly texts: MemberTexts } {
    const found = cut([
      bytesOf({
        result: { T: Object.fromEntries(values.map((initial, index) => [`k${index}`, { initial }])) },
      }),
    ]);
    const [texts] = found.members;
    assert.ok(texts !== undefined);
    return { block: new TextBlock(texts), size: texts.bytes.length, texts };
  }

  it("holds on to less as texts are released, and reads those that are left", () => {
    const { block: it, size } = block();
    for (let index = 0; index < 90; index++) it.release(index);
    assert.ok(it.size * 10 < size);
    for (let index = 90; index < 100; index++) {
      assert.deepEqual(it.parse(index), values[index]);
      assert.equal(it.key(index), `k${index}`);
      assert.equal(it.text(index).member("name"), `näme ${index}`);
      assert.equal(it.text(index).member("not_there"), undefined);
    }
    assert.throws(() => it.parse(0), /released/);
    it.release(0);
    assert.deepEqual(it.parse(99), values[99]);
  });

  it("holds on to no more than four times what is left, or 32 KiB, and copies seldom", () => {
    const rows = Array.from({ length: 500 }, (_, index) => [
      `k${index}`,
      { initial: { a: "x".repeat(400) } },
    ]);
    const [texts] = cut([bytesOf({ result: { T: Object.fromEntries(rows) } })]).members;
    assert.ok(texts !== undefined);
    const it = new TextBlock(texts);
    const { places } = texts;
    const lengths = Array.from(
      { length: it.count },
      (_, index) => (places[3 * index + 2] ?? 0) - (places[3 * index] ?? 0),
    );
    let left = lengths.reduce((sum, length) => sum + length, 0);
    const sizes = new Set<number>();
    for (const [index, length] of lengths.entries()) {
      it.release(index);
      sizes.add(it.size);
      left -= length;
      assert.ok(it.size <= Math.max(4 * left, left + 32 * 1024), `${it.size} bytes for ${left}`);
    }
    assert.ok(sizes.size <= 4, `sizes: ${[...sizes].join(", ")}`);
  });

  it("finds a plain member in all texts, and says where it is not plain", () => {
    const { texts } = block();
    const plain = new PlainMember("plain").find(texts);
    const found = values.map((_, index) =>
      texts.bytes.toString("latin1", plain[2 * index], plain[2 * index + 1]),
    );
    assert.deepEqual(
      found,
      values.map(({ plain: value }) => value),
    );
    assert.ok(new PlainMember("name").find(texts).every((place) => place === -1));
    assert.ok(new PlainMember("lain").find(texts).every((place) => place === -1));
  });

  it("gives for any member of any row what parsing the row would", () => {
    fc.assert(
      fc.property(fc.array(columns, { minLength: 1 }), (all) => {
        const rows = Object.fromEntries(all.map((initial, index) => [`k${index}`, { initial }]));
        for (const texts of cut([bytesOf({ result: { T: rows } })]).members) {
          const it = new TextBlock(texts);
          for (const name of new Set(all.flatMap(Object.keys))) {
            const plain = new PlainMember(name).find(texts);
            for (let index = 0; index < it.count; index++) {
              const value = (it.parse(index) as { readonly [name: string]: Json })[name];
              assert.deepEqual(it.member(index, name), value);
              const [from = -1, to = -1] = plain.subarray(2 * index, 2 * index + 2);
              const expected = typeof value === "string" && /^[ !#-[\]-~]*$/.test(value);
              assert.equal(
                from === -1 ? undefined : texts.bytes.toString("latin1", from, to),
                expected ? value : undefined,
              );
            }
          }
        }
      }),
    );
  });

  it("tells of a text that is not JSON when it is read", () => {
    const [texts] = cut([encode('{"result":{"T":{"a":{"initial":{"x":[}},"b":{"initial":{}}}}}')]).members;
    assert.ok(texts !== undefined);
    assert.throws(() => new TextBlock(texts).parse(0), ProtocolError);
  });
});
