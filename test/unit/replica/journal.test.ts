import assert from "node:assert/strict";
import { ProtocolError, UsageError } from "../../../lib/jsonrpc/index.ts";
import type { RowUpdate } from "../../../lib/ovsdb/index.ts";
import { type Journal, Replica, selectTables } from "../../../lib/replica/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";

const id = (number: number): string => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
const table = "Logical_Router";
const change = (kind: RowUpdate["kind"], uuid: string, columns: RowUpdate["columns"] = {}): RowUpdate => ({
  table,
  uuid,
  kind,
  columns,
});
const set = (numbers: readonly number[]): ["set", ["uuid", string][]] => [
  "set",
  numbers.map((number) => ["uuid", id(number)]),
];

describe("the journal of a table", () => {
  const make = (): Replica => new Replica(selectTables(northbound, northbound, undefined));
  const told = (journal: Journal, from: number): unknown =>
    journal.since(from)?.map(({ uuid, elements }) => [uuid, elements]);

  it("names the rows that changed since it was asked for, and what moved in large sets", () => {
    const replica = make();
    const many = Array.from({ length: 40 }, (_, index) => 100 + index);
    replica.apply([change("insert", id(1), { ports: set(many) })]);
    const journal = replica.journal(table, "ports");
    assert.deepEqual(told(journal, 0), []);
    replica.apply([change("insert", id(2)), change("modify", id(1), { ports: set([100, 200]) })]);
    const position = journal.end;
    replica.apply([change("modify", id(2), { name: "r" }), change("delete", id(1))]);
    assert.deepEqual(told(journal, 0), [
      [id(2), undefined],
      [id(1), { added: [id(200)], removed: [id(100)] }],
      [id(2), undefined],
      [id(1), undefined],
    ]);
    assert.deepEqual(told(journal, position), [
      [id(2), undefined],
      [id(1), undefined],
    ]);
    assert.equal(replica.journal(table, "ports"), journal);
  });

  it("has what waited to be taken in, whatever it is asked", () => {
    const waiting: (readonly RowUpdate[])[] = [];
    const replica: Replica = new Replica(selectTables(northbound, northbound, undefined), () => {
      for (const updates of waiting.splice(0)) replica.apply(updates);
    });
    const journal = replica.journal(table);
    waiting.push([change("insert", id(1))]);
    assert.equal(journal.end, 1);
    waiting.push([change("insert", id(2))]);
    assert.deepEqual(told(journal, 1), [[id(2), undefined]]);
  });

  it("is another one for each set that is followed", () => {
    const replica = make();
    replica.apply([change("insert", id(1))]);
    const of = [undefined, "nat", "ports"].map((column) => replica.journal(table, column));
    replica.apply([change("modify", id(1), { ports: set([100]) })]);
    assert.deepEqual(
      of.map((journal) => journal.since(0)?.map(({ inSetOnly }) => inSetOnly)),
      [[false], [false], [true]],
    );
  });

  it("tells whether a row changed in nothing but the set that is followed", () => {
    const replica = make();
    replica.apply([change("insert", id(1)), change("insert", id(2))]);
    const journal = replica.journal(table, "ports");
    replica.apply([
      change("modify", id(1), { ports: set([100]) }),
      change("modify", id(1), { ports: set([100]), name: "r" }),
      change("modify", id(1), { name: "s" }),
      change("insert", id(3), { ports: set([100]) }),
      change("delete", id(2)),
    ]);
    const expected = [true, false, false, false, false];
    assert.deepEqual(
      journal.since(0)?.map(({ inSetOnly }) => inSetOnly),
      expected,
    );
  });

  it("says nothing of a message that was not applied", () => {
    const replica = make();
    const journal = replica.journal(table);
    assert.throws(() => replica.apply([change("insert", id(1)), change("delete", id(2))]), ProtocolError);
    assert.equal(journal.end, 0);
  });

  it("names a row whose set cannot be read, and keeps nobody from the rest of the message", () => {
    const replica = make();
    const journal = replica.journal(table, "ports");
    replica.apply([change("insert", id(1), { ports: set([100]) })]);
    const position = journal.end;
    const text = '{"ports":["set","no list"]}';
    const changes = replica.apply([
      { table, uuid: id(1), kind: "modify", columns: null, text },
      { table, uuid: id(2), kind: "insert", columns: null, text },
      change("insert", id(3), { name: "r" }),
    ]);
    assert.equal(changes.length, 3);
    assert.deepEqual(told(journal, position), [
      [id(1), undefined],
      [id(2), undefined],
      [id(3), undefined],
    ]);
    // Who reads the row is told.
    assert.throws(() => replica.table(table).row(id(1)), /column ports/);
    assert.equal(replica.table(table).row(id(3))?.["name"], "r");
  });

  it("forgets in the end, and says so", () => {
    const replica = make();
    const journal = replica.journal(table);
    for (let number = 0; number < 5000; number++) replica.apply([change("insert", id(number))]);
    assert.equal(journal.end, 5000);
    assert.equal(journal.since(0), undefined);
    assert.deepEqual(
      journal.since(4998)?.map(({ uuid }) => uuid),
      [id(4998), id(4999)],
    );
  });

  it("is kept of tables and columns that are there", () => {
    assert.throws(() => make().journal("Nowhere"), UsageError);
    assert.throws(() => make().journal(table, "nothing"), UsageError);
  });
});
