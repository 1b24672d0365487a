import assert from "node:assert/strict";
import type { Change } from "../../../lib/reconcile/index.ts";
import { changesLeft } from "../../../lib/reconcile/lost-changes.ts";

const change = (action: Change["action"], name: string, ...columns: string[]): Change => ({
  action,
  table: "T",
  kind: "t",
  name,
  columns: Object.fromEntries(columns.map((column) => [column, { new: column }])),
});

describe("changesLeft", () => {
  it("is all of a plan when a later one asks for nothing", () => {
    const lost = [change("insert", "a", "x"), change("update", "b", "y"), change("delete", "c")];
    assert.deepEqual(changesLeft(lost, []), lost);
  });

  it("is nothing when a later plan asks for the same rows again, with other values perhaps", () => {
    const lost = [change("insert", "a", "x"), change("update", "b", "y"), change("delete", "c")];
    const later = [change("insert", "a", "z"), change("update", "b", "y"), change("delete", "c")];
    assert.deepEqual(changesLeft(lost, later), []);
  });

  it("is the columns of an update that are not asked for again", () => {
    assert.deepEqual(changesLeft([change("update", "a", "x", "y")], [change("update", "a", "y")]), [
      change("update", "a", "x"),
    ]);
  });

  it("is an insert that a later plan only repairs", () => {
    const lost = [change("insert", "a", "x")];
    assert.deepEqual(changesLeft(lost, [change("update", "a", "x")]), lost);
  });
});
