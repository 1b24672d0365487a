import assert from "node:assert/strict";
import { Columns, storedColumn } from "../../../lib/replica/columns.ts";
import { IndexSet } from "../../../lib/replica/index-set.ts";
import { RowStore } from "../../../lib/replica/row-store.ts";
import { StoredRow } from "../../../lib/replica/stored-row.ts";
import { columnOf, toWire, uuids } from "./support.ts";

const columns = new Columns([storedColumn("name", columnOf("name")), storedColumn("ids", columnOf("ids"))]);
const uuid = uuids[0] ?? "";

function row(name: string, ids: Record<string, string>): StoredRow {
  return StoredRow.fromWire(uuid, { name, ids: toWire("ids", ids) });
}

function rowsOf(...rows: readonly StoredRow[]): RowStore {
  const store = new RowStore();
  for (const each of rows) store.set(each);
  return store;
}

describe("IndexSet", () => {
  it("builds an index once, from the rows there are", () => {
    const rows = rowsOf(row("a", { k: "v" }));
    const indexes = new IndexSet(columns, rows);
    assert.equal(indexes.columns([0]), indexes.columns([0]));
    assert.deepEqual([...indexes.columns([0]).lookup(["a"])], [0]);
    assert.deepEqual([...indexes.mapKey(1, "k").lookup("v")], [0]);
  });

  it("leaves indexes alone whose columns did not change", () => {
    const indexes = new IndexSet(columns, rowsOf());
    const byName = indexes.columns([0]);
    let asked = 0;
    byName.change = () => {
      asked += 1;
    };
    indexes.change(row("a", {}), row("a", { k: "v" }), [1]);
    assert.equal(asked, 0);
    indexes.change(row("a", {}), row("b", {}), [0]);
    indexes.change(undefined, row("b", {}), []);
    indexes.change(row("b", {}), undefined, []);
    assert.equal(asked, 3);
    indexes.change(row("a", {}), row("a", { name: "v" }), '{"ids":["map",[["name","v"]]]}');
    assert.equal(asked, 3);
    indexes.change(row("a", {}), row("b", {}), '{"ids":["map",[]],"name":"b"}');
    assert.equal(asked, 4);
  });

  it("keeps a bounded number of indexes on keys, those used last", () => {
    const indexes = new IndexSet(columns, rowsOf(row("a", { often: "v" })));
    const often = indexes.mapKey(1, "often");
    const once = indexes.mapKey(1, "once");
    for (let index = 0; index < 200; index += 1) {
      indexes.mapKey(1, `key ${index}`);
      indexes.mapKey(1, "often");
    }
    assert.equal(indexes.mapKey(1, "often"), often);
    let asked = 0;
    often.change = once.change = () => {
      asked += 1;
    };
    indexes.change(row("a", {}), row("a", { k: "v" }), [1]);
    assert.equal(asked, 1, "the index that was given up follows no more");
    assert.notEqual(indexes.mapKey(1, "once"), once);
  });

  it("keeps 64 of them, and gives up no other with the oldest", () => {
    const indexes = new IndexSet(columns, rowsOf(row("a", {})));
    const told: number[] = [];
    for (let at = 0; at <= 64; at += 1) indexes.mapKey(1, `key ${at}`).change = () => told.push(at);
    indexes.change(row("a", {}), row("a", { k: "v" }), [1]);
    assert.deepEqual(
      told,
      Array.from({ length: 64 }, (_, at) => at + 1),
    );
  });
});
