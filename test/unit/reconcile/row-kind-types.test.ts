import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import type { RowKind, RowKindOf, RowKinds } from "../../../lib/reconcile/index.ts";
import type { AnyTables, NorthboundTables } from "../../../lib/schemas/index.ts";

type Kind = RowKindOf<NorthboundTables>;

// That this compiles is the test, and each `@ts-expect-error` fails when it is not needed.
const rest = { columns: [], keys: {}, elements: [], root: true } as const;
const right: Readonly<Record<string, Kind>> = {
  switch: {
    table: "Logical_Switch",
    columns: ["copp"],
    onDemand: ["dns_records"],
    keys: { external_ids: ["a"], other_config: ["b"] },
    elements: ["ports", "acls"],
    root: true,
    shared: true,
  },
  set: { ...rest, table: "Address_Set", members: ["addresses"] },
};
const wrong: readonly Kind[] = [
  // @ts-expect-error no such table
  { ...rest, table: "Logical_Swich" },
  // @ts-expect-error no such column
  { ...rest, table: "Logical_Switch", columns: ["nmae"] },
  // @ts-expect-error a column of another table
  { ...rest, table: "Logical_Switch", onDemand: ["addresses"] },
  // @ts-expect-error not a map
  { ...rest, table: "Logical_Switch", keys: { ports: ["a"] } },
  // @ts-expect-error not a set of references
  { ...rest, table: "Address_Set", elements: ["addresses"] },
  // @ts-expect-error not a set
  { ...rest, table: "Address_Set", members: ["name"] },
  // @ts-expect-error nobody reads that
  { ...rest, table: "Address_Set", isRoot: true },
];

describe("kinds of rows", () => {
  it("are typed by a model, and serve where any are taken, as the compiler has said", () => {
    const kinds: RowKinds = right;
    assert.deepEqual([Object.keys(kinds), wrong.length], [["switch", "set"], 7]);
    expectTypeOf<RowKindOf<AnyTables>>().toEqualTypeOf<RowKind>();
  });
});
