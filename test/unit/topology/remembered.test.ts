import assert from "node:assert/strict";
import { WrittenOperations } from "../../../lib/ovsdb/index.ts";
import type { Planner } from "../../../lib/topology/plan/apply.ts";
import { remembered } from "../../../lib/topology/plan/remembered.ts";

/** A planner that counts, over a database of which only the state is looked at. */
function counted(): {
  readonly db: { revision: number; takesChosenUuids: boolean };
  readonly plan: Planner;
  readonly made: string[];
} {
  const made: string[] = [];
  const db = { revision: 1, takesChosenUuids: true };
  const plan = remembered(db, (only) => {
    made.push(only === undefined ? "all" : [...only].join());
    return {
      changes: [],
      isEmpty: true,
      operations: [],
      written: WrittenOperations.of([]),
      omitted: [],
      bytes: made.length,
      sizes: new Map<string | undefined, number>(),
      notes: [],
      kept: [],
      absent: [],
      attachments: [],
      nodes: [],
      claims: [],
      exclusive: [],
    };
  });
  return { db, plan, made };
}

describe("a remembered plan", () => {
  it("is made once on one state of the database, for all networks and for some", () => {
    const { plan, made } = counted();
    const all = plan();
    assert.equal(plan(), all);
    const some = plan(new Set(["a", "b"]));
    assert.equal(plan(new Set(["a", "b"])), some);
    assert.equal(plan(), all);
    assert.deepEqual(made, ["all", "a,b"]);
  });

  it("is made again after any update, and when the server turns out to choose uuids itself", () => {
    const { db, plan, made } = counted();
    plan();
    db.revision += 1;
    plan();
    db.takesChosenUuids = false;
    plan();
    assert.deepEqual(made, ["all", "all", "all"]);
  });

  it("is told where it is made already, so that nobody waits for his turn to make it", () => {
    const { db, plan } = counted();
    const some = new Set(["a"]);
    assert.equal(plan.made?.(), undefined);
    const all = plan();
    assert.deepEqual([plan.made?.(), plan.made?.(some)], [all, undefined]);
    assert.equal(plan(some), plan.made?.(some));
    db.revision = 2;
    assert.deepEqual([plan.made?.(), plan.made?.(some)], [undefined, undefined]);
  });
});
