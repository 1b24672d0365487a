import assert from "node:assert/strict";
import { FrameText, ProtocolError } from "../../../lib/jsonrpc/index.ts";
import { type RowUpdate, readUpdateText, type TextUpdate } from "../../../lib/ovsdb/index.ts";
import { NewRows, Replica, rowChanges, selectTables } from "../../../lib/replica/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";

const table = "Logical_Switch_Port";
const id = (number: number): string => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;

/** Ports that come in one message, as `readUpdateText` tells them. */
function ports(from: number, count: number): TextUpdate {
  const rows = Array.from({ length: count }, (_, at) => {
    const number = from + at;
    return `"${id(number)}":{"insert":{"name":"port-${number}","external_ids":["map",[["half","${number % 2}"]]]}}`;
  });
  const message = FrameText.of(Buffer.from(`{"${table}":{${rows.join()}}}]}`));
  const [told] = (message && readUpdateText(message, 0)) ?? [];
  assert.ok(told !== undefined && "uuids" in told, "they are told together");
  return told;
}

function one(kind: RowUpdate["kind"], number: number, columns: RowUpdate["columns"] = {}): RowUpdate {
  return { table, uuid: id(number), kind, columns };
}

function make(): Replica {
  return new Replica(selectTables(northbound, northbound, undefined));
}

/** What the table shows, row by row and through its indexes. */
function shown(replica: Replica): unknown {
  const store = replica.table(table);
  const rows = [...store.rows()];
  for (const row of rows) {
    assert.equal(store.row(row._uuid), row);
    assert.deepEqual(store.find({ name: row["name"] as string }), [row]);
  }
  assert.equal(store.size, rows.length);
  const halves = ["0", "1"].map((half) => store.find({ external_ids: { half } }).length);
  // One that went and was put back comes last.
  return [rows.map(({ _uuid: uuid, name }) => [uuid, name]).sort(), halves];
}

const row = (number: number): [string, string] => [id(number), `port-${number}`];
const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from + at);

describe("new rows that come in one message", () => {
  it("are there like any others, also for indexes that were built before", () => {
    const replica = make();
    replica.apply([one("insert", 1, { name: "port-1", external_ids: ["map", [["half", "1"]]] })]);
    shown(replica);
    replica.apply([ports(2, 20)]);
    assert.deepEqual(shown(replica), [numbers(1, 21).map(row), [10, 11]]);
    replica.apply([one("modify", 3, { name: "new" }), one("delete", 4), one("delete", 1)]);
    replica.apply([one("insert", 4, { name: "port-4" }), ports(30, 16)]);
    const left = numbers(2, 20).filter((number) => number !== 4);
    const names = [...left, 4, ...numbers(30, 16)]
      .sort((a, b) => a - b)
      .map((number) => (number === 3 ? [id(3), "new"] : row(number)));
    assert.deepEqual(shown(replica), [names, [17, 18]]);
  });

  it("are told row by row to who asks", () => {
    const replica = make();
    const journal = replica.journal(table);
    const applied = replica.apply([one("insert", 1), ports(2, 16), one("delete", 1)]);
    assert.ok(applied[1] instanceof NewRows);
    const changes = rowChanges(applied);
    assert.deepEqual(
      changes.map(({ kind, uuid, old, new: next, columns }) => [
        kind,
        uuid,
        old?._uuid,
        next?.["name"],
        columns,
      ]),
      [
        ["insert", id(1), undefined, "", []],
        ...numbers(2, 16).map((number) => ["insert", id(number), undefined, `port-${number}`, []]),
        ["delete", id(1), id(1), undefined, []],
      ],
    );
    assert.deepEqual(
      journal.since(0),
      [1, ...numbers(2, 16), 1].map((number) => ({
        uuid: id(number),
        elements: undefined,
        inSetOnly: false,
      })),
    );
  });

  it("go again when something in the message cannot be", () => {
    const replica = make();
    replica.apply([one("insert", 1, { name: "port-1" }), one("insert", 50, { name: "port-50" })]);
    const before = shown(replica);
    for (const impossible of [
      [ports(2, 16), one("delete", 100)],
      [one("delete", 1), ports(35, 20)],
      [ports(2, 16), ports(10, 16)],
    ]) {
      assert.throws(() => replica.apply(impossible), ProtocolError);
      assert.deepEqual(shown(replica), before);
    }
    replica.apply([ports(2, 16)]);
    assert.equal(replica.size, 18);
  });
});
