import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import type { ColumnSchema } from "../../../lib/ovsdb/index.ts";
import { Columns, hiddenColumns, storedColumn } from "../../../lib/replica/columns.ts";
import { RowMark } from "../../../lib/replica/row-mark.ts";
import { RowShape } from "../../../lib/replica/row-shape.ts";

setFlagsFromString("--allow-natives-syntax");
// They ask V8 itself: no figure of time would tell as surely.
const sameClass: (a: object, b: object) => boolean = runInThisContext("(a, b) => %HaveSameMap(a, b)");
const isQuick: (row: object) => boolean = runInThisContext("(row) => %HasFastProperties(row)");

const names = Array.from({ length: 40 }, (_, index) => `column${index}`);
const schema: ColumnSchema = { key: { type: "string" }, min: 0, max: 1 };

function shapeOf(count: number, hidden: object | undefined): RowShape {
  return new RowShape(
    "T",
    new Columns(names.slice(0, count).map((name) => storedColumn(name, schema))),
    hidden,
  );
}

describe("RowShape", () => {
  it("does so where a program has many objects with other first properties", () => {
    const others = Array.from({ length: 3000 }, (_, index) => ({ [`key ${index}`]: index }));
    const further = (): object => ({ [`key ${others.length}`]: 0 });
    assert.ok(!sameClass(further(), further()), "they are too few to show anything");
    const shape = shapeOf(3, undefined);
    assert.ok(sameClass(shape.make("one"), shape.make("other")));
  });

  for (const hidden of [undefined, hiddenColumns("T", ["secret"])]) {
    const which = hidden === undefined ? "all columns monitored" : "a hidden column";
    for (const count of [0, 3, 20, 40]) {
      it(`gives all rows one hidden class, ${count} columns, ${which}`, () => {
        const shape = shapeOf(count, hidden);
        const rows = Array.from({ length: 200 }, (_, index) => {
          const row = shape.make(`uuid ${index}`);
          for (const name of names.slice(0, index % (count + 1))) row[name] = `${name} of ${index}`;
          return Object.freeze(row);
        });
        const [first] = rows;
        assert.ok(first !== undefined && rows.every((row) => isQuick(row)));
        assert.deepEqual(
          rows.flatMap((row, index) => (sameClass(row, first) ? [] : [index])),
          [],
        );
        assert.deepEqual(Object.keys(first), ["_uuid", ...names.slice(0, count)]);
        assert.equal(Object.getPrototypeOf(first), hidden ?? Object.prototype);
        assert.equal(RowMark.tableOf(first), "T");
      });
    }
  }
});
