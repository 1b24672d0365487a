import assert from "node:assert/strict";
import fc from "fast-check";
import { type Json, parseJson, stringifyJson } from "../../../lib/jsonrpc/index.ts";
import {
  type ColumnSchema,
  columnCodec,
  columnWriter,
  type Ref,
  ValidationError,
} from "../../../lib/ovsdb/index.ts";
import { columnWithValues } from "./arbitraries.ts";

const where = { table: "T", column: "c" };
const uuid = "AAAAAAAA-2222-4333-8444-555555555555";
const resolve = ({ ref }: Ref): Json => ["named-uuid", ref];
const writeRef = ({ ref }: Ref): string => `["named-uuid",${JSON.stringify(ref)}]`;

/** What the caller gets: the wire form, or the words of the error. */
function outcome(make: () => Json): unknown {
  try {
    return make();
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error.message;
  }
}

/** As RFC 7047 lets a set of one element be written. */
function short(wire: Json): Json {
  if (!Array.isArray(wire) || wire[0] !== "set") return wire;
  const [only, ...others] = wire[1] as readonly Json[];
  return only === undefined || others.length > 0 ? wire : only;
}

/** Values that fit hardly any column, and what trips naive code. */
const oddities = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  -0,
  1.5,
  Number.NaN,
  2 ** 53,
  2n ** 63n,
  true,
  "",
  'a "b" \\ \n \u0001 \u007f é \u{1f600}',
  "\0",
  "\ud800",
  uuid,
  { ref: "r" },
  { table: "Other", ref: "r" },
  [],
  ["a", "a"],
  [1, 1n, 2],
  [uuid, uuid.toLowerCase(), { ref: "r" }, { ref: "r" }],
  [0.1, 0.1 + 1e-17],
  {},
  { a: "b" },
  { "1": uuid },
  { a: undefined },
  { "\0": "x" },
  JSON.parse('{"__proto__":"x"}'),
);
const uuids: ColumnSchema = {
  key: { type: "uuid", refTable: "T", refType: "strong" },
  min: 0,
  max: "unlimited",
};
const references: ColumnSchema = { key: { type: "integer" }, value: uuids.key, min: 0, max: 2 };

describe("columnWriter", () => {
  const columns = fc.oneof(
    columnWithValues(1),
    fc.constantFrom<[ColumnSchema, unknown[]]>([uuids, [[uuid]]], [references, [{ "1": { ref: "r" } }]]),
  );
  const cases = fc.tuple(columns, oddities, fc.boolean());

  it("writes what the codec makes, and refuses what that refuses, in the same words", () => {
    const seen = { written: 0, refused: 0 };
    fc.assert(
      fc.property(cases, ([[column, [fitting]], odd, fits]) => {
        const value = fits ? fitting : odd;
        const expected = outcome(() =>
          short(parseJson(stringifyJson(columnCodec(column).encode(where, value, resolve)))),
        );
        const written = outcome(() => parseJson(columnWriter(column).write(where, value, writeRef)));
        assert.deepEqual(written, expected);
        seen[typeof expected === "string" && expected.startsWith("T.c") ? "refused" : "written"] += 1;
      }),
      { numRuns: 3000 },
    );
    assert.ok(seen.written > 300 && seen.refused > 300, JSON.stringify(seen));
  });

  it("does so with elements and with pairs too", () => {
    fc.assert(
      fc.property(cases, ([[column, [fitting]], odd, fits]) => {
        const value = fits ? fitting : odd;
        const [codec, writer] = [columnCodec(column), columnWriter(column)];
        const elements = Array.isArray(value) ? value : [value];
        const shortened = column.value === undefined ? short : (wire: Json): Json => wire;
        assert.deepEqual(
          outcome(() => parseJson(writer.writeElements(where, elements, writeRef))),
          outcome(() => shortened(parseJson(stringifyJson(codec.encodeElements(where, elements, resolve))))),
        );
        const pairs = value as object;
        assert.deepEqual(
          outcome(() => parseJson(writer.writePairs(where, pairs, writeRef))),
          outcome(() => parseJson(stringifyJson(codec.encodePairs(where, pairs, resolve)))),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it("writes every character so that it is read again, alone and in maps", () => {
    const text = { type: "string" } as const;
    const single = columnWriter({ key: text, min: 1, max: 1 });
    const map = columnWriter({ key: text, value: text, min: 0, max: "unlimited" });
    for (let code = 1; code < 0x180; code += 1) {
      const value = `a${String.fromCharCode(code)}b`;
      assert.equal(parseJson(single.write(where, value, writeRef)), value);
      const pairs = { [value]: "x", x: value };
      assert.deepEqual(parseJson(map.write(where, pairs, writeRef)), ["map", Object.entries(pairs)]);
    }
  });

  it("writes uuids in small letters, as ovsdb-server does", () => {
    const single = columnWriter({ ...uuids, min: 1, max: 1 });
    assert.equal(single.write(where, uuid, writeRef), `["uuid","${uuid.toLowerCase()}"]`);
  });

  it("tells of a reference in which place it stands", () => {
    const places: unknown[] = [];
    const note = (_ref: Ref, type: unknown): string => {
      places.push(type);
      return "null";
    };
    columnWriter(uuids).write(where, [{ ref: "r" }], note);
    columnWriter(references).write(where, { "1": { ref: "r" } }, note);
    assert.deepEqual(places, [uuids.key, references.value]);
  });

  it("keeps the same writer per column", () => {
    assert.equal(columnWriter(uuids), columnWriter(uuids));
    assert.notEqual(columnWriter(uuids), columnWriter({ ...uuids }));
  });

  it("writes a map anew when something in it has changed, unless nothing can change", () => {
    const text = { type: "string" } as const;
    const writer = columnWriter({ key: text, value: text, min: 0, max: "unlimited" } as ColumnSchema);
    const written = (pairs: object): string => writer.write(where, pairs, writeRef);
    const pairs: Record<string, string> = { a: "1" };
    assert.equal(written(pairs), '["map",[["a","1"]]]');
    pairs["a"] = "2";
    assert.equal(written(pairs), '["map",[["a","2"]]]');
    const frozen = Object.freeze({ ...pairs, b: '"' });
    for (let time = 0; time < 2; time += 1)
      assert.equal(written(frozen), String.raw`["map",[["a","2"],["b","\""]]]`);
    assert.equal(written(pairs), '["map",[["a","2"]]]');
  });
});
