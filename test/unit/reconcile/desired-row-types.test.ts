import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import type { DesiredRow, DesiredRowOf, RowKindOf, RowKinds, Wanted } from "../../../lib/reconcile/index.ts";
import type { AnyTables, NorthboundTables } from "../../../lib/schemas/index.ts";

const kinds = {
  switch: {
    table: "Logical_Switch",
    columns: [],
    keys: { external_ids: ["rack"] },
    elements: ["ports"],
    root: true,
  },
  port: {
    table: "Logical_Switch_Port",
    columns: ["addresses", "dhcpv4_options", "tag"],
    onDemand: ["enabled"],
    keys: {},
    elements: [],
    members: ["port_security"],
    root: false,
  },
  dhcp: { table: "DHCP_Options", columns: ["cidr", "options"], keys: {}, elements: [], root: true },
  acl: {
    table: "ACL",
    columns: ["priority", "action"],
    keys: {},
    elements: [],
    root: false,
  },
} as const satisfies Readonly<Record<string, RowKindOf<NorthboundTables>>>;

type Desired = DesiredRowOf<NorthboundTables, typeof kinds>;

const row = { key: "k", name: "n" } as const;

// The compiler has checked this; nothing of it runs.
const types = (): void => {
  expectTypeOf<typeof kinds>().toExtend<RowKinds>();
  expectTypeOf<Desired>().toExtend<DesiredRow>();
  expectTypeOf<{ rows: Desired[] }>().toExtend<Wanted>();
  expectTypeOf<
    DesiredRowOf<NorthboundTables, Record<string, RowKindOf<NorthboundTables>>>
  >().toEqualTypeOf<DesiredRow>();
  expectTypeOf<DesiredRowOf<AnyTables, typeof kinds>>().toEqualTypeOf<DesiredRow>();
  const good: Desired[] = [
    {
      ...row,
      kind: "switch",
      guard: "name",
      keys: { external_ids: { rack: "r" } },
      elements: { ports: [{ ref: "p" }] },
    },
    {
      ...row,
      kind: "port",
      parent: { key: "k", column: "ports" },
      columns: { addresses: ["unknown"], dhcpv4_options: { ref: "d" }, enabled: true },
    },
    {
      ...row,
      kind: "port",
      columns: { tag: null, enabled: null },
      members: { port_security: ["0a:00:00:00:00:01"] },
    },
    { ...row, kind: "port", unsupported: { tag: "omit" }, columns: { tag: 7 } },
    { ...row, kind: "dhcp", columns: { cidr: "10.0.0.0/24", options: { map: { router: "10.0.0.1" } } } },
    {
      ...row,
      kind: "acl",
      identity: { match: { priority: 1, direction: "to-lport", match: "ip" } },
      columns: { action: "drop" },
    },
  ];
  const bad: Desired[] = [
    // @ts-expect-error no such kind
    { ...row, kind: "swich" },
    // @ts-expect-error a column that the kind does not own
    { ...row, kind: "dhcp", columns: { external_ids: { map: {} } } },
    // @ts-expect-error a misspelt column
    { ...row, kind: "port", columns: { adresses: ["unknown"] } },
    // @ts-expect-error a set, and no text
    { ...row, kind: "port", columns: { addresses: "unknown" } },
    // @ts-expect-error a number
    { ...row, kind: "port", columns: { tag: "7" } },
    // @ts-expect-error a map as a whole is { map }
    { ...row, kind: "dhcp", columns: { options: { router: "10.0.0.1" } } },
    // @ts-expect-error none of the values that the column may have
    { ...row, kind: "acl", columns: { action: "deny" } },
    // @ts-expect-error a misspelt column of the identity
    { ...row, kind: "acl", identity: { match: { prio: 1 } } },
    // @ts-expect-error a key that the kind does not own
    { ...row, kind: "switch", keys: { external_ids: { owner: "r" } } },
    // @ts-expect-error elements of a column that the kind does not own
    { ...row, kind: "switch", elements: { acls: [] } },
    // @ts-expect-error members of a column that the kind does not own
    { ...row, kind: "port", notMembers: { addresses: [] } },
  ];
  expectTypeOf(good).toEqualTypeOf(bad);
};

describe("types of desired rows", () => {
  it("refuse what is wrong and take what is right, as the compiler has said", () => {
    assert.equal(typeof types, "function");
  });
});
