import assert from "node:assert/strict";
import fc from "fast-check";
import { type Json, ProtocolError, parseJson, stringifyJson } from "../../../lib/jsonrpc/index.ts";
import {
  applyDiff,
  type ColumnSchema,
  columnCodec,
  columnKind,
  decodeValue,
  defaultValue,
  encodeElements,
  encodePairs,
  encodeValue,
  ValidationError,
  type Value,
  valuesEqual,
} from "../../../lib/ovsdb/index.ts";
import { columnWithValues } from "./arbitraries.ts";

const where = { table: "T", column: "c" };
const uuid = "11111111-2222-4333-8444-555555555555";
const string: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
const strings: ColumnSchema = { key: { type: "string" }, min: 0, max: "unlimited" };
const optional: ColumnSchema = { key: { type: "string" }, min: 0, max: 1 };
const stringMap: ColumnSchema = {
  key: { type: "string" },
  value: { type: "string" },
  min: 0,
  max: "unlimited",
};
const wide: ColumnSchema = { key: { type: "integer" }, min: 1, max: 1 };
const tag: ColumnSchema = { key: { type: "integer", minInteger: 0, maxInteger: 4095 }, min: 0, max: 1 };
const ports: ColumnSchema = {
  key: { type: "uuid", refTable: "Port", refType: "strong" },
  min: 0,
  max: "unlimited",
};
const queues: ColumnSchema = {
  key: { type: "integer", minInteger: 0, maxInteger: 10 },
  value: { type: "uuid" },
  min: 0,
  max: "unlimited",
};

function encode(column: ColumnSchema, value: unknown): Json {
  return encodeValue(where, column, value, (ref) => ["named-uuid", ref.ref]);
}

/** As the server would have it: through JSON text, a set of one element as the bare element. */
function overTheWire(json: Json): Json {
  const back = parseJson(stringifyJson(json));
  if (Array.isArray(back) && back[0] === "set" && Array.isArray(back[1]) && back[1].length === 1)
    return back[1][0];
  return back;
}

