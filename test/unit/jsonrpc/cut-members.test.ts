import assert from "node:assert/strict";
import fc from "fast-check";
import { cutMembers } from "../../../lib/jsonrpc/cut-members.ts";
import { type Json, ProtocolError } from "../../../lib/jsonrpc/index.ts";
import { TextBlock } from "../../../lib/jsonrpc/json-text.ts";

const bytesOf = (message: unknown): Uint8Array =>
  new TextEncoder().encode(typeof message === "string" ? message : JSON.stringify(message));

/** Strings that look like what the cutter searches for. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('":{"initial":{', '}},"x":{"initial":{', "\\", '"', '\\":{"initial":{', '"name":', "}}}"),
);
const atom = fc.oneof(text, fc.integer(), fc.boolean());
const column = fc.oneof(
  atom,
  fc.tuple(fc.constant("set"), fc.array(atom)),
  fc.tuple(fc.constant("map"), fc.array(fc.tuple(text, text))),
);
const row = fc.record({ initial: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), column) });
const tables = fc
  .dictionary(fc.stringMatching(/^[A-Z][a-z]{0,5}$/), fc.dictionary(fc.uuid(), row, { minKeys: 1 }), {
    minKeys: 1,
  })
  .map((made) => made as Json);

describe("cutting a large snapshot", () => {
  it("gives what parsing the whole would, for any rows", () => {
    fc.assert(
      fc.property(tables, fc.boolean(), (updates, first) => {
        const result: Json = [false, "0", updates];
        const message = first ? { id: 7, result, error: null } : { result, error: null, id: 7 };
        const cut = cutMembers(bytesOf(message), "initial");
        assert.ok(cut !== undefined);
        const skeleton = JSON.parse(cut.skeleton) as typeof message;
        const numbers = (skeleton.result as readonly Json[])[2] as { [table: string]: number };
        const joined = Object.fromEntries(
          Object.entries(numbers).map(([table, number]) => {
            const object = cut.objects[number];
            const rows = object?.keys.map((key, index) => [key, { initial: object.texts[index]?.parse() }]);
            return [table, Object.fromEntries(rows ?? [])];
          }),
        );
        assert.deepEqual(joined, JSON.parse(JSON.stringify(updates)));
        assert.deepEqual({ ...skeleton, result: [] }, { ...message, result: [] });
        for (const [table, number] of Object.entries(numbers)) {
          cut.objects[number]?.keys.forEach((key, index) => {
            const text = cut.objects[number]?.texts[index];
            const whole = (updates as { [table: string]: { [key: string]: { initial: object } } })[table]?.[
              key
            ];
            for (const [name, value] of Object.entries(whole?.initial ?? {})) {
              assert.deepEqual(text?.member(name), JSON.parse(JSON.stringify(value)));
            }
            assert.equal(text?.member("not_there"), undefined);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  for (const [what, message] of [
    ["holds none", { id: 1, result: [], error: null }],
    ["has spaces", '{"id":1,"result":{"T":{"a":{"initial":{}}, "b":{"initial":{}}}}}'],
    [
      "has another member in between",
      '{"id":1,"result":{"T":{"a":{"initial":{}},"x":1,"b":{"initial":{}}}}}',
    ],
    ["has something behind the last row", '{"id":1,"result":{"T":{"a":{"initial":{},"new":{}}}}}'],
    ["has an escaped key", '{"id":1,"result":{"T":{"a\\u0020":{"initial":{}}}}}'],
    ["ends early", '{"id":1,"result":{"T":{"a":{"initial":{'],
    ["has its object in a list", '{"id":1,"result":[{"a":{"initial":{}}},{"a":{"initial":{}}}]}'],
  ] as const) {
    it(`leaves a message alone that ${what}`, () => {
      assert.equal(cutMembers(bytesOf(message), "initial"), undefined);
    });
  }

  it("finds out when a row is read that there is more in it than a row", () => {
    const message = '{"id":1,"result":{"T":{"a":{"initial":{},"new":{}},"b":{"initial":{}}}}}';
    const [first, second] = cutMembers(bytesOf(message), "initial")?.objects[0]?.texts ?? [];
    assert.throws(() => first?.parse(), ProtocolError);
    assert.deepEqual(second?.parse(), {});
  });

  it("refuses what is not UTF-8", () => {
    const bytes = bytesOf('{"id":1,"result":{"T":{"a":{"initial":{"x":"?"}}}}}');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    assert.throws(() => cutMembers(bytes, "initial"), /not valid UTF-8/);
  });

  it("holds on to less as texts are released, and reads those that are left", () => {
    const values = Array.from({ length: 100 }, (_, index) => JSON.stringify({ name: `näme ${index}` }));
    const block = new TextBlock(bytesOf(values.join("")));
    let end = 0;
    const texts = values.map((value) => {
      const start = end;
      end += bytesOf(value).length;
      return block.text(start, end);
    });
    for (const text of texts.slice(0, 90)) text.release();
    assert.ok(block.bytes.length * 3 < end);
    assert.deepEqual(
      texts.slice(90).map((text) => text.parse()),
      Array.from({ length: 10 }, (_, index) => ({ name: `näme ${90 + index}` })),
    );
    assert.throws(() => texts[0]?.parse(), /released/);
  });
});
