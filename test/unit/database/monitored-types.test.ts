import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import {
  type AnyTables,
  type Condition,
  type ConditionOf,
  type ConnectOptions,
  connectDatabase,
  connectNorthbound,
  connectSouthbound,
  Database,
  type Json,
  type MonitorTables,
  type MonitorTablesOf,
  type NorthboundTables,
  northbound,
  type SouthboundTables,
  type TableConditions,
  type Uuid,
} from "../../../lib/index.ts";
import { graphTables } from "../../../lib/topology/index.ts";

type Nb = Database<NorthboundTables>;
type Sb = Database<SouthboundTables>;

// Nothing here runs: that it compiles is the test, and each `@ts-expect-error` fails when it is not needed.
const names = async (): Promise<void> => {
  await connectNorthbound("unix:/none", {
    tables: { Logical_Switch: true, ACL: ["name", "action"], Copp: { columns: ["name"], where: [] } },
  });
  await Database.connect(northbound, "unix:/none", { tables: { Logical_Switch: ["name"] } });
  // As with options: absent.
  await connectNorthbound("unix:/none", {
    tables: { Logical_Switch: undefined, ACL: { columns: undefined, where: undefined } },
  });
  // @ts-expect-error no such table
  await connectNorthbound("unix:/none", { tables: { Logical_Swich: true } });
  // @ts-expect-error no such table
  await Database.connect(northbound, "unix:/none", { tables: { Logical_Swich: true } });
  // @ts-expect-error no such column
  await connectNorthbound("unix:/none", { tables: { Logical_Switch: ["nmae"] } });
  // @ts-expect-error no such column
  await connectNorthbound("unix:/none", { tables: { Logical_Switch: { columns: ["nmae"] } } });
  // @ts-expect-error it is there in any case
  await connectNorthbound("unix:/none", { tables: { Logical_Switch: ["_uuid"] } });
  // @ts-expect-error says nothing
  await connectNorthbound("unix:/none", { tables: { Logical_Switch: false } });
  // @ts-expect-error no such member
  await connectNorthbound("unix:/none", { tables: { Logical_Switch: { colums: ["name"] } } });
};

const conditions = async (nb: Nb, sb: Sb, datapath: Uuid<"Datapath_Binding">): Promise<void> => {
  await nb.setConditions({ Logical_Switch: undefined });
  await connectSouthbound("unix:/none", {
    tables: {
      Port_Binding: {
        where: [
          ["_uuid", "==", ["uuid", "" as Uuid<"Port_Binding">]],
          ["datapath", "==", ["uuid", datapath]],
          ["chassis", "==", ["set", []]],
          ["tunnel_key", ">=", 5],
          ["up", "==", true],
          ["mac", "includes", "unknown"],
          ["mac", "excludes", ["set", ["unknown", "router"]]],
          ["external_ids", "includes", ["map", [["k", "v"]]]],
          false,
        ],
      },
      Chassis_Private: { where: [["nb_cfg", "<", 5n]] },
    },
  });
  // Names that are made into conditions need no type.
  const switches = ["a", "b"];
  await nb.setConditions({ Logical_Switch: switches.map((name) => ["name", "==", name]), ACL: true });
  type OfSwitch = ConditionOf<NorthboundTables, "Logical_Switch">;
  const where = switches.map((name): OfSwitch => ["name", "==", name]);
  await nb.setConditions({ Logical_Switch: where });
  await nb.setConditions({ ACL: [["severity", "excludes", ["set", ["debug", "info"]]]] });
  // @ts-expect-error no such table
  await nb.setConditions({ Logical_Swich: true });
  // @ts-expect-error no such column
  await nb.setConditions({ Logical_Switch: [["nmae", "==", "a"]] });
  // @ts-expect-error no such function
  await nb.setConditions({ Logical_Switch: [["name", "=", "a"]] });
  // @ts-expect-error it compares numbers
  await nb.setConditions({ Logical_Switch: [["name", "<", "a"]] });
  // @ts-expect-error not the column's type
  await nb.setConditions({ Logical_Switch: [["name", "==", 5]] });
  // @ts-expect-error not in the enum
  await nb.setConditions({ ACL: [["action", "==", "forbid"]] });
  // @ts-expect-error the column has just one
  await nb.setConditions({ ACL: [["action", "excludes", ["set", ["drop", "reject"]]]] });
  // @ts-expect-error a uuid is told to be one
  await sb.setConditions({ Port_Binding: [["datapath", "==", datapath]] });
  // @ts-expect-error a uuid of another table
  await sb.setConditions({ Port_Binding: [["chassis", "==", ["uuid", datapath]]] });
  // @ts-expect-error several are told to be that
  await sb.setConditions({ Port_Binding: [["mac", "includes", ["unknown", "router"]]] });
  // @ts-expect-error a map is told to be one
  await sb.setConditions({ Port_Binding: [["external_ids", "includes", { k: "v" }]] });
};

/** What is only known when the program runs. */
const wide = async (nb: Nb, options: ConnectOptions, tables: MonitorTables): Promise<void> => {
  await connectNorthbound("unix:/none", options);
  await Database.connect(northbound, "unix:/none", options);
  await connectNorthbound("unix:/none", { tables });
  await connectNorthbound("unix:/none", { tables: graphTables });
  await connectNorthbound("unix:/none", { tables: { ...graphTables, NB_Global: true } });
  await nb.setConditions({} as TableConditions);
  // And back.
  const typed: MonitorTablesOf<NorthboundTables> = { ACL: ["name"] };
  await connectNorthbound("unix:/none", { ...options, tables: typed });
  expectTypeOf<{ readonly tables: typeof typed }>().toExtend<ConnectOptions>();
};

/** Without a model all is taken. */
const open = async (db: Database<AnyTables>, where: readonly Condition[], value: Json): Promise<void> => {
  await connectDatabase("Any", "unix:/none", {
    tables: { A: ["b"], C: { columns: ["d"], where: [["e", "<", value], ...where] } },
  });
  await db.setConditions({ A: where });
  expectTypeOf<MonitorTablesOf<AnyTables>>().toEqualTypeOf<MonitorTables>();
  expectTypeOf<ConditionOf<AnyTables, string>>().toEqualTypeOf<Condition>();
};

describe("types of what is replicated", () => {
  it("know the names and values of the model, where there is one, as the compiler has said", () => {
    assert.deepEqual(
      [names, conditions, wide, open].map((each) => typeof each),
      Array(4).fill("function"),
    );
  });
});
