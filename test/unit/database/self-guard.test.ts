import assert from "node:assert/strict";
import { holdsStill, selfGuards } from "../../../lib/database/self-guard.ts";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import {
  type Condition,
  deleteOp,
  everyRow,
  type Mutation,
  mutateOp,
  type Operation,
  updateOp,
  type WireRow,
  waitOp,
} from "../../../lib/ovsdb/index.ts";
import { uuidA, uuidB } from "./support.ts";

const is = (uuid: string): [Condition] => [["_uuid", "==", ["uuid", uuid]]];
const guard = (row: WireRow, uuid = uuidA): Operation =>
  waitOp("T", is(uuid), { columns: Object.keys(row), until: "==", rows: [row] });
const there = waitOp("T", is(uuidA), { columns: [], until: "!=", rows: [] });
const set = (row: WireRow, uuid = uuidA): Operation => updateOp("T", is(uuid), row);
const mutate = (...mutations: Mutation[]): Operation => mutateOp("T", is(uuidA), mutations);
const map = (pairs: { readonly [key: string]: string }): Json => ["map", Object.entries(pairs)];

describe("selfGuards", () => {
  const cases: readonly (readonly [title: string, decides: boolean, ...operations: Operation[]])[] = [
    ["another value", true, guard({ a: 1 }), set({ a: 2 })],
    ["the same value", false, guard({ a: 1 }), set({ a: 1 })],
    ["the same set in another order", false, guard({ a: ["set", [1, 2]] }), set({ a: ["set", [2, 1]] })],
    ["the same atom written as a set", false, guard({ a: 1 }), set({ a: ["set", [1]] })],
    ["another column", false, guard({ a: 1 }), set({ b: 2 })],
    ["another row", false, guard({ a: 1 }), set({ a: 2 }, uuidB)],
    [
      "another value, where something is asked of other rows",
      true,
      guard({ a: 1 }),
      waitOp("T", everyRow, { columns: [], until: "!=", rows: [] }),
      set({ a: 2 }),
    ],
    ["the row deleted", true, guard({ a: 1 }), deleteOp("T", is(uuidA))],
    ["every row deleted, perhaps this one", false, guard({ a: 1 }), deleteOp("T", everyRow)],
    [
      "another value, and then perhaps the first",
      false,
      guard({ a: 1 }),
      set({ a: 2 }),
      updateOp("T", everyRow, { a: 1 }),
    ],
    ["another value before it", false, set({ a: 2 }), guard({ a: 1 })],
    ["its existence alone", false, guard({ _uuid: ["uuid", uuidA] }), set({ a: 2 })],
    ["its existence alone, asked for in short", false, there, set({ a: 2 })],
    ["the existence of a row that is deleted", true, there, deleteOp("T", is(uuidA))],
    [
      "any value but none",
      false,
      waitOp("T", is(uuidA), { columns: ["a"], until: "!=", rows: [] }),
      set({ a: 2 }),
    ],
    [
      "a row that must not be",
      false,
      waitOp("T", is(uuidA), { columns: ["a"], until: "!=", rows: [{ a: 1 }] }),
      deleteOp("T", is(uuidA)),
    ],
    ["an element more", true, guard({ a: ["set", []] }), mutate(["a", "insert", 1])],
    ["an element that is there", false, guard({ a: ["set", [1]] }), mutate(["a", "insert", 1])],
    ["an element less", true, guard({ a: ["set", [1]] }), mutate(["a", "delete", 1])],
    ["an element less that is not there", false, guard({ a: ["set", [1, 2]] }), mutate(["a", "delete", 3])],
    [
      "an element put back",
      false,
      guard({ a: ["set", [1]] }),
      mutate(["a", "delete", 1], ["a", "insert", 1]),
    ],
    [
      "a key with another value",
      true,
      guard({ a: map({ k: "1" }) }),
      mutate(["a", "delete", ["set", ["k"]]], ["a", "insert", map({ k: "2" })]),
    ],
    [
      "a key with the same value",
      false,
      guard({ a: map({ k: "1" }) }),
      mutate(["a", "delete", ["set", ["k"]]], ["a", "insert", map({ k: "1" })]),
    ],
    [
      "a key that stays, since it is there",
      false,
      guard({ a: map({ k: "1" }) }),
      mutate(["a", "insert", map({ k: "2" })]),
    ],
    ["a pair less", true, guard({ a: map({ k: "1" }) }), mutate(["a", "delete", map({ k: "1" })])],
    [
      "a pair that is another one",
      false,
      guard({ a: map({ k: "1" }) }),
      mutate(["a", "delete", map({ k: "2" })]),
    ],
    ["one more", true, guard({ a: 1 }), mutate(["a", "+=", 1])],
    ["nothing more", false, guard({ a: 1 }), mutate(["a", "+=", 0])],
    ["one more of nothing", false, guard({ a: ["set", []] }), mutate(["a", "+=", 1])],
    ["one more and one less", false, guard({ a: 1 }), mutate(["a", "+=", 1], ["a", "-=", 1])],
    ["twice as much, perhaps of nothing", false, guard({ a: 0 }), mutate(["a", "*=", 2])],
    ["a little more of very much", false, guard({ a: 1e18 }), mutate(["a", "+=", 1])],
  ];
  for (const [title, decides, ...operations] of cases) {
    it(`${decides ? "takes" : "does not take"} ${title} for a decision`, () =>
      assert.equal(selfGuards(operations).length, decides ? 1 : 0));
  }

  it("tells whether a guard holds still", () => {
    const [found] = selfGuards([guard({ a: ["set", [1, 2]], b: map({ k: "v" }) }), set({ b: map({}) })]);
    assert.ok(found !== undefined);
    assert.equal(holdsStill(found, { a: ["set", [2, 1]], b: map({ k: "v" }) }), true);
    assert.equal(holdsStill(found, { a: ["set", [2, 1]], b: map({}) }), false);
    assert.equal(holdsStill(found, undefined), false);
    const [short] = selfGuards([there, deleteOp("T", is(uuidA))]);
    assert.ok(short !== undefined);
    assert.equal(holdsStill(short, {}), true);
    assert.equal(holdsStill(short, undefined), false);
  });
});
