import assert from "node:assert/strict";
import { expectTypeOf } from "expect-type";
import type { DatabaseModel, InsertedRow, Reference, TableTypes, Uuid } from "../../../lib/ovsdb/index.ts";
import {
  type ACLRow,
  type LogicalSwitchInsert,
  type LogicalSwitchPortInsert,
  type LogicalSwitchPortRow,
  type LogicalSwitchPortUpdate,
  type LogicalSwitchRow,
  type NBGlobalInsert,
  type NBGlobalRow,
  type NorthboundTables,
  northbound,
} from "../../../lib/schemas/northbound/index.ts";
import { type SouthboundTables, southbound } from "../../../lib/schemas/southbound/index.ts";
import { type OpenvswitchTables, openvswitch, type QoSRow } from "../../../lib/schemas/vswitch/index.ts";

describe("generated models", () => {
  it("hold every table of the newest schemas", () => {
    const counts = [northbound, southbound, openvswitch].map(({ name, version, tables }) => [
      name,
      version,
      Object.keys(tables).length,
    ]);
    assert.deepEqual(counts, [
      ["OVN_Northbound", "7.19.0", 39],
      ["OVN_Southbound", "21.11.0", 39],
      ["Open_vSwitch", "8.8.0", 19],
    ]);
    expectTypeOf(northbound).toEqualTypeOf<DatabaseModel<NorthboundTables>>();
    expectTypeOf(southbound).toEqualTypeOf<DatabaseModel<SouthboundTables>>();
    expectTypeOf(openvswitch).toEqualTypeOf<DatabaseModel<OpenvswitchTables>>();
    expectTypeOf<NorthboundTables[keyof NorthboundTables]>().toExtend<TableTypes>();
  });

  it("type rows exactly", () => {
    expectTypeOf<LogicalSwitchRow["_uuid"]>().toEqualTypeOf<Uuid<"Logical_Switch">>();
    expectTypeOf<LogicalSwitchRow["ports"]>().toEqualTypeOf<readonly Uuid<"Logical_Switch_Port">[]>();
    expectTypeOf<LogicalSwitchRow["copp"]>().toEqualTypeOf<Uuid<"Copp"> | null>();
    expectTypeOf<LogicalSwitchRow["external_ids"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
    expectTypeOf<LogicalSwitchPortRow["tag"]>().toEqualTypeOf<number | null>();
    expectTypeOf<LogicalSwitchPortRow["up"]>().toEqualTypeOf<boolean | null>();
    expectTypeOf<NBGlobalRow["nb_cfg"]>().toEqualTypeOf<bigint>();
    expectTypeOf<ACLRow["direction"]>().toEqualTypeOf<"from-lport" | "to-lport">();
    expectTypeOf<QoSRow["queues"]>().toEqualTypeOf<Readonly<Record<number, Uuid<"Queue">>>>();
  });

  it("type what is written generously", () => {
    expectTypeOf<object>().toExtend<LogicalSwitchInsert>();
    expectTypeOf<LogicalSwitchRow>().toExtend<LogicalSwitchInsert>();
    expectTypeOf<InsertedRow<"Logical_Switch_Port">[]>().toExtend<
      NonNullable<LogicalSwitchInsert["ports"]>
    >();
    expectTypeOf<LogicalSwitchPortInsert["dhcpv4_options"]>().toEqualTypeOf<
      Reference<"DHCP_Options"> | null | undefined
    >();
    expectTypeOf<NBGlobalInsert["nb_cfg"]>().toEqualTypeOf<bigint | number | undefined>();
    expectTypeOf<LogicalSwitchPortUpdate>().toEqualTypeOf<LogicalSwitchPortInsert>();
  });

  it("do not take a row of one table for one of another", () => {
    const port = "11111111-2222-4333-8444-555555555555" as Uuid<"Logical_Switch_Port">;
    const insert: LogicalSwitchInsert = { ports: [port] };
    // @ts-expect-error a port is not an ACL
    const wrong: LogicalSwitchInsert = { acls: [port] };
    // @ts-expect-error a switch has no such column
    const unknown: LogicalSwitchInsert = { port: [port] };
    // @ts-expect-error rows are read, not written
    const write = (row: LogicalSwitchRow): unknown => (row.name = "x");
    assert.deepEqual(
      [insert.ports, wrong.acls, unknown, typeof write],
      [[port], [port], { port: [port] }, "function"],
    );
  });
});
