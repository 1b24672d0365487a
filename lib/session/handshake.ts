import {
  ConnectionLostError,
  EndpointError,
  type Json,
  type Peer,
  ProtocolError,
  RpcError,
} from "../jsonrpc/index.ts";
import {
  type DatabaseSchema,
  type MonitorTables,
  monitorRequests,
  normaliseUpdates,
  parseSchema,
  type RowUpdate,
  SNAPSHOT_WRAPPER,
} from "../ovsdb/index.ts";

/** The monitor methods from newest to oldest (ovsdb-server(7) 4.1.12 to 4.1.15); servers lack the newer ones. */
type MonitorMethod = "monitor_cond_since" | "monitor_cond" | "monitor";
const METHODS: readonly MonitorMethod[] = ["monitor_cond_since", "monitor_cond", "monitor"];

/** "No transaction seen yet", for `monitor_cond_since`. */
const ZERO_ID = "00000000-0000-0000-0000-000000000000";

/** Reads the schema of `database` from the server. Throws `EndpointError` when the server has no such database. */
export async function fetchSchema(peer: Peer, database: string, remote: string): Promise<DatabaseSchema> {
  try {
    return parseSchema(await peer.call("get_schema", [database]));
  } catch (error) {
    if (error instanceof RpcError && saysUnknown(error, "database")) {
      const known = await peer.call("list_dbs", []).catch(() => []);
      const names = Array.isArray(known) ? known.filter((name) => name !== "_Server").join(", ") : "";
      throw new EndpointError(
        remote,
        `${remote} serves no database ${database} (it serves: ${names || "none"})`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

/**
 * Refuses a cluster member that must not be used: cut off from the cluster, or not the leader although one is wanted.
 * Resolves with whether the server is alone with its database, and no member of a cluster or relay of one.
 *
 * The database `_Server` tells (ovsdb-server(5)); servers before 2.9 have none and are always usable.
 */
export async function checkServer(
  peer: Peer,
  database: string,
  remote: string,
  leaderOnly: boolean,
): Promise<boolean> {
  let reply: Json;
  try {
    reply = await peer.call("transact", [
      "_Server",
      {
        op: "select",
        table: "Database",
        where: [["name", "==", database]],
        columns: ["model", "connected", "leader"],
      },
    ]);
  } catch (error) {
    if (error instanceof RpcError) return true;
    throw error;
  }
  const row = firstRow(reply);
  if (row === undefined || row["model"] === "standalone") return true;
  if (row["connected"] !== true) {
    throw new EndpointError(remote, `${remote} is not connected to its cluster`, { retryable: true });
  }
  if (leaderOnly && row["model"] === "relay") {
    throw new EndpointError(
      remote,
      `${remote} is a relay, which is never a leader; say leaderOnly: false to use it`,
    );
  }
  if (leaderOnly && row["leader"] !== true) {
    throw new EndpointError(remote, `${remote} is not the leader of its cluster`, { retryable: true });
  }
  return false;
}

function firstRow(reply: Json): { readonly [column: string]: Json } | undefined {
  const result = Array.isArray(reply) ? (reply as readonly Json[])[0] : undefined;
  if (result === null || typeof result !== "object" || !("rows" in result)) return undefined;
  const rows = (result as { readonly rows: Json }).rows;
  const row = Array.isArray(rows) ? (rows as readonly Json[])[0] : undefined;
  return row !== null && typeof row === "object" && !Array.isArray(row)
    ? (row as { readonly [column: string]: Json })
    : undefined;
}

/** A monitor that is open on a connection. */
export interface Monitor {
  /** Turns a notification of this monitor into row updates; `undefined` when it is not one of ours. */
  readonly read: (method: string, params: readonly Json[]) => readonly RowUpdate[] | undefined;
}

/**
 * Opens the one monitor of a connection, with the newest method that the server knows.
 *
 * `onSnapshot` runs in arrival order, before any later update of the same chunk of bytes is handled.
 */
export async function openMonitor(
  peer: Peer,
  id: string,
  schema: DatabaseSchema,
  tables: MonitorTables,
  onSnapshot: (monitor: Monitor, updates: readonly RowUpdate[]) => void,
): Promise<void> {
  for (const method of METHODS) {
    try {
      const version = method === "monitor" ? 1 : 2;
      const params: Json[] = [schema.name, id, monitorRequests(schema, tables, version)];
      if (method === "monitor_cond_since") params.push(ZERO_ID);
      await peer.call(method, params, {
        cut: SNAPSHOT_WRAPPER,
        onReply: (result, cut) => {
          onSnapshot({ read: reader(id) }, normaliseUpdates(version, snapshot(method, result), cut));
        },
      });
      return;
    } catch (error) {
      if (method === "monitor" || !(error instanceof RpcError) || !saysUnknown(error, "method")) {
        throw error;
      }
    }
  }
  throw new ConnectionLostError("no monitor method left to try");
}

/** Errors come as a bare name or as an object with one, as the server sees fit; the message shows the name of either. */
function saysUnknown(error: RpcError, what: "method" | "database"): boolean {
  return error.message.includes(`unknown ${what}`);
}

function snapshot(method: MonitorMethod, result: Json): Json {
  if (method !== "monitor_cond_since") return result;
  if (!Array.isArray(result) || result.length !== 3) {
    throw new ProtocolError("the reply to monitor_cond_since is not [found, last-txn-id, updates]");
  }
  return (result as readonly Json[])[2] ?? null;
}

function reader(id: string): Monitor["read"] {
  return (method, params) => {
    if (params[0] !== id) return undefined;
    switch (method) {
      case "update":
        return normaliseUpdates(1, params[1] ?? null);
      case "update2":
        return normaliseUpdates(2, params[1] ?? null);
      case "update3":
        return normaliseUpdates(2, params[2] ?? null);
      default:
        return undefined;
    }
  };
}
