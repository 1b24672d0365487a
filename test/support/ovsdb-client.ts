import type { AnyRow } from "../../lib/database/index.ts";
import { type Json, parseJson, stringifyJson } from "../../lib/jsonrpc/index.ts";
import {
  checkResults,
  type DatabaseSchema,
  decodeValue,
  everyRow,
  findColumn,
  type Operation,
  type OperationResult,
  parseSchema,
  selectOp,
  WrittenOperations,
} from "../../lib/ovsdb/index.ts";
import type { Sandbox } from "../../lib/testing/index.ts";
import type { MemoryRows } from "./memory-view.ts";

/** Talks to a sandbox's northbound database through ovsdb-client(1), so that a test depends on no client of ours. */
export class OvsdbClient {
  readonly schema: DatabaseSchema;
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox, schema: DatabaseSchema) {
    this.#sandbox = sandbox;
    this.schema = schema;
  }

  static async of(sandbox: Sandbox): Promise<OvsdbClient> {
    const text = await sandbox.run("ovsdb-client", [
      "get-schema",
      sandbox.northbound.remote,
      "OVN_Northbound",
    ]);
    return new OvsdbClient(sandbox, parseSchema(parseJson(text)));
  }

  /** Throws what `checkResults` throws when the server refuses the transaction. */
  async transact(operations: readonly Operation[]): Promise<OperationResult[]> {
    const request: Json = [this.schema.name, ...operations];
    const { remote } = this.#sandbox.northbound;
    const reply = await this.#sandbox.run("ovsdb-client", ["transact", remote, stringifyJson(request)]);
    return checkResults(WrittenOperations.of(operations), parseJson(reply));
  }

  /** All rows of the tables. */
  async read(tables: readonly string[]): Promise<MemoryRows> {
    const results = await this.transact(tables.map((table) => selectOp(table, everyRow)));
    return Object.fromEntries(
      tables.map((table, position) => {
        const result = results[position];
        const rows = result?.op === "select" ? result.rows : [];
        return [table, rows.map((row) => this.#decode(table, row))];
      }),
    );
  }

  #decode(table: string, row: { readonly [column: string]: Json }): AnyRow {
    const uuid = row["_uuid"];
    const decoded = Object.entries(row).flatMap(([column, wire]) => {
      const schema = findColumn(this.schema, table, column);
      return schema === undefined ? [] : [[column, decodeValue(schema, wire)] as const];
    });
    return { ...Object.fromEntries(decoded), _uuid: Array.isArray(uuid) ? String(uuid[1]) : "" };
  }
}
