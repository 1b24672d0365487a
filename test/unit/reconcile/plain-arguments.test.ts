import assert from "node:assert/strict";
import { applyRows, describeChanges, outlineChanges, planRows } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { memoryView } from "../../support/memory-view.ts";

const usage = (message: string): object => ({ name: "UsageError", message });

// As plain JavaScript gives them.
describe("arguments of reconcile that are none", () => {
  const view = memoryView(northbound, {});
  const options = { schema: northbound };

  it("are told by what they should be", async () => {
    assert.deepEqual(planRows(view, {}, [], [], options).changes, []);
    for (const [given, what] of [
      [undefined, "nothing"],
      [null, "null"],
      ["x", '"x"'],
      [{}, "{}"],
    ] as const) {
      const none = given as never;
      assert.throws(
        () => planRows(none, {}, [], [], options),
        usage("view must be that of a database, db.view"),
      );
      assert.throws(
        () => planRows(view, {}, none, [], options),
        usage(`desired rows are a list, and not ${what}`),
      );
      assert.throws(
        () => planRows(view, {}, [], none, options),
        usage(`removals are a list, and not ${what}`),
      );
      assert.throws(() => describeChanges(none), usage(`changes are a list, and not ${what}`));
      assert.throws(() => outlineChanges(none), usage(`changes are a list, and not ${what}`));
      await assert.rejects(
        applyRows(none, {}, () => assert.fail("it runs")),
        usage("db must be a database, as connectNorthbound resolves with"),
      );
    }
    assert.throws(
      () => planRows(view, {}, [], [], { schema: "OVN_Northbound" as never }),
      usage('schema must be that of a database, db.schema, and not "OVN_Northbound"'),
    );
    assert.throws(
      () => planRows(view, {}, [], [], null as never),
      usage("the options of planRows must be an object, and not null"),
    );
  });
});
