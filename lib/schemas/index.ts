export type { AnyAtom, AnyInput, AnyTableRow, AnyTables, AnyTableTypes, AnyValue } from "./any-tables.ts";
export { connectDatabase, connectNorthbound, connectOpenvswitch, connectSouthbound } from "./connect.ts";
export { type NorthboundTables, northbound } from "./northbound/index.ts";
export { type SouthboundTables, southbound } from "./southbound/index.ts";
export { type OpenvswitchTables, openvswitch } from "./vswitch/index.ts";
