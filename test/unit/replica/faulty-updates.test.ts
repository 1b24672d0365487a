import assert from "node:assert/strict";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import { ProtocolError } from "../../../lib/jsonrpc/index.ts";
import type { DatabaseSchema, RowUpdate } from "../../../lib/ovsdb/index.ts";
import { Replica, selectTables } from "../../../lib/replica/index.ts";
import { columns, uuids } from "./support.ts";

const schema: DatabaseSchema = {
  name: "D",
  version: "1.0.0",
  tables: {
    T: { columns, indexes: [["name"]], isRoot: true },
    U: { columns: { name: { key: { type: "string" }, min: 1, max: 1 } }, indexes: [], isRoot: true },
  },
};

const [a = "", b = "", c = ""] = uuids;

function replicaOf(...updates: readonly RowUpdate[]): Replica {
  const replica = new Replica(selectTables(schema, schema, undefined));
  replica.apply(updates);
  return replica;
}

function insert(uuid: string, row: { readonly [column: string]: Json }, table = "T"): RowUpdate {
  return { table, uuid, kind: "insert", columns: row };
}

function modify(uuid: string, row: { readonly [column: string]: Json }): RowUpdate {
  return { table: "T", uuid, kind: "modify", columns: row };
}

const modifyByText = (uuid: string, text: string): RowUpdate => ({
  table: "T",
  uuid,
  kind: "modify",
  columns: null,
  text,
});

const remove = (uuid: string): RowUpdate => ({ table: "T", uuid, kind: "delete", columns: null });

function content(replica: Replica): unknown {
  return [...replica.tables].map((table) => [
    table.name,
    [...table.rows()].map((row) => ({ ...row })).sort((x, y) => (x._uuid < y._uuid ? -1 : 1)),
  ]);
}

describe("an update that a replica cannot apply", () => {
  const ports = ["set", uuids.slice(0, 40).map((uuid) => ["uuid", uuid])] as Json;
  const start = [insert(a, { name: "a", ports }), insert(b, { name: "b", tag: 3 })];
  const impossible: readonly (readonly [string, RowUpdate])[] = [
    ["an insert of a row that is there", insert(c, { name: "again" })],
    ["a change of a row that is not there", modify(b, { name: "x" })],
    ["a deletion of a row that is not there", remove(b)],
    ["a value of another type", modify(a, { name: 5 })],
    ["a table that is not monitored", insert(c, {}, "Another")],
  ];
  for (const [what, update] of impossible) {
    it(`is taken back as a whole, indexes too: ${what}`, () => {
      const replica = replicaOf(...start);
      const before = content(replica);
      const table = replica.table("T");
      assert.equal(table.find({ name: "a" }).length, 1);
      assert.equal(table.find({ ports: [uuids[39] ?? ""] }).length, 1);
      assert.throws(
        () =>
          replica.apply([
            insert(c, { name: "c" }),
            modify(a, { name: "renamed", ports: ["set", [["uuid", uuids[39] ?? ""]]] }),
            remove(b),
            update,
          ]),
        ProtocolError,
      );
      assert.deepEqual(content(replica), before);
      assert.deepEqual(
        ["a", "b", "c", "renamed"].map((name) => table.find({ name }).length),
        [1, 1, 0, 0],
      );
      assert.equal(table.find({ ports: [uuids[39] ?? ""] }).length, 1);
      assert.deepEqual(replicaOf(...start).since(replica), []);
      // It goes on from there as if nothing had been.
      replica.apply([modify(a, { ports: ["set", [["uuid", uuids[39] ?? ""]]] }), modify(b, { name: "B" })]);
      assert.equal(table.has(a, "ports", uuids[39] ?? ""), false);
      assert.equal(table.find({ name: "B" }).length, 1);
    });
  }

  it("is taken back when it is an index that cannot follow it", () => {
    const replica = replicaOf(...start);
    const table = replica.table("T");
    assert.equal(table.find({ name: "a" }).length, 1);
    assert.throws(() => replica.apply([insert(c, { name: 5 })]), ProtocolError);
    assert.equal(table.holds(c), false);
    // Without the index there is nothing in its way: the next try is not the same failure again.
    replica.apply([insert(c, { name: 5 })]);
    assert.ok(table.holds(c));
  });
});

