import assert from "node:assert/strict";
import { type Json, ProtocolError, UsageError } from "../../../lib/jsonrpc/index.ts";
import type { ColumnSchema, DatabaseSchema, RowUpdate } from "../../../lib/ovsdb/index.ts";
import { knownTables, monitorTables, Replica, selectTables } from "../../../lib/replica/index.ts";
import { uuids } from "./support.ts";

const text: ColumnSchema = { key: { type: "string" }, min: 1, max: 1 };
const count: ColumnSchema = { key: { type: "integer", minInteger: 0, maxInteger: 9 }, min: 0, max: 1 };

function schema(tables: Readonly<Record<string, Readonly<Record<string, ColumnSchema>>>>): DatabaseSchema {
  return {
    name: "D",
    version: "1.0.0",
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, columns]) => [name, { columns, indexes: [], isRoot: true }]),
    ),
  };
}

const [first = "", second = ""] = uuids;
const insert = (table: string, uuid: string): RowUpdate => ({ table, uuid, kind: "insert", columns: {} });

describe("selectTables", () => {
  const model = schema({ Both: { name: text, onlyModel: count }, ModelTable: { name: text } });
  const server = schema({ Both: { name: text, onlyServer: text }, ServerTable: { name: text } });

  it("asks the server for what both know; the rest of the model reads as defaults", () => {
    const selection = selectTables(model, server, undefined);
    assert.deepEqual(monitorTables(selection), { Both: { columns: ["name"] } });
    const replica = new Replica(selection, undefined, knownTables(model, server));
    replica.apply([insert("Both", first)]);
    assert.deepEqual({ ...replica.table("Both").row(first) }, { _uuid: first, name: "", onlyModel: null });
    assert.deepEqual([...replica.table("ModelTable").rows()], []);
    assert.throws(() => replica.table("ServerTable"), /ServerTable is not monitored/);
    for (const [wrong, message] of [
      ["ServrTable", "there is no table ServrTable; did you mean ServerTable?"],
      ["Other", "there is no table Other"],
      [undefined, "there is no table undefined"],
    ] as const) {
      assert.throws(() => replica.table(wrong as never), { name: "UsageError", message });
    }
    assert.throws(() => replica.table("Both").position("onlyServer"), /Both\.onlyServer is not monitored/);
  });

  it("takes what only the server knows when it is named", () => {
    const selection = selectTables(model, server, { Both: ["onlyServer"], ServerTable: true });
    assert.deepEqual(monitorTables(selection), {
      Both: { columns: ["onlyServer"] },
      ServerTable: { columns: ["name"] },
    });
  });

  it("passes conditions on", () => {
    const where = [["name", "==", "x"] as const];
    assert.deepEqual(monitorTables(selectTables(model, server, { Both: { columns: ["name"], where } })), {
      Both: { columns: ["name"], where },
    });
  });

  it("takes undefined for absent", () => {
    const selection = selectTables(model, server, { Both: true, Nowhere: undefined } as never);
    assert.deepEqual([...selection.keys()], ["Both"]);
  });

  it("refuses names that nobody knows, also those that every object has", () => {
    for (const asked of [
      { Nowhere: true },
      { toString: true },
      { Both: ["nothing"] },
      { Both: ["valueOf"] },
    ]) {
      assert.throws(() => selectTables(model, server, asked as never), UsageError);
    }
  });

  it("refuses what says nothing of a table, and would be taken for all of it, and tells what was meant", () => {
    const cases: readonly (readonly [asked: unknown, message: string])[] = [
      [["Both"], 'tables is an object, as in { Chassis: true }, and not ["Both"]'],
      [{ Both: false }, "tables.Both is true, a list of columns, or { columns, where }, and not false"],
      [{ Both: "name" }, 'tables.Both is true, a list of columns, or { columns, where }, and not "name"'],
      [{ Both: null }, "tables.Both is true, a list of columns, or { columns, where }, and not null"],
      [{ Both: { colums: ["name"] } }, "option tables.Both.colums is not known; did you mean columns?"],
      [{ Both: ["onlySever"] }, "there is no column Both.onlySever to monitor; did you mean onlyServer?"],
      [{ Both: { columns: "name" } }, 'tables.Both.columns is a list of columns, and not "name"'],
    ];
    for (const [asked, message] of cases) {
      assert.throws(() => selectTables(model, server, asked as never), { name: "UsageError", message });
    }
  });
});