describe("values", () => {
  it("come back from the wire as they were written, for columns of every kind", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(columnWithValues(1), ([column, [value]]) => {
        kinds.add(columnKind(column));
        assert.deepEqual(decodeValue(column, overTheWire(encode(column, value))), value);
      }),
      { numRuns: 1000 },
    );
    assert.deepEqual([...kinds].sort(), ["map", "optional", "scalar", "set"]);
  });

  it("are frozen", () => {
    fc.assert(
      fc.property(columnWithValues(1), ([column, [value]]) => {
        assert.ok(Object.isFrozen(decodeValue(column, overTheWire(encode(column, value)))));
        assert.ok(Object.isFrozen(defaultValue(column)));
      }),
    );
  });

  it("become the new value when the server's difference is applied to the old one", () => {
    fc.assert(
      fc.property(columnWithValues(2), ([column, [old = null, now = null]]) => {
        const result = applyDiff(column, old, overTheWire(differenceOf(column, old, now)));
        assert.ok(valuesEqual(column, result, now), `${stringify(result)} is not ${stringify(now)}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("are equal to themselves alone", () => {
    fc.assert(
      fc.property(columnWithValues(2), ([column, [a = null, b = null]]) => {
        assert.equal(valuesEqual(column, a, b), canonical(a) === canonical(b));
        assert.ok(valuesEqual(column, a, decodeValue(column, encode(column, a))));
      }),
      { numRuns: 1000 },
    );
  });

  it("keep the same codec per column", () => {
    assert.equal(columnCodec(ports), columnCodec(ports));
    assert.notEqual(columnCodec(ports), columnCodec({ ...ports }));
  });
});

describe("decodeValue", () => {
  it("reads a set in all three forms", () => {
    assert.deepEqual(decodeValue(strings, "a"), ["a"]);
    assert.deepEqual(decodeValue(strings, ["set", []]), []);
    assert.deepEqual(decodeValue(strings, ["set", ["a", "b"]]), ["a", "b"]);
    assert.deepEqual(decodeValue(ports, ["uuid", uuid]), [uuid]);
  });

  it("reads an optional in both forms", () => {
    assert.equal(decodeValue(optional, "a"), "a");
    assert.equal(decodeValue(optional, ["set", ["a"]]), "a");
    assert.equal(decodeValue(optional, ["set", []]), null);
  });

  it("gives bigints for wide integers and numbers for others", () => {
    assert.equal(decodeValue(wide, 5), 5n);
    assert.equal(decodeValue(wide, 9007199254740993n), 9007199254740993n);
    assert.equal(decodeValue(tag, 5), 5);
  });

  it("makes a key __proto__ harmless and equal to a literal", () => {
    const map = decodeValue(stringMap, [
      "map",
      [
        ["__proto__", "x"],
        ["a", "b"],
      ],
    ]);
    assert.deepEqual(map, { ["__proto__"]: "x", a: "b" });
    assert.deepEqual(Object.keys(map as object), ["__proto__", "a"]);
    assert.equal(({} as { readonly x?: unknown }).x, undefined);
    const without = applyDiff(stringMap, map, ["map", [["__proto__", "x"]]]);
    assert.deepEqual(without, { a: "b" });
  });

  it("reads keys of other types than string as text", () => {
    assert.deepEqual(decodeValue(queues, ["map", [[7, ["uuid", uuid]]]]), { 7: uuid });
  });

  const nonsense: readonly (readonly [string, ColumnSchema, Json])[] = [
    ["a number for a string", string, 5],
    ["null", string, null],
    ["a plain object for a map", stringMap, { a: "b" }],
    ["a map for a set", strings, ["map", []]],
    ["half a pair", stringMap, ["map", [["a"]]]],
    ["a fraction for an integer", wide, 1.5],
    ["a bare string for a uuid", ports, uuid],
    ["something else than a uuid", ports, ["uuid", "x"]],
    ["two elements for an optional", optional, ["set", ["a", "b"]]],
    ["no element for a scalar", string, ["set", []]],
  ];
  for (const [what, column, wire] of nonsense) {
    it(`refuses ${what}`, () => assert.throws(() => decodeValue(column, wire), ProtocolError));
  }
});

describe("encodeValue", () => {
  it("writes references as the caller resolves them", () => {
    assert.deepEqual(encode(ports, [uuid.toUpperCase(), { ref: "new" }, { table: "Port", ref: "new" }]), [
      "set",
      [
        ["uuid", uuid],
        ["named-uuid", "new"],
      ],
    ]);
  });

  it("removes duplicates", () => {
    const integers: ColumnSchema = { key: { type: "integer" }, min: 0, max: 2 };
    assert.deepEqual(encode(strings, ["b", "a", "b"]), ["set", ["b", "a"]]);
    assert.deepEqual(encode(integers, [1, 1n, 2n]), ["set", [1, 2]]);
    assert.deepEqual(encode(ports, [uuid, uuid.toUpperCase()]), ["set", [["uuid", uuid]]]);
  });

  it("counts characters, not UTF-16 units", () => {
    const short: ColumnSchema = { key: { type: "string", minLength: 2, maxLength: 2 }, min: 1, max: 1 };
    assert.equal(encode(short, "\u{1f600}\u{1f600}"), "\u{1f600}\u{1f600}");
    assert.throws(() => encode(short, "\u{1f600}"), /has 1 characters, at least 2/);
    assert.throws(() => encode(short, "abc"), /has 3 characters, at most 2/);
  });

  it("takes the whole range of 64-bit integers and no more", () => {
    assert.equal(encode(wide, 2n ** 63n - 1n), 2n ** 63n - 1n);
    assert.equal(encode(wide, -(2n ** 63n)), -(2n ** 63n));
    assert.throws(() => encode(wide, 2n ** 63n), /above the maximum/);
    assert.throws(() => encode(wide, -(2n ** 63n) - 1n), /below the minimum/);
  });

  it("names table, column and value", () => {
    const error = errorOf(() =>
      encodeValue({ table: "Logical_Switch_Port", column: "tag_request" }, tag, 4096, refuse),
    );
    assert.equal(error.message, "Logical_Switch_Port.tag_request: 4096 is above the maximum 4095");
    assert.deepEqual(
      [error.code, error.table, error.column, error.value],
      ["ERR_VALIDATION", "Logical_Switch_Port", "tag_request", 4096],
    );
  });

  const protocol: ColumnSchema = { key: { type: "string", enum: ["tcp", "udp"] }, min: 0, max: 1 };
  const level: ColumnSchema = { key: { type: "integer", enum: [1, 3] }, min: 1, max: 1 };
  const real: ColumnSchema = { key: { type: "real", minReal: 0, maxReal: 1 }, min: 1, max: 1 };
  const boolean: ColumnSchema = { key: { type: "boolean" }, min: 1, max: 1 };
  const networks: ColumnSchema = { key: { type: "string" }, min: 1, max: 2 };
  const wrong: readonly (readonly [ColumnSchema, unknown, string])[] = [
    [string, 5, "5 is not a string"],
    [string, null, "null is not a string"],
    [string, undefined, "nothing is not a string"],
    [string, "a\0b", '"a\\u0000b" contains a NUL character'],
    [string, "\ud800x", '"\\ud800x" contains half a surrogate pair'],
    [boolean, 1, "1 is not a boolean"],
    [tag, "5", '"5" is not an integer'],
    [tag, 1.5, "1.5 is not an integer"],
    [tag, Number.NaN, "NaN is not an integer"],
    [tag, -1, "-1 is below the minimum 0"],
    [wide, 2 ** 53, "9007199254740992 is too large to be exact as a number, use a bigint"],
    [real, 1.5, "1.5 is above the maximum 1"],
    [real, -1, "-1 is below the minimum 0"],
    [real, Infinity, "Infinity is not a finite number"],
    [real, 1n, '"1" is not a finite number'],
    [protocol, "icmp", '"icmp" is not one of "tcp", "udp"'],
    [level, 2, "2 is not one of 1, 3"],
    [networks, [], "0 elements, at least 1 needed"],
    [networks, ["a", "b", "c"], "3 elements, at most 2 allowed"],
    [networks, "a", '"a" is not an array'],
    [strings, ["a", null], "null is not a string"],
    [stringMap, [], "[] is not a plain object"],
    [stringMap, new Map([["a", "b"]]), "a Map is not a plain object"],
    [stringMap, new Date(), "a Date is not a plain object"],
    [stringMap, Promise.resolve({ a: "b" }), "a Promise is not a plain object"],
    [stringMap, { b: "x", a: 1 }, 'key "a": 1 is not a string'],
    [stringMap, { a: undefined }, 'key "a": nothing is not a string'],
    [queues, { x: uuid }, 'key "x" is not of type integer'],
    [queues, { "07": uuid }, 'key "07" is not of type integer'],
    [queues, { 11: uuid }, "11 is above the maximum 10"],
    [ports, ["x"], '"x" is neither a uuid nor a row inserted in this transaction'],
    [ports, [{ table: "Switch", ref: "r" }], "a row of Switch given where one of Port belongs"],
  ];
  for (const [column, value, message] of wrong) {
    it(`refuses: ${message}`, () =>
      assert.equal(errorOf(() => encode(column, value)).message, `T.c: ${message}`));
  }

  it("takes what a literal says for maps and enums", () => {
    assert.deepEqual(encode(stringMap, { ["__proto__"]: "x" }), ["map", [["__proto__", "x"]]]);
    assert.deepEqual(encode(queues, { 3: { ref: "q" } }), ["map", [[3, ["named-uuid", "q"]]]]);
    assert.deepEqual(encode(protocol, null), ["set", []]);
    assert.equal(encode(level, 3n), 3);
  });
});

describe("encodeElements and encodePairs", () => {
  it("write parts of a value, whatever the size of the whole must be", () => {
    const one: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
    assert.deepEqual(encodeElements(where, one, [], refuse), ["set", []]);
    assert.deepEqual(encodeElements(where, optional, ["a"], refuse), ["set", ["a"]]);
    assert.deepEqual(encodeElements(where, stringMap, ["k"], refuse), ["set", ["k"]]);
    assert.deepEqual(encodeElements(where, queues, ["3", 4], refuse), ["set", [3, 4]]);
    assert.deepEqual(encodePairs(where, { ...stringMap, min: 1 }, {}, refuse), ["map", []]);
    assert.deepEqual(encodePairs(where, stringMap, { a: "b" }, refuse), ["map", [["a", "b"]]]);
  });

  it("check each part", () => {
    assert.throws(() => encodeElements(where, strings, [1], refuse), ValidationError);
    assert.throws(() => encodePairs(where, strings, {}, refuse), /not a map column/);
  });
});

describe("defaultValue", () => {
  it("is what RFC 7047 section 5.2.1 says", () => {
    const scalar = (type: "integer" | "real" | "boolean" | "string" | "uuid"): Value =>
      defaultValue({ key: { type }, min: 1, max: 1 });
    assert.deepEqual(
      [scalar("integer"), scalar("real"), scalar("boolean"), scalar("string"), scalar("uuid")],
      [0n, 0, false, "", "00000000-0000-0000-0000-000000000000"],
    );
    assert.equal(defaultValue(optional), null);
    assert.deepEqual(defaultValue(strings), []);
    assert.deepEqual(defaultValue({ ...strings, min: 1 }), [""]);
    assert.deepEqual(defaultValue(stringMap), {});
    assert.deepEqual(defaultValue({ ...stringMap, min: 1 }), { "": "" });
  });
});

describe("valuesEqual", () => {
  it("takes what the server takes for the same", () => {
    const reals: ColumnSchema = { key: { type: "real" }, min: 0, max: "unlimited" };
    assert.ok(valuesEqual(strings, ["a", "b"], ["b", "a"]));
    assert.ok(valuesEqual(wide, 1, 1n));
    assert.ok(valuesEqual(reals, [0.1 + 0.2], [0.3]));
    assert.ok(valuesEqual(ports, [uuid], [uuid.toUpperCase()]));
    assert.ok(valuesEqual(stringMap, { ref: "a" }, { ref: "a" }));
    assert.ok(!valuesEqual(stringMap, { ref: "a" }, { ref: "b" }));
    assert.ok(!valuesEqual(optional, null, ""));
    assert.ok(!valuesEqual(strings, ["a"], ["a", "b"]));
  });
});

function refuse(): never {
  throw new Error("no reference is expected here");
}

function errorOf(body: () => unknown): ValidationError {
  try {
    body();
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error;
  }
  throw new Error("nothing was thrown");
}

/** What ovsdb-server sends for a change, written apart from the code under test (ovsdb-server(7), update2). */
function differenceOf(column: ColumnSchema, old: Value, now: Value): Json {
  const wireOld = encode(column, old);
  const wireNow = encode(column, now);
  if (column.max === 1) return wireNow;
  const parts = (wire: Json): Map<string, Json> =>
    new Map((wire as readonly [string, readonly Json[]])[1].map((part) => [stringifyJson(part), part]));
  const [before, after] = [parts(wireOld), parts(wireNow)];
  const added = [...after].filter(([text]) => !before.has(text)).map(([, part]) => part);
  const removed = [...before].filter(([text]) => !after.has(text)).map(([, part]) => part);
  if (column.value === undefined) return ["set", [...removed, ...added]];
  // A key in both with different values is sent once, with its new value.
  const keyOf = (pair: Json): string => stringifyJson((pair as readonly Json[])[0] ?? null);
  const addedKeys = new Set(added.map(keyOf));
  return ["map", [...removed.filter((pair) => !addedKeys.has(keyOf(pair))), ...added]];
}

function canonical(value: Value): string {
  if (Array.isArray(value)) return value.map(stringify).sort().join();
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}:${stringify(each)}`)
      .sort()
      .join();
  }
  return stringify(value);
}

function stringify(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
}
