import assert from "node:assert/strict";
import { type DesiredRow, planRows, type RowKind, type RowKinds } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { memoryView } from "../../support/memory-view.ts";

const set = {
  table: "Address_Set",
  columns: ["addresses"],
  keys: { external_ids: ["x"] },
  elements: [],
  root: true,
};
const sw = { table: "Logical_Switch", columns: [], keys: {}, elements: [], root: true };
const port = { table: "Logical_Switch_Port", columns: ["tag"], keys: {}, elements: [], root: false };
const acl = {
  table: "ACL",
  columns: ["priority", "match", "direction", "action"],
  keys: {},
  elements: [],
  root: false,
};

// What the compiler finds where kinds and rows are typed, and plain JavaScript, or kinds that are made when the program runs, do not.
describe("what a program wants in the wrong place", () => {
  const plan = (kinds: RowKinds, ...rows: readonly DesiredRow[]): readonly unknown[] =>
    planRows(memoryView(northbound, {}), kinds, rows, [], { schema: northbound }).changes;
  const a: DesiredRow = { key: "a", kind: "set", name: "a", columns: { addresses: ["10.0.0.1"] } };

  it("is a key of a kind that nobody reads", () => {
    const error = (problem: string): object => ({
      name: "UsageError",
      message: `the row kind set: ${problem}`,
    });
    const stray = (more: object): RowKinds => ({ set: { ...set, ...more } });
    assert.throws(() => plan(stray({ colums: [] }), a), error("colums is not known; did you mean columns?"));
    assert.throws(() => plan(stray({ sharde: true }), a), error("sharde is not known; did you mean shared?"));
    assert.equal(plan(stray({ colums: undefined }), a).length, 1);
  });

  it("is a column that is owned in another way than it can be", () => {
    const owned: readonly (readonly [more: Partial<RowKind>, problem: string])[] = [
      [{ columns: [], keys: { addresses: ["x"] } }, "keys of addresses, which is no map"],
      [{ columns: [], elements: ["addresses"] }, "elements of addresses, which holds no references"],
      [{ members: ["external_ids"] }, "members of external_ids, which is no set"],
      [{ members: ["name"] }, "members of name, which is no set"],
    ];
    for (const [more, problem] of owned)
      assert.throws(() => plan({ set: { ...set, ...more } }, { key: "a", kind: "set", name: "a" }), {
        name: "UsageError",
        message: `desired row a: kind set owns ${problem}`,
      });
  });

  it("is a row in a set of rows of another table, which the server would refuse at the commit", () => {
    const hung = (column: string): (() => readonly unknown[]) => {
      const parent = { key: "s", column };
      return () =>
        plan(
          { sw, port },
          { key: "s", kind: "sw", name: "s" },
          { key: "p", kind: "port", name: "p", parent },
        );
    };
    const message = "desired row p: its parent's column Logical_Switch";
    assert.throws(hung("acls"), {
      message: `${message}.acls holds rows of ACL, and not rows of Logical_Switch_Port`,
    });
    assert.throws(hung("name"), {
      message: `${message}.name holds no references, and not rows of Logical_Switch_Port`,
    });
    assert.throws(hung("port"), {
      name: "UnsupportedError",
      message: /^column Logical_Switch\.port does not exist in .*; did you mean ports\?$/,
    });
    assert.equal(hung("ports")().length, 2);
  });

  it("is a table or a column by a misspelt name", () => {
    assert.throws(() => plan({ set: { ...set, table: "Adress_Set" } }, a), {
      name: "UnsupportedError",
      message: /^table Adress_Set does not exist in .*; did you mean Address_Set\?$/,
    });
    assert.throws(
      () => plan({ set: { ...set, columns: ["adresses"] } }, { ...a, columns: { adresses: ["10.0.0.1"] } }),
      { name: "UnsupportedError", message: /^column Address_Set\.adresses .*; did you mean addresses\?$/ },
    );
  });

  it("is told with its row where it is a value, since most rows are of one table", () => {
    const refused = (rows: readonly DesiredRow[], table: string, column: string, problem: string): void =>
      assert.throws(() => plan({ set, sw, port, acl }, { ...a, key: "z", name: "z" }, ...rows), {
        name: "ValidationError",
        table,
        column,
        message: `${table}.${column}: ${problem}, in the desired row ${rows.at(-1)?.key}`,
      });
    refused([{ ...a, columns: { addresses: [3] } }], "Address_Set", "addresses", "3 is not a string");
    const five = { x: 5 } as unknown as Record<string, string>;
    refused(
      [{ ...a, keys: { external_ids: five } }],
      "Address_Set",
      "external_ids",
      'key "x": 5 is not a string',
    );
    const s: DesiredRow = { key: "s", kind: "sw", name: "s" };
    const p: DesiredRow = { key: "p", kind: "port", name: "p", parent: { key: "s", column: "ports" } };
    refused(
      [s, { ...p, columns: { tag: 5000 } }],
      "Logical_Switch_Port",
      "tag",
      "5000 is above the maximum 4095",
    );
    const rule = { direction: "to-lport", match: "ip", priority: 99_999 };
    const identity = { match: rule, parent: "s", column: "acls" };
    refused(
      [s, { key: "r", kind: "acl", name: "r", identity, columns: { action: "drop" } }],
      "ACL",
      "priority",
      "99999 is above the maximum 32767",
    );
  });
});
