import assert from "node:assert/strict";
import {
  applyRows,
  constantRows,
  describeChanges,
  outlineChanges,
  planRows,
} from "../../../lib/reconcile/index.ts";
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
        usage("view must be that of a database, nb.view"),
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
    const kinds = { sw: { table: "Logical_Switch", columns: [], keys: {}, elements: ["ports"], root: true } };
    const named = { key: "a", kind: "sw", name: "one" };
    for (const [given, message] of [
      [null, "desired rows[1] is an object, and not null"],
      ["x", 'desired rows[1] is an object, and not "x"'],
      [{ kind: "sw", name: "two" }, "desired rows[1] needs a key, a text, and has nothing"],
      [{ key: "b", kind: "sw", name: 5 }, "desired rows[1] needs a name, a text, and has 5"],
      [{ key: "b", kind: "switch", name: "two" }, "desired row b: there is no kind switch"],
      [
        { key: "b", kind: "sw", name: "two", columns: "name" },
        'desired row b: columns, keys, elements and members are objects, and not "name"',
      ],
      [
        { key: "b", kind: "sw", name: "two", keys: null },
        "desired row b: columns, keys, elements and members are objects, and not null",
      ],
      [
        { key: "b", kind: "sw", name: "two", parent: "a" },
        'desired row b: its parent is a row and a column, { key, column }, and not "a"',
      ],
      [
        { key: "b", kind: "sw", name: "two", elements: { ports: null } },
        "desired row b: elements of ports are a list of references, and not null",
      ],
      [
        { key: "b", kind: "sw", name: "two", elements: { ports: [null] } },
        "desired row b: elements of ports are { ref } or uuids, and not null",
      ],
      [
        { key: "b", kind: "sw", name: "two", elements: { ports: [{ _uuid: "x" }] } },
        'desired row b: elements of ports are { ref } or uuids, and not {"_uuid":"x"}; give its _uuid',
      ],
      [
        { key: "b", kind: "sw", name: "two", elements: { ports: ["web"] } },
        "desired row b: web is not a uuid in lower case",
      ],
      [
        { key: "b", kind: "sw", name: "two", keys: { rack: "r7" } },
        'desired row b: keys of rack are an object, and not "r7"',
      ],
    ] as const) {
      assert.throws(() => planRows(view, kinds, [named, given as never], [], options), usage(message));
    }
  });

  it("rows whose kind is of a table that is no root, or says so of one that is, are told", () => {
    for (const [table, root, is] of [
      ["ACL", true, "is not"],
      ["Address_Set", false, "is"],
    ] as const) {
      const kinds = { one: { table, columns: [], keys: {}, elements: [], root } };
      assert.throws(
        () => planRows(view, kinds, [{ key: "a", kind: "one", name: "a" }], [], options),
        usage(`desired row a: kind one has root: ${root}, and ${table} ${is} among the schema's roots`),
      );
    }
  });

  it("removals are told by their places, and changes, too", () => {
    const kinds = { sw: { table: "Logical_Switch", columns: [], keys: {}, elements: [], root: true } };
    const uuid = "00000000-0000-4000-8000-000000000001";
    const good = { table: "Logical_Switch", uuid, name: "one", kind: "sw" };
    assert.deepEqual(planRows(view, kinds, [], [good], options).changes, []);
    for (const [given, problem] of [
      [null, "is an object, and not null"],
      ["x", 'is an object, and not "x"'],
      [{}, "needs a table, a text, and has nothing"],
      [{ ...good, uuid: 5 }, "needs a uuid, a text, and has 5"],
      [{ ...good, parent: null }, "has a parent, { table, uuid, column }, that is null"],
      [{ ...good, unchanged: "name" }, 'has unchanged, a list of columns, that is "name"'],
    ] as const)
      assert.throws(
        () => planRows(view, kinds, [], [good, given as never], options),
        usage(`removals[1] ${problem}`),
      );
    for (const given of [null, "x", { action: "insert" }] as never[])
      for (const show of [describeChanges, outlineChanges])
        assert.throws(() => show([given]), {
          name: "UsageError",
          message: /^changes\[0\] is none that a plan/,
        });
    for (const given of [undefined, "x", [null], ["x"]] as never[])
      assert.throws(() => constantRows(given), {
        name: "UsageError",
        message: /^rows.* (a list|an object), and/,
      });
  });

  it("kinds are told by their names", () => {
    for (const [given, message] of [
      [null, "row kinds are an object, and not null"],
      [{ sw: null }, "the row kind sw is an object, and not null"],
      [{ sw: {} }, /^the row kind sw needs table, a name; columns, a list; keys, /],
      [
        {
          sw: { table: "Logical_Switch", columns: [], keys: { external_ids: "a" }, elements: [], root: true },
        },
        'the row kind sw: the keys of external_ids are a list, and not "a"',
      ],
    ] as const)
      assert.throws(() => planRows(view, given as never, [], [], options), { name: "UsageError", message });
    assert.throws(() => planRows(view, {}, [], [], { schema: {} as never }), { name: "UsageError" });
  });
});
