import type { MonitorTablesOf } from "../../database/index.ts";
import type { MonitorTables } from "../../ovsdb/index.ts";
import type { NorthboundTables } from "../../schemas/index.ts";

// Apart from the code that reads them: who only asks a server for them need not load that.

type Ours = MonitorTablesOf<NorthboundTables>;

/** What `listNetworks` reads: for connections that are made for nothing else. */
export const inspectedTables: MonitorTables = Object.freeze({
  Logical_Switch: [
    "name",
    "ports",
    "acls",
    "qos_rules",
    "forwarding_groups",
    "load_balancer_group",
    "other_config",
    "external_ids",
  ],
  Logical_Switch_Port: ["name", "type", "addresses", "options", "tag_request", "external_ids"],
  Logical_Router: [
    "name",
    "ports",
    "static_routes",
    "policies",
    "nat",
    "load_balancer_group",
    "options",
    "external_ids",
  ],
  Logical_Router_Port: ["name", "mac", "networks", "gateway_chassis", "external_ids"],
  Gateway_Chassis: ["name", "chassis_name", "priority"],
  Load_Balancer_Group: ["name", "load_balancer"],
  Load_Balancer: ["name", "external_ids"],
  ACL: ["name", "external_ids"],
  QoS: ["external_ids"],
  Forwarding_Group: ["name", "external_ids"],
  Logical_Router_Static_Route: ["ip_prefix", "external_ids"],
  Logical_Router_Policy: ["external_ids"],
  NAT: ["external_ids"],
  Port_Group: ["name", "ports", "acls", "external_ids"],
  Address_Set: ["name", "external_ids"],
  Static_MAC_Binding: ["logical_port", "ip"],
} satisfies Ours);

/** What `summariseNetworks` reads: for connections that are made for nothing else. */
export const summarisedTables: MonitorTables = Object.freeze({
  Logical_Switch: ["name", "ports", "other_config", "external_ids"],
  Logical_Switch_Port: ["name", "options", "external_ids"],
  Logical_Router: ["name", "external_ids"],
  Load_Balancer_Group: ["name"],
} satisfies Ours);

/** What `listServices` reads: for connections that are made for nothing else. */
export const serviceTables: MonitorTables = Object.freeze({
  Load_Balancer: ["name", "vips", "protocol", "external_ids"],
} satisfies Ours);

/** What `listNodes` reads: for connections that are made for nothing else. */
export const nodeTables: MonitorTables = Object.freeze({
  Logical_Switch: ["name", "ports", "other_config", "external_ids"],
  Logical_Switch_Port: ["name", "options", "external_ids"],
  Logical_Router: ["name", "static_routes", "options", "external_ids"],
  Logical_Router_Port: ["name", "mac", "networks", "gateway_chassis"],
  Gateway_Chassis: ["name", "chassis_name"],
  Logical_Router_Static_Route: ["ip_prefix", "external_ids"],
} satisfies Ours);

/** What `PodWatch` reads: for connections that are made for nothing else. */
export const podTables: MonitorTables = Object.freeze({
  ...nodeTables,
  Logical_Switch_Port: ["name", "addresses", "options", "external_ids"],
} satisfies Ours);

/** What `listPolicies` reads: for connections that are made for nothing else. */
export const policyTables: MonitorTables = Object.freeze({
  Logical_Switch: ["external_ids"],
  Logical_Router: ["external_ids"],
  Logical_Switch_Port: ["name"],
  Port_Group: ["ports", "acls", "external_ids"],
} satisfies Ours);

const more: Readonly<Record<string, readonly string[]>> = {
  Logical_Switch: ["load_balancer"],
  Logical_Switch_Port: ["tag"],
  Logical_Router: ["load_balancer"],
  Logical_Router_Port: ["peer", "options"],
  Logical_Router_Static_Route: ["ip_prefix", "nexthop"],
  NAT: ["type", "logical_ip", "external_ip"],
} satisfies Ours;

/** What `graphTopology` reads: for connections that are made for nothing else. */
export const graphTables: MonitorTables = Object.freeze(
  Object.fromEntries(
    Object.entries(inspectedTables).map(([table, columns]) => [
      table,
      Array.isArray(columns) ? [...columns, ...(more[table] ?? [])] : columns,
    ]),
  ),
);