describe("a value that is not of its column's type", () => {
  const bad = insert(a, { name: 5, ids: "no map", words: ["set", "no list"], tag: 4 });

  it("is told to who reads the row, not to who reads others", () => {
    const replica = replicaOf(bad, insert(b, { name: "b" }));
    const table = replica.table("T");
    assert.throws(() => table.row(a), ProtocolError);
    assert.throws(() => table.find({ name: "b" }), /column name: .*string/);
    assert.equal(table.row(b)?.["name"], "b");
    assert.deepEqual(
      table.find({ tag: 4, _uuid: b }).map(({ _uuid }) => _uuid),
      [],
    );
  });

  it("counts as changed in the difference between two contents, and stops no comparison", () => {
    const [earlier, later] = [replicaOf(bad), replicaOf(bad, insert(b, {}))];
    const changes = later.since(earlier);
    assert.deepEqual(
      changes.map(({ kind, uuid, columns: names }) => [kind, uuid, [...names].sort()]),
      [
        ["modify", a, ["ids", "name", "words"]],
        ["insert", b, []],
      ],
    );
    assert.throws(() => changes[0]?.new, ProtocolError);
    assert.deepEqual(changes[0]?.net()?.columns, changes[0]?.columns);
    assert.equal(replicaOf(insert(a, { name: "mended" })).since(earlier).length, 1);
  });

  it("does not stand in the way of changes of other columns, and is mended by a new value", () => {
    const replica = replicaOf(bad);
    const table = replica.table("T");
    const [change] = replica.apply([modify(a, { tag: 7 })]);
    assert.deepEqual(change?.columns, ["tag"]);
    assert.throws(() => replica.apply([modify(a, { ids: ["map", [["k", "v"]]] })]), ProtocolError);
    replica.apply([modify(a, { name: "mended" })]);
    assert.throws(() => table.find({ name: "mended" }), /column words/);
    replica.apply([
      { table: "T", uuid: a, kind: "replace", columns: { name: "mended", ids: ["map", [["k", "v"]]] } },
    ]);
    assert.deepEqual(
      table.find({ name: "mended" }).map((row) => row["ids"]),
      [{ k: "v" }],
    );
  });

  it("is told to who reads the row, when it comes with a change that is text", () => {
    const replica = replicaOf(insert(a, { name: "a", words: "w" }), insert(b, { name: "b" }));
    const table = replica.table("T");
    const [change] = replica.apply([modifyByText(a, '{"ids":5,"words":"x"}')]);
    assert.deepEqual(change?.old?.["words"], ["w"]);
    assert.deepEqual(change?.columns, ["ids", "words"]);
    assert.throws(() => change?.new, /column ids/);
    replica.apply([modifyByText(b, '{"tag"')]);
    assert.throws(() => table.row(b), /the row: .*not JSON/);
    replica.apply([{ table: "T", uuid: c, kind: "insert", columns: null, text: '{"tag"' }]);
    assert.throws(() => table.row(c), /the row: .*not JSON/);
    // Nothing can be made of a difference to what cannot be read.
    replica.apply([modifyByText(a, '{"ids":["map",[["k","v"]]],"tag":3}')]);
    assert.throws(() => table.row(a), /column ids/);
  });

  it("is found at once, and taken back, where an index needs it", () => {
    const replica = replicaOf(insert(a, { name: "a" }), insert(b, { name: "b" }));
    const table = replica.table("T");
    assert.equal(table.find({ name: "a" }).length, 1);
    const before = content(replica);
    assert.throws(
      () => replica.apply([modifyByText(b, '{"name":"c"}'), modifyByText(a, '{"name":5}')]),
      ProtocolError,
    );
    assert.deepEqual(content(replica), before);
    assert.equal(table.find({ name: "b" }).length, 1);
  });

  it("survives a change of the table's other columns", () => {
    const { name, ...others } = columns;
    assert.ok(name !== undefined);
    const table = schema.tables["T"];
    assert.ok(table !== undefined);
    const narrower = { ...schema, tables: { ...schema.tables, T: { ...table, columns: others } } };
    const later = new Replica(selectTables(narrower, narrower, undefined));
    later.apply([{ ...bad, columns: { tag: 4 } }]);
    assert.deepEqual(
      later.since(replicaOf(bad)).map(({ kind }) => kind),
      ["modify"],
    );
  });
});
