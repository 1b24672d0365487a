import assert from "node:assert/strict";
import type { ReadView } from "../../../lib/database/index.ts";
import { constantRows, type DesiredRow, planRows, type RowKinds } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { memoryView } from "../../support/memory-view.ts";

const kinds: RowKinds = {
  meter: { table: "Meter", columns: ["unit", "bands"], keys: {}, elements: [], root: true },
  band: { table: "Meter_Band", columns: ["action", "rate"], keys: {}, elements: [], root: false },
  copp: { table: "Copp", columns: [], keys: { meters: ["arp"] }, elements: [], root: true },
  router: { table: "Logical_Router", columns: ["copp"], keys: {}, elements: [], root: true },
};

const block = constantRows([
  { key: "m", kind: "meter", name: "m", columns: { unit: "pktps", bands: [{ ref: "b" }] } },
  {
    key: "b",
    kind: "band",
    name: "drop 25",
    identity: { parent: "m", column: "bands", match: { action: "drop", rate: 25 } },
    columns: { action: "drop", rate: 25 },
  },
  { key: "c", kind: "copp", name: "c", keys: { meters: { arp: "m" } } },
]);
const router: DesiredRow = { key: "r", kind: "router", name: "r", columns: { copp: { ref: "c" } } };

const id = (number: number): string => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
const band = { _uuid: id(2), action: "drop", rate: 25 };
const meter = { _uuid: id(1), name: "m", unit: "pktps", bands: [id(2)] };
const copp = { _uuid: id(3), name: "c", meters: { arp: "m" } };

type Rows = Parameters<typeof memoryView>[1];

/** A database whose rows can be changed, and that counts how often it is asked about rows of which table. */
class Changing {
  readonly view: ReadView;
  asked: Record<string, number> = {};
  #inner: ReadView;
  readonly #revisions: Record<string, number> = {};

  constructor(rows: Rows) {
    this.#inner = memoryView(northbound, rows);
    const ask = (table: string): ReadView => {
      this.asked[table] = (this.asked[table] ?? 0) + 1;
      return this.#inner;
    };
    this.view = {
      supports: (table, column) => this.#inner.supports(table, column),
      rows: (table) => ask(table).rows(table),
      byUuid: (table, uuid) => ask(table).byUuid(table, uuid),
      find: (table, match) => ask(table).find(table, match),
      has: (table, ...rest) => ask(table).has(table, ...rest),
      referrers: (uuid, table, column) => ask(table).referrers(uuid, table, column),
      revision: (table) => this.#revisions[table] ?? 0,
    };
  }

  /** Puts other rows in place of all rows, of which those of one table have changed. */
  change(table: string, rows: Rows): void {
    this.#inner = memoryView(northbound, rows);
    this.#revisions[table] = (this.#revisions[table] ?? 0) + 1;
  }

  plan(desired: readonly DesiredRow[], standing: readonly (readonly DesiredRow[])[] = [block]): string[] {
    this.asked = {};
    const plan = planRows(this.view, kinds, desired, [], { schema: northbound, standing });
    return plan.changes.map(
      ({ action, name, columns }) => `${action} ${name} ${Object.keys(columns).join()}`,
    );
  }
}

const whole: Rows = { Meter: [meter], Meter_Band: [band], Copp: [copp] };

