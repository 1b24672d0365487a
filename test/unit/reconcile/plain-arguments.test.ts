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

  it("rows are told by their places, or by their keys", () => {
    const kinds = { sw: { table: "Logical_Switch", columns: [], keys: {}, elements: [], root: true } };
    const named = { key: "a", kind: "sw", name: "one" };
    for (const [given, message] of [
      [null, "desired rows[1] is an object, and not null"],
      ["x", 'desired rows[1] is an object, and not "x"'],
      [{ kind: "sw", name: "two" }, "desired rows[1] needs a key, a text, and has nothing"],
      [{ key: "b", kind: "sw", name: 5 }, "desired rows[1] needs a name, a text, and has 5"],
      [{ key: "b", kind: "switch", name: "two" }, "desired row b: there is no kind switch"],
      [
        { key: "b", kind: "sw", name: "two", columns: "name" },
        'desired row b: columns, elements and members are objects, and not "name"',
      ],
    ] as const) {
      assert.throws(() => planRows(view, kinds, [named, given as never], [], options), usage(message));
    }
  });
});
