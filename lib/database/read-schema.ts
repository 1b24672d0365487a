import { UsageError } from "../jsonrpc/index.ts";
import { type DatabaseSchema, sketch } from "../ovsdb/index.ts";
import { Database } from "./database.ts";
import type { ConnectOptions } from "./options.ts";

/**
 * Asks a server for the schema of one of its databases, as `ovsdb-client get-schema` does. Any member of a cluster is asked:
 * they all have the same.
 *
 * `remotes` and what is thrown are those of `Database.connect`; a database that the server does not have is an `EndpointError` that
 * names those which it has. Throws `UsageError` for what is no name.
 */
export async function readSchema(
  database: string,
  remotes: string | readonly string[],
  options: Omit<ConnectOptions, "tables" | "leaderOnly"> = {},
): Promise<DatabaseSchema> {
  // RFC 7047, section 3.1, <id>; as a rule it is the remote, which comes second.
  if (typeof database !== "string" || !/^[A-Za-z_]\w*$/.test(database))
    throw new UsageError(
      `a database is given by its name, as "OVN_Northbound", and not by ${sketch(database)}`,
    );
  const nothing = { name: database, version: "", tables: {} };
  const db = await Database.connect(nothing, remotes, { ...options, tables: {}, leaderOnly: false });
  try {
    return db.schema;
  } finally {
    await db.close();
  }
}
