import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import { type Json, UsageError } from "../../../lib/jsonrpc/index.ts";
import {
  type Condition,
  deleteOp,
  everyRow,
  insertOp,
  type Operation,
  selectOp,
  updateOp,
  type Where,
  waitOp,
} from "../../../lib/ovsdb/index.ts";

describe("operation builders", () => {
  it("leave absent members out", () => {
    assert.deepEqual(insertOp("T", { a: 1 }), { op: "insert", table: "T", row: { a: 1 } });
    assert.deepEqual(insertOp("T", {}, { uuid: "u", uuidName: "n_1" }), {
      op: "insert",
      table: "T",
      row: {},
      uuid: "u",
      "uuid-name": "n_1",
    });
    assert.deepEqual(selectOp("T", everyRow), { op: "select", table: "T", where: [] });
    assert.deepEqual(selectOp("T", everyRow, ["a"]), { op: "select", table: "T", where: [], columns: ["a"] });
  });

  it("test once, unless a wait is given time", () => {
    const guard = { columns: ["name"], until: "==", rows: [] } as const;
    assert.equal(waitOp("T", everyRow, guard).timeout, 0);
    assert.equal(waitOp("T", everyRow, { ...guard, timeout: 500 }).timeout, 500);
  });

  it("refuse a uuid-name that the server would refuse", () => {
    for (const uuidName of ["", "1a", "a-b", "ä"]) {
      assert.throws(() => insertOp("T", {}, { uuidName }), UsageError);
    }
  });

  it("refuse an empty list of conditions, which would reach every row", () => {
    const empty: Condition[] = [];
    assert.throws(() => deleteOp("T", empty as unknown as Where), UsageError);
    assert.throws(() => updateOp("T", empty as unknown as Where, {}), UsageError);
    // @ts-expect-error an empty list is not a Where
    assert.throws(() => deleteOp("T", []), UsageError);
    assert.deepEqual(deleteOp("T", everyRow), { op: "delete", table: "T", where: [] });
  });

  it("make what can be sent as it is", () => {
    expectTypeOf<Operation>().toExtend<Json>();
  });
});
