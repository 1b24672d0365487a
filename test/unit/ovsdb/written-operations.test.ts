import assert from "node:assert/strict";
import { parseJson, UsageError } from "../../../lib/jsonrpc/index.ts";
import {
  commentOp,
  everyRow,
  insertOp,
  type Operation,
  updateOp,
  WrittenOperations,
} from "../../../lib/ovsdb/index.ts";

const operations: readonly Operation[] = [
  insertOp("T", { name: 'a "quoted" name', n: 2n ** 60n }, { uuidName: "row" }),
  updateOp("T", everyRow, { names: ["set", []] }),
  commentOp("\u2028 and é"),
];

describe("written operations", () => {
  it("are the text of all of them, and their kinds", () => {
    const written = WrittenOperations.of(operations);
    assert.deepEqual(parseJson(`[${written.text}]`), operations);
    assert.deepEqual([written.kinds, written.length], [["insert", "update", "comment"], 3]);
  });

  it("read as data again, with every digit", () => {
    assert.deepEqual(WrittenOperations.of(operations).list, operations);
    assert.deepEqual(WrittenOperations.of([]).list, []);
  });

  it("can be put together, also with none", () => {
    const [none, all] = [WrittenOperations.of([]), WrittenOperations.of(operations)];
    const [first, ...others] = operations;
    assert.ok(first !== undefined);
    assert.deepEqual(WrittenOperations.of([first]).with(others).list, operations);
    assert.deepEqual(none.followedBy(all).list, operations);
    assert.deepEqual(all.followedBy(none).list, operations);
    assert.equal(all.with([]), all);
    assert.deepEqual(WrittenOperations.of([first]).followedBy(WrittenOperations.of(others)).list, operations);
  });

  it("refuse what cannot be sent, and name its place in the params of the request", () => {
    const fine = WrittenOperations.of(operations);
    for (const [refused, place] of [
      [commentOp("half: \ud800"), /params\[4\]\.comment holds U\+0000 or half a surrogate pair/],
      [commentOp("\0"), /params\[4\]\.comment holds U\+0000/],
      [insertOp("T", { name: Number.NaN }), /what is at params\[4\]\.row\.name/],
    ] as const) {
      assert.throws(
        () => fine.with([refused]),
        (error) => error instanceof UsageError && place.test(error.message),
      );
    }
  });
});
