import assert from "node:assert/strict";
import { constantRows, type DesiredRow, planRows, type RowKinds } from "../../../lib/reconcile/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { memoryView } from "../../support/memory-view.ts";

const kinds: RowKinds = {
  meter: { table: "Meter", columns: ["unit", "bands"], keys: {}, elements: [], root: true },
  band: { table: "Meter_Band", columns: ["action", "rate"], keys: {}, elements: [], root: false },
};
const rows = constantRows([
  { key: "m", kind: "meter", name: "m", columns: { unit: "pktps", bands: [{ ref: "b" }] } },
  {
    key: "b",
    kind: "band",
    name: "drop 25",
    identity: { parent: "m", column: "bands", match: { action: "drop", rate: 25 } },
    columns: { action: "drop", rate: 25 },
  },
]);
const id = (number: number): string => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
const band = (number: number, rate: number) => ({ _uuid: id(number), action: "drop", rate });
const meter = (...bands: readonly number[]) => ({
  _uuid: id(1),
  name: "m",
  unit: "pktps",
  bands: bands.map(id),
});

function changes(desired: readonly DesiredRow[], meters: object, bands: readonly object[]): unknown {
  const view = memoryView(northbound, { Meter: [meters as never], Meter_Band: bands as never });
  const plan = planRows(view, kinds, desired, [], { schema: northbound });
  return plan.changes.map(({ action, table, columns }) => [action, table, Object.keys(columns)]);
}

describe("constant rows", () => {
  it("are compared with what is there each time, whatever was there before", () => {
    assert.deepEqual(changes(rows, meter(2), [band(2, 25)]), []);
    assert.deepEqual(changes(rows, meter(2), [band(2, 25)]), []);
    assert.deepEqual(changes(rows, meter(2, 3), [band(2, 25), band(3, 7)]), [["update", "Meter", ["bands"]]]);
    assert.deepEqual(changes(rows, meter(3), [band(3, 25)]), []);
    assert.deepEqual(changes(rows, meter(3), [band(3, 26)]), [
      ["update", "Meter", ["bands"]],
      ["insert", "Meter_Band", ["action", "rate"]],
    ]);
  });

  it("find the row again that they found in the same version of its holder, unless it changed", () => {
    const [holder, found] = [meter(2), band(2, 25)];
    const changed = { ...found, rate: 24 };
    assert.deepEqual(changes(rows, holder, [found]), []);
    assert.deepEqual(changes(rows, holder, [found]), []);
    assert.deepEqual(changes(rows, holder, [changed]), [
      ["update", "Meter", ["bands"]],
      ["insert", "Meter_Band", ["action", "rate"]],
    ]);
  });

  it("cannot be changed, and are checked against the kinds of each plan", () => {
    assert.throws(() => Object.assign(rows[0]?.columns ?? {}, { unit: "kbps" }), TypeError);
    const narrower: RowKinds = {
      ...kinds,
      meter: { table: "Meter", columns: ["unit"], keys: {}, elements: [], root: true },
    };
    const view = memoryView(northbound, {});
    assert.throws(() => planRows(view, narrower, rows, [], { schema: northbound }), /does not own/);
  });
});
