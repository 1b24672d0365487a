import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../jsonrpc/index.ts";
import { parseSchema } from "../ovsdb/index.ts";
import { SandboxError } from "./errors.ts";
import { runProgram } from "./run-program.ts";
import type { SchemaSource } from "./schema-source.ts";
import { schemaFile } from "./schema-source.ts";

/** Makes the empty databases of a standalone server and returns their paths. */
export function createDatabases(
  directory: string,
  name: string,
  sources: readonly SchemaSource[],
): Promise<string[]> {
  return Promise.all(
    sources.map(async (source, index) => {
      const base = join(directory, index === 0 ? name : `${name}-${index + 1}`);
      const schema = schemaFile(source, name, `${base}.ovsschema`);
      await makeFile(name, ["create", `${base}.db`, schema]);
      return `${base}.db`;
    }),
  );
}

/** What the members of a clustered database are made from. */
export interface ClusterFileSpec {
  readonly directory: string;
  /** Path of the schema file. */
  readonly schema: string;
  /** Names of the servers; the first one founds the cluster. */
  readonly names: readonly string[];
  /** Milliseconds without a leader after which a member stands for election. */
  readonly electionTimer: number;
}

/** Makes the files of a clustered database's members (ovsdb(7), "Clustered Database Service Model"). */
export async function createClusterFiles(spec: ClusterFileSpec): Promise<string[]> {
  const { directory, names, schema, electionTimer } = spec;
  const database = schemaName(schema);
  // The members talk over unix sockets: no port to be found, and none taken by somebody else in the meantime.
  const address = (name: string): string => `unix:${join(directory, `${name}.raft`)}`;
  const [founder, ...joiners] = names;
  if (founder === undefined) {
    return [];
  }
  const file = (name: string): string => join(directory, `${name}.db`);
  const timer = `--election-timer=${electionTimer}`;
  await Promise.all([
    makeFile(founder, [timer, "create-cluster", file(founder), schema, address(founder)]),
    ...joiners.map((name) =>
      makeFile(name, ["join-cluster", file(name), database, address(name), address(founder)]),
    ),
  ]);
  return names.map(file);
}

/** The name of the database that a schema file describes. */
export function schemaName(file: string): string {
  return parseSchema(parseJson(readFileSync(file, "utf8"))).name;
}

async function makeFile(name: string, args: readonly string[]): Promise<void> {
  try {
    await runProgram("ovsdb-tool", args);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError(`the ${name} database could not be made: ${why}`, { cause });
  }
}