describe("standing rows", () => {
  it("are looked at once, and not again before something changes in their tables", () => {
    const database = new Changing(whole);
    assert.deepEqual(database.plan([]), []);
    assert.ok((database.asked["Meter"] ?? 0) > 0);
    assert.deepEqual(database.plan([]), []);
    assert.deepEqual(database.asked, {});
    database.change("Logical_Router", whole);
    assert.deepEqual(database.plan([]), []);
    assert.deepEqual(database.asked, {});
  });

  it("are repaired after any change of theirs, and settled again", () => {
    const database = new Changing(whole);
    for (const [table, rows, expected] of [
      ["Meter", { ...whole, Meter: [{ ...meter, unit: "kbps" }] }, ["update m unit"]],
      ["Meter", { ...whole, Meter: [] }, ["insert m unit,bands", "insert drop 25 action,rate"]],
      [
        "Meter_Band",
        { ...whole, Meter_Band: [{ ...band, rate: 24 }] },
        ["update m bands", "insert drop 25 action,rate"],
      ],
      ["Copp", { ...whole, Copp: [{ ...copp, meters: {} }] }, ["update c meters:arp"]],
      ["Copp", { ...whole, Copp: [] }, ["insert c meters:arp"]],
    ] as const) {
      assert.deepEqual(database.plan([]), []);
      database.change(table, rows);
      assert.deepEqual(database.plan([]), expected, table);
      // As long as they are not repaired, they are not settled.
      assert.deepEqual(database.plan([]), expected, table);
      database.change(table, whole);
    }
    assert.deepEqual(database.plan([]), []);
  });

  it("come before the others, which may refer to them whether they are settled or not", () => {
    const database = new Changing({});
    const inserts = [
      "insert m unit,bands",
      "insert drop 25 action,rate",
      "insert c meters:arp",
      "insert r copp",
    ];
    assert.deepEqual(database.plan([router]), inserts);
    database.change("Copp", whole);
    database.change("Meter", whole);
    database.change("Meter_Band", whole);
    for (const _ of [1, 2]) assert.deepEqual(database.plan([router]), ["insert r copp"]);
    const { operations } = planRows(database.view, kinds, [router], [], {
      schema: northbound,
      standing: [block],
    });
    assert.deepEqual(
      operations.flatMap((operation) => (operation.op === "insert" ? [operation.row["copp"]] : [])),
      [["uuid", copp._uuid]],
    );
  });

  it("are compared again for other kinds, another schema, or a caller who looks at what is found", () => {
    const database = new Changing(whole);
    assert.deepEqual(database.plan([]), []);
    const schema = { ...northbound };
    const onFound = (): never => {
      throw new Error("not welcome");
    };
    assert.throws(
      () => planRows(database.view, kinds, [], [], { schema: northbound, standing: [block], onFound }),
      /not welcome/,
    );
    const narrower = { ...kinds, copp: { ...kinds["meter"], table: "Copp" } } as RowKinds;
    assert.throws(
      () => planRows(database.view, narrower, [], [], { schema: northbound, standing: [block] }),
      /does not own/,
    );
    database.asked = {};
    planRows(database.view, kinds, [], [], { schema, standing: [block] });
    assert.ok((database.asked["Copp"] ?? 0) > 0);
  });

  it("are no rows that others may be, or that may be removed", () => {
    const database = new Changing(whole);
    assert.deepEqual(database.plan([]), []);
    const [first] = block;
    assert.ok(first);
    assert.deepEqual(database.plan([{ ...first }]), []);
    assert.throws(
      () => database.plan([{ ...first, columns: { unit: "kbps" } }]),
      /two different desired rows/,
    );
    assert.throws(() => database.plan([{ ...first, key: "another" }]), /are the same row/);
    const removal = { table: "Meter", uuid: meter._uuid, name: "m", kind: "meter" };
    assert.throws(
      () => planRows(database.view, kinds, [], [removal], { schema: northbound, standing: [block] }),
      /is to be removed and is the desired row m/,
    );
  });

  it("refer only to one another, and are made by constantRows", () => {
    const database = new Changing(whole);
    assert.throws(() => database.plan([], [constantRows([router])]), /refers to c/);
    assert.throws(() => database.plan([], [[...block]]), /constantRows/);
  });

  it("are planned each time where nobody knows what changes, and where rows are merged", () => {
    const database = new Changing(whole);
    const { revision: _, ...view } = database.view;
    for (const _each of [1, 2]) {
      database.asked = {};
      planRows(view, kinds, [], [], { schema: northbound, standing: [block] });
      assert.ok((database.asked["Meter"] ?? 0) > 0);
      database.asked = {};
      planRows(database.view, kinds, [], [], { schema: northbound, standing: [block], merge: true });
      assert.ok((database.asked["Meter"] ?? 0) > 0);
    }
  });
});
