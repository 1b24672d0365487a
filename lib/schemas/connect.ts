import { type ConnectOptions, Database, type MonitorTablesOf, readSchema } from "../database/index.ts";
import type { AnyTables } from "./any-tables.ts";
import { type NorthboundTables, northbound } from "./northbound/index.ts";
import { type SouthboundTables, southbound } from "./southbound/index.ts";
import { type OpenvswitchTables, openvswitch } from "./vswitch/index.ts";

/**
 * Connects to a database OVN_Northbound and resolves when its content is here.
 *
 * `remotes`: `unix:PATH`, `tcp:HOST[:PORT]`, `ssl:HOST[:PORT]`, IPv6 in brackets, several with commas. The first usable one is
 * taken, in the order that `options.shuffle` says. A port that is left out is 6641.
 *
 * ```ts
 * await using nb = await connectNorthbound("unix:/var/run/ovn/ovnnb_db.sock");
 * for (const sw of nb.tables.Logical_Switch) console.log(sw.name);
 * ```
 *
 * Throws `EndpointError`, `TlsError`, `ProtocolError`, `TimeoutError`, or the reason of `options.signal`; `UsageError` for options and
 * tables that are none, `ValidationError` for a value in a condition that its column cannot have. Where several remotes cannot be
 * used, it is an `EndpointError` that says what was wrong with each.
 */
export function connectNorthbound(
  remotes: string | readonly string[],
  options: ConnectOptions<MonitorTablesOf<NorthboundTables>> = {},
): Promise<Database<NorthboundTables>> {
  return Database.connect(northbound, remotes, options);
}

/** Connects to a database OVN_Southbound, which is ovn-northd's and the chassis' to write; see {@link connectNorthbound}. */
export function connectSouthbound(
  remotes: string | readonly string[],
  options: ConnectOptions<MonitorTablesOf<SouthboundTables>> = {},
): Promise<Database<SouthboundTables>> {
  return Database.connect(southbound, remotes, options);
}

/** Connects to the database Open_vSwitch of one host; see {@link connectNorthbound}. */
export function connectOpenvswitch(
  remotes: string | readonly string[],
  options: ConnectOptions<MonitorTablesOf<OpenvswitchTables>> = {},
): Promise<Database<OpenvswitchTables>> {
  return Database.connect(openvswitch, remotes, options);
}

/**
 * Connects to a database by its name, without a model: the server is asked for the schema first, over a connection of its own.
 * For scripts and tools that meet any database; the compiler knows neither tables nor columns, so `codegen` serves programs
 * better. Values are checked all the same. See {@link connectNorthbound}.
 *
 * ```ts
 * await using db = await connectDatabase("hardware_vtep", "tcp:10.0.0.7:6640");
 * for (const row of db.tables["Physical_Switch"] ?? []) console.log(row["name"]);
 * ```
 *
 * Tables and columns are those of the server of now: what one that comes later has besides is not read.
 */
export async function connectDatabase(
  name: string,
  remotes: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Database<AnyTables>> {
  return Database.connect<AnyTables>(await readSchema(name, remotes, options), remotes, options);
}
