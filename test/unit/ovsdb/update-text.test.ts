import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameText, type Json, ProtocolError, parseJson, parseText } from "../../../lib/jsonrpc/index.ts";
import { normaliseUpdates, type RowUpdate, readUpdateText } from "../../../lib/ovsdb/index.ts";

const head = '{"id":null,"method":"update3","params":["m","t",';

function read(text: string, from: number = head.length): RowUpdate[] | undefined {
  const message = FrameText.of(Buffer.from(text));
  return message && readUpdateText(message, from);
}

/** With what is text yet parsed. */
function parsed(updates: readonly RowUpdate[] | undefined): unknown {
  return updates?.map(({ text, columns, ...rest }) => ({
    ...rest,
    columns: typeof text === "string" ? parseText(text) : columns,
  }));
}

function message(updates: Json): string {
  return `${head}${JSON.stringify(updates)}]}`;
}

/** Strings that look like what surrounds rows, in values and in names of map keys. */
const someText = fc.oneof(
  fc.string(),
  fc.constantFrom(
    ":{",
    '":{',
    'x":{',
    '":{"',
    '\\":{"',
    '"}},"',
    "}}",
    "}}}}]}",
    '{"insert":{"',
    '\\"',
    "\\",
  ),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  someText,
  fc.integer(),
  fc.boolean(),
  fc.tuple(fc.constant("set"), fc.array(someText)),
  fc.tuple(fc.constant("map"), fc.array(fc.tuple(someText, someText))),
) as fc.Arbitrary<Json>;
const columns = fc.dictionary(fc.constantFrom("name", "ports", "_version", "external_ids"), value, {
  noNullPrototype: true,
});
const row = fc.oneof(
  fc.record({ insert: columns }, { noNullPrototype: true }),
  fc.record({ modify: columns }, { noNullPrototype: true }),
  fc.constant({ delete: null }),
) as fc.Arbitrary<Json>;
const rows = fc.dictionary(fc.uuid(), row, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
const tables = fc.dictionary(fc.constantFrom("A", "Logical_Switch", "Logical_Switch_Port"), rows, {
  minKeys: 1,
  noNullPrototype: true,
}) as fc.Arbitrary<Json>;

describe("readUpdateText", () => {
  it("reads the same as who parses the whole message, whatever the strings in it look like", () => {
    fc.assert(
      fc.property(tables, (updates) => {
        const whole = parseJson(JSON.stringify(updates));
        const text = message(updates);
        const found = read(text);
        // The string `:{`, and one that ends in `":{`, look like what stands between a name and a row.
        if (found === undefined) return assert.match(text, /[[,:\\]":\{"/);
        assert.deepEqual(parsed(found), parsed(normaliseUpdates(2, whole)));
      }),
      { numRuns: 500 },
    );
  });

  it("leaves to others what is not as ovsdb-server writes it, or reads it all the same", () => {
    fc.assert(
      fc.property(
        tables,
        fc.nat(),
        fc.constantFrom(" ", "", '"', "{", "}", ",", ',"x":1', ":", "[", "]", "0", "null"),
        fc.nat(2),
        (updates, place, put, dropped) => {
          const good = message(updates);
          const at = head.length + (place % (good.length - head.length));
          const text = good.slice(0, at) + put + good.slice(at + dropped);
          const found = read(text);
          if (found === undefined) return;
          let expected: RowUpdate[];
          try {
            const { params } = parseJson(text) as { readonly params: readonly Json[] };
            expected = normaliseUpdates(2, params[2] ?? null);
          } catch {
            assert.throws(() => parsed(found), "a fault within a row shows when that is read");
            return;
          }
          if (!isPlain(text) && isFaulty(found)) return;
          // A name that is a number now comes first in an object, wherever it was in the text.
          assert.deepEqual(parsed(inOrder(found)), parsed(inOrder(expected)));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  const [a, b, c] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
  ];

  function inOrder(updates: readonly RowUpdate[]): RowUpdate[] {
    const place = ({ table, uuid }: RowUpdate): string => `${table} ${uuid}`;
    return updates.toSorted((one, other) => (place(one) < place(other) ? -1 : 1));
  }

  /** Whether ovsdb-server may have written it: with no white space, and with every name once. */
  function isPlain(text: string): boolean {
    return JSON.stringify(JSON.parse(text)) === text;
  }

  /** Whether the text of some row is none. */
  function isFaulty(updates: readonly RowUpdate[]): boolean {
    try {
      parsed(updates);
      return false;
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error));
      return true;
    }
  }

  it("takes a row that white space hides for a part of the one before it, whose text is none then", () => {
    for (const hidden of [
      `"${b}": {"insert":{}}`,
      `"${b}":{"insert": {"name":"b"}}`,
      `"${b}":{"delete" :null}`,
    ]) {
      for (const next of ["", `,"${c}":{"insert":{"name":"c"}}`]) {
        const found = read(`${head}{"A":{"${a}":{"insert":{"name":"a"}},${hidden}${next}}}]}`);
        assert.ok(found === undefined || isFaulty(found), hidden + next);
      }
    }
    const found = read(`${head}{"A":{"${a}":{"insert":{"name":"a"}},"${b}": {"insert":{}}}}]}`);
    assert.ok(found !== undefined && isFaulty(found), "not looked at before that");
  });

  it("reads messages that are not as expected not at all", () => {
    for (const updates of [
      "{}",
      '{"A":{}}',
      `{"A":{},"B":{"${a}":{"delete":null}}}`,
      `{"A":{"${a}":{"delete":null}},"B":{}}`,
      `{"A":{"${a}":{"replace":{}}}}`,
      `{"A":{"short":{"insert":{}}}}`,
      `{"A":{"${a}":{"insert":{"name":"é"}}}}`,
      `{"A":{"${a}":{"insert":{"name":{"x":{"y":1}}}}}}`,
      `{"A":{"${a}":{"insert":{"name":"a"}}, "${b}":{"delete":null}}}`,
      `{"A":{"${a}":{"insert":{"name":"a"}}}},1`,
      `{"A":{"${a}":{"insert":{"name":"a"}}}},{"A":{"${a}":{"insert":{"name":"a"}}}}`,
    ]) {
      assert.equal(read(`${head}${updates}]}`), undefined, updates);
    }
    assert.equal(read(`${head}{"A":{"${a}":{"delete":null}}}],"x":1}`), undefined);
  });

  it("keeps what it says of a row as text, so that long integers stay exact", () => {
    const found = read(
      `${head}{"A":{"${a}":{"modify":{"wide":9007199254740993}},"${b}":{"insert":{"wide":9007199254740995}}}}]}`,
    );
    assert.deepEqual(found, [
      { table: "A", uuid: a, kind: "modify", columns: null, text: '{"wide":9007199254740993}' },
      { table: "A", uuid: b, kind: "insert", columns: null, text: '{"wide":9007199254740995}' },
    ]);
    assert.deepEqual(parsed(found), [
      { table: "A", uuid: a, kind: "modify", columns: { wide: 9007199254740993n } },
      { table: "A", uuid: b, kind: "insert", columns: { wide: 9007199254740995n } },
    ]);
  });
});
