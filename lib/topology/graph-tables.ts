import type { MonitorTables } from "../ovsdb/index.ts";
import { inspectedTables } from "./inspect.ts";

const more: Readonly<Record<string, readonly string[]>> = {
  Logical_Switch: ["load_balancer"],
  Logical_Switch_Port: ["tag"],
  Logical_Router: ["load_balancer"],
  Logical_Router_Port: ["peer", "options"],
  Logical_Router_Static_Route: ["ip_prefix", "nexthop"],
  NAT: ["type", "logical_ip", "external_ip"],
};

/** What `graphTopology` reads: for connections that are made for nothing else. */
export const graphTables: MonitorTables = Object.freeze(
  Object.fromEntries(
    Object.entries(inspectedTables).map(([table, columns]) => [
      table,
      Array.isArray(columns) ? [...columns, ...(more[table] ?? [])] : columns,
    ]),
  ),
);
