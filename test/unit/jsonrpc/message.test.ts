import assert from "node:assert/strict";
import { type Json, ProtocolError, UsageError } from "../../../lib/jsonrpc/index.ts";
import {
  decodeMessage,
  encodeErrorReply,
  encodeNotification,
  encodeReply,
  encodeRequest,
} from "../../../lib/jsonrpc/message.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("encoding a message", () => {
  it("writes JSON-RPC 1.0, without the version member of 2.0", () => {
    assert.equal(encodeRequest(7, "list_dbs", []), '{"id":7,"method":"list_dbs","params":[]}');
    assert.deepEqual(JSON.parse(encodeNotification("cancel", [7])), {
      id: null,
      method: "cancel",
      params: [7],
    });
    assert.deepEqual(JSON.parse(encodeReply("echo", ["x"])), { id: "echo", result: ["x"], error: null });
    assert.deepEqual(JSON.parse(encodeErrorReply(1, "unknown method")), {
      id: 1,
      result: null,
      error: "unknown method",
    });
  });

  it("replies to an id of any kind", () => {
    for (const id of ["", true, 1.5, [1, "a"], { a: 1 }] as const) {
      assert.deepEqual(JSON.parse(encodeReply(id, [])).id, id);
    }
  });

  it("writes bigint as bare digits", () => {
    assert.equal(
      encodeRequest(0, "m", [2n ** 63n - 1n]),
      '{"id":0,"method":"m","params":[9223372036854775807]}',
    );
  });

  it("refuses strings that make ovsdb-server drop the connection, naming the place", () => {
    const cases: readonly (readonly [Json, string])[] = [
      [{ row: { name: "a\u0000b" } }, "params[1].row.name"],
      [["x", "\ud834"], "params[1][1]"],
      [["\udd1e\ud834"], "params[1][0]"],
      [{ "\u0000": 1 }, "params[1]."],
    ];
    for (const [value, place] of cases) {
      assert.throws(
        () => encodeRequest(0, "transact", ["db", value]),
        (error) => error instanceof UsageError && error.message.includes(place),
      );
    }
  });

  it("takes every other string, also those that look like the refused ones once escaped", () => {
    const strings = ["\\u0000", "\\ud834", "𝄞", "\u0001\u001f\u007f\n", "日本"];
    assert.deepEqual(JSON.parse(encodeRequest(0, "m", strings)).params, strings);
  });

  it("refuses what cannot be a message", () => {
    assert.throws(() => encodeRequest(0, "", []), UsageError);
    assert.throws(() => encodeRequest(0.5, "m", []), UsageError);
    assert.throws(() => encodeReply(1, null), UsageError);
  });
});

describe("decoding a message", () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ["a result", '{"id":1,"result":[],"error":null}', { kind: "result", id: 1, result: [] }],
    ["a result of null", '{"id":1,"result":null,"error":null}', { kind: "result", id: 1, result: null }],
    [
      "an error without a result member",
      '{"id":1,"error":"unknown method"}',
      { kind: "error", id: 1, error: "unknown method" },
    ],
    [
      "an error that is an object, beside a result of null",
      '{"error":{"error":"x","details":"y"},"id":1,"result":null}',
      { kind: "error", id: 1, error: { error: "x", details: "y" } },
    ],
    [
      "a notification with an id of null",
      '{"id":null,"method":"update","params":[null]}',
      { kind: "notification", method: "update", params: [null] },
    ],
    [
      "a notification without an id",
      '{"method":"locked","params":["l"]}',
      { kind: "notification", method: "locked", params: ["l"] },
    ],
    [
      "the server's probe",
      '{"id":"echo","method":"echo","params":[]}',
      { kind: "request", id: "echo", method: "echo", params: [] },
    ],
    [
      "a request with null members and one we do not know",
      '{"id":[1],"method":"m","params":[],"result":null,"error":null,"new":1}',
      { kind: "request", id: [1], method: "m", params: [] },
    ],
    [
      "a wide integer",
      '{"id":1,"result":[9007199254740993]}',
      { kind: "result", id: 1, result: [9007199254740993n] },
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}`, () => assert.deepEqual(decodeMessage(bytes(text)), expected));
  }

  it("keeps a __proto__ key as a value and does not read members from it", () => {
    const message = decodeMessage(bytes('{"id":1,"result":{"__proto__":{"a":1}}}'));
    assert.ok(message.kind === "result");
    assert.deepEqual(Object.entries(message.result as object), [["__proto__", { a: 1 }]]);
    assert.equal(({} as Record<string, unknown>)["a"], undefined);
    assert.throws(() => decodeMessage(bytes('{"__proto__":{"id":1,"result":2}}')), ProtocolError);
  });

  const broken: readonly (readonly [string, string])[] = [
    ["{", "not JSON"],
    ["{]}", "not JSON"],
    ["[1]", "not an object"],
    ["{}", "neither method nor id"],
    ['{"id":1}', "neither result nor error"],
    ['{"id":1,"error":null}', "neither result nor error"],
    ['{"id":1,"result":1,"error":"x"}', "both result and error"],
    ['{"method":1,"params":[]}', "not a string"],
    ['{"id":1,"method":"m"}', "without an array"],
    ['{"id":1,"method":"m","params":{}}', "without an array"],
    ['{"id":1,"method":"m","params":[],"result":1}', "both a request and a reply"],
  ];
  for (const [text, reason] of broken) {
    it(`refuses ${text}`, () => {
      assert.throws(
        () => decodeMessage(bytes(text)),
        (error) => error instanceof ProtocolError && error.message.includes(reason),
      );
    });
  }

  it("refuses bytes that are not UTF-8", () => {
    for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const frame = Uint8Array.from([...bytes('{"id":1,"result":"'), ...bad, ...bytes('"}')]);
      assert.throws(
        () => decodeMessage(frame),
        (error) => error instanceof ProtocolError && /UTF-8/.test(error.message),
      );
    }
  });

  it("turns nesting that no parser of ours stands into a ProtocolError", () => {
    const depth = 200_000;
    const text = `{"id":1,"result":${"[".repeat(depth)}12345678901234567890${"]".repeat(depth)}}`;
    assert.throws(() => decodeMessage(bytes(text)), ProtocolError);
  });
});
