import { EndpointError, type Json, type Peer, RpcError } from "../jsonrpc/index.ts";
import { type DatabaseSchema, parseSchema } from "../ovsdb/index.ts";

/** The schema of a database as the server has it now. */
export class ServerSchema {
  readonly schema: DatabaseSchema;
  readonly #json: Json;
  #text: string | undefined;

  constructor(json: Json) {
    this.schema = parseSchema(json);
    this.#json = json;
  }

  /** The same for the same schema, see {@link schemaText}. Made when it is asked for: most connections never meet another schema. */
  get text(): string {
    this.#text ??= schemaText(this.#json);
    return this.#text;
  }
}

/**
 * Reads the schema of `database` from the server; `known` is returned when it is still that. Throws `EndpointError` when
 * the server has no such database.
 */
export async function fetchSchema(
  peer: Peer,
  database: string,
  remote: string,
  known: ServerSchema | undefined,
): Promise<ServerSchema> {
  try {
    const json = await peer.call("get_schema", [database]);
    return known !== undefined && known.text === schemaText(json) ? known : new ServerSchema(json);
  } catch (error) {
    if (error instanceof RpcError && saysUnknown(error, "database")) {
      const served = await peer.call("list_dbs", []).catch(() => []);
      const names = Array.isArray(served) ? served.filter((name) => name !== "_Server").join(", ") : "";
      const message = `${remote} serves no database ${database} (it serves: ${names || "none"})`;
      throw new EndpointError(remote, message, { cause: error });
    }
    throw error;
  }
}

/** A text that is the same for the same schema: servers give its members in any order. */
export function schemaText(json: Json): string {
  return JSON.stringify(json, (_, value: unknown) => {
    // As `JSON.parse` would have read it.
    if (typeof value === "bigint") return Number(value);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Errors come as a bare name or as an object with one, as the server sees fit; the message shows the name of either. */
export function saysUnknown(error: RpcError, what: "method" | "database" | "monitor session"): boolean {
  return error.message.includes(`unknown ${what}`);
}