describe("Replica", () => {
  function replica(): Replica {
    const model = schema({ A: { name: text }, B: { name: text } });
    return new Replica(selectTables(model, model, undefined));
  }

  it("counts its rows over all tables, and tells what changed in order", () => {
    const it = replica();
    const changes = it.apply([insert("A", first), insert("B", second), insert("A", second)]);
    assert.deepEqual(
      changes.map(({ table, uuid, kind }) => [table, uuid, kind]),
      [
        ["A", first, "insert"],
        ["B", second, "insert"],
        ["A", second, "insert"],
      ],
    );
    assert.equal(it.size, 3);
    assert.throws(() => it.apply([insert("A", first)]), ProtocolError);
  });

  it("has another revision after each message, and no other replica has the same", () => {
    const replica = new Replica(
      selectTables(schema({ A: { name: text } }), schema({ A: { name: text } }), undefined),
    );
    const seen = [replica.revision];
    for (const uuid of [first, second]) {
      replica.apply([insert("A", uuid)]);
      seen.push(replica.revision);
    }
    const another = new Replica(selectTables(schema({}), schema({}), undefined));
    assert.equal(new Set([...seen, another.revision]).size, 4);
    assert.equal(replica.revision, seen[2]);
  });

  it("has another revision of a table after each message that is about it, and of no other table", () => {
    const tables = schema({ A: { name: text }, B: { name: text } });
    const replica = new Replica(selectTables(tables, tables, undefined));
    const seen = (): readonly number[] => ["A", "B"].map((name) => replica.table(name).revision);
    const [a, b] = seen();
    replica.apply([insert("A", first)]);
    const [afterA, sameB] = seen();
    assert.equal(sameB, b);
    replica.apply([insert("A", second), insert("B", second)]);
    const [last, afterB] = seen();
    assert.equal(new Set([a, afterA, last]).size, 3);
    assert.notEqual(afterB, b);
    const another = new Replica(selectTables(tables, tables, undefined));
    assert.ok(![a, afterA, last, b, afterB].includes(another.table("A").revision));
  });

  it("knows the table of a row that was read, also when the row has gone", () => {
    const it = replica();
    it.apply([insert("A", first), insert("B", first)]);
    const row = it.table("B").row(first);
    assert.ok(row !== undefined);
    assert.equal(it.ownerOf(row)?.name, "B");
    it.apply([{ table: "B", uuid: first, kind: "delete", columns: null }]);
    assert.equal(it.ownerOf(row)?.name, "B");
  });

  it("finds the table of a copy by its uuid, unless two tables have it", () => {
    const it = replica();
    it.apply([insert("A", first), insert("B", second)]);
    assert.equal(it.ownerOf({ _uuid: second })?.name, "B");
    assert.equal(it.ownerOf({ _uuid: uuids[5] ?? "" }), undefined);
    it.apply([insert("A", second)]);
    assert.throws(() => it.ownerOf({ _uuid: second }), /A and B both have a row/);
  });

  it("makes one of a change and of the difference to the content under another schema", () => {
    const [wide, narrow] = [schema({ T: { count, name: text, note: text } }), schema({ T: { name: text } })];
    const before = new Replica(selectTables(wide, wide, undefined));
    const inserted = { count: 1, name: "a", note: "n" };
    before.apply([{ table: "T", uuid: first, kind: "insert", columns: inserted }]);
    assert.equal(before.table("T").row(first)?.["note"], "n");
    const [change] = before.apply([{ table: "T", uuid: first, kind: "modify", columns: { name: "b" } }]);
    const after = new Replica(selectTables(narrow, narrow, undefined));
    after.apply([{ table: "T", uuid: first, kind: "insert", columns: { name: "c" } }]);
    const [later] = after.since(before);
    assert.ok(change !== undefined && later !== undefined);
    const both = change.followedBy(later);
    assert.deepEqual(
      [{ ...both?.old }, { ...both?.new }],
      [
        { _uuid: first, name: "a" },
        { _uuid: first, name: "c" },
      ],
    );
  });

  it("keeps old values of columns whose type is another under the new schema, where it has such values", () => {
    const optional: ColumnSchema = { ...text, min: 0 };
    const many: ColumnSchema = { ...text, min: 0, max: "unlimited" };
    const wide: ColumnSchema = { key: { type: "integer" }, min: 1, max: 1 };
    const narrow: ColumnSchema = { ...wide, key: { type: "integer", minInteger: 0, maxInteger: 9 } };
    const cases: readonly (readonly [string, ColumnSchema, ColumnSchema, Json, unknown])[] = [
      ["more allowed", many, { ...many, max: 3 }, ["x"], ["x"]],
      ["enum", text, { ...text, key: { type: "string", enum: ["x", "y"] } }, "x", "x"],
      ["fixed", text, { ...text, mutable: false }, "x", "x"],
      ["one to optional", text, optional, "x", "x"],
      ["optional to set", optional, many, "x", ["x"]],
      ["set to one", many, text, ["x"], "x"],
      ["set of two to one", many, text, ["x", "y"], ""],
      ["none to one", optional, text, null, ""],
      ["large set", many, { ...many, max: 50 }, Array.from({ length: 40 }, (_, i) => `e${i}`), undefined],
      ["to bigint", narrow, wide, 5, 5n],
      ["from bigint", wide, narrow, 5, 5],
      ["text to number", text, narrow, "x", 0],
    ];
    for (const [what, from, to, value, expected] of cases) {
      const [earlier, later] = [from, to].map((column) => {
        const tables = schema({ T: { name: text, column } });
        return new Replica(selectTables(tables, tables, undefined));
      });
      assert.ok(earlier !== undefined && later !== undefined);
      const wire: Json = value === null ? ["set", []] : Array.isArray(value) ? ["set", value] : value;
      earlier.apply([{ table: "T", uuid: first, kind: "insert", columns: { column: wire } }]);
      later.apply([{ table: "T", uuid: first, kind: "insert", columns: { name: "n" } }]);
      const [change] = later.since(earlier);
      assert.deepEqual(change?.old?.["column"], expected ?? value, what);
    }
  });
});
