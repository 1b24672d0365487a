import type { AnyRow, ReadView } from "../../lib/database/index.ts";
import type { Operation } from "../../lib/ovsdb/index.ts";
import {
  type DesiredRow,
  type PlanOptions,
  planRows,
  type Removal,
  type RowKinds,
  type RowPlan,
} from "../../lib/reconcile/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { type MemoryRows, memoryView } from "./memory-view.ts";

/** A uuid that a reader can tell apart: `id(7)` ends in 7. */
export function id(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** Kinds with one of every way to own something. */
export const kinds: RowKinds = {
  switch: {
    table: "Logical_Switch",
    columns: ["copp"],
    keys: { other_config: ["subnet", "exclude_ips"], external_ids: ["network"] },
    elements: ["ports", "load_balancer_group"],
    root: true,
  },
  port: {
    table: "Logical_Switch_Port",
    columns: ["type", "addresses", "tag_request"],
    keys: { options: ["requested-chassis"], external_ids: ["network", "pod"] },
    elements: [],
    root: false,
  },
  group: { table: "Load_Balancer_Group", columns: [], keys: {}, elements: [], root: true },
  copp: {
    table: "Copp",
    columns: [],
    keys: { meters: ["arp", "bfd"] },
    elements: [],
    shared: true,
    root: true,
  },
  meter: {
    table: "Meter",
    columns: ["unit", "fair"],
    keys: {},
    elements: ["bands"],
    shared: true,
    root: true,
  },
  band: { table: "Meter_Band", columns: ["action", "rate"], keys: {}, elements: [], root: false },
};

/** A desired switch `s1`, of network blue. */
export function wantedSwitch(more: Partial<DesiredRow> = {}): DesiredRow {
  return {
    key: "S",
    kind: "switch",
    name: "s1",
    uuid: id(1),
    guard: "name",
    keys: { other_config: { subnet: "10.0.0.0/24" }, external_ids: { network: "blue" } },
    network: "blue",
    ...more,
  };
}

/** A desired port `p1` in the switch `S`. */
export function wantedPort(more: Partial<DesiredRow> = {}): DesiredRow {
  return {
    key: "P",
    kind: "port",
    name: "p1",
    uuid: id(2),
    columns: { addresses: ["0a:00:00:00:00:01 10.0.0.2"] },
    keys: { external_ids: { network: "blue", pod: "true" } },
    parent: { key: "S", column: "ports" },
    network: "blue",
    ...more,
  };
}

/** The row that {@link wantedSwitch} describes. */
export function switchRow(more: Partial<AnyRow> = {}): AnyRow {
  return {
    _uuid: id(1),
    name: "s1",
    other_config: { subnet: "10.0.0.0/24" },
    external_ids: { network: "blue" },
    ...more,
  };
}

/** The row that {@link wantedPort} describes. */
export function portRow(more: Partial<AnyRow> = {}): AnyRow {
  return {
    _uuid: id(2),
    name: "p1",
    addresses: ["0a:00:00:00:00:01 10.0.0.2"],
    external_ids: { network: "blue", pod: "true" },
    ...more,
  };
}

/** Plans over rows in memory; random uuids are id(900), id(901), ... */
export function plan(
  rows: MemoryRows,
  desired: readonly DesiredRow[],
  removals: readonly Removal[] = [],
  options: Partial<PlanOptions> = {},
  moreKinds: RowKinds = {},
): RowPlan {
  return planOver(memoryView(options.schema ?? northbound, rows), desired, removals, options, moreKinds);
}

/** Plans over a view. */
export function planOver(
  view: ReadView,
  desired: readonly DesiredRow[],
  removals: readonly Removal[] = [],
  options: Partial<PlanOptions> = {},
  moreKinds: RowKinds = {},
): RowPlan {
  let next = 900;
  return planRows(view, { ...kinds, ...moreKinds }, desired, removals, {
    schema: northbound,
    random: () => id(next++),
    ...options,
  });
}

/** The wait that an existing row is still there. */
export function stillThere(table: string, uuid: string): Operation {
  return {
    op: "wait",
    table,
    where: [["_uuid", "==", ["uuid", uuid]]],
    columns: [],
    until: "!=",
    rows: [],
    timeout: 0,
  };
}

/** The same of a row whose uuid another one may take: that it is still the one of this name. */
export function stillNamed(table: string, uuid: string, name: string): Operation {
  return { ...stillThere(table, uuid), columns: ["name"], until: "==", rows: [{ name }] } as Operation;
}

/** Conditions that choose one row. */
export function only(uuid: string): readonly [["_uuid", "==", ["uuid", string]]] {
  return [["_uuid", "==", ["uuid", uuid]]];
}
