import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { generateModel } from "../../codegen/index.ts";
import { readSchema } from "../../database/index.ts";
import { parseJson } from "../../jsonrpc/index.ts";
import { type DatabaseSchema, parseSchema } from "../../ovsdb/index.ts";
import { CliError } from "../cli-error.ts";
import { connecting, deadlineOf } from "../connection.ts";
import type { Io } from "../io.ts";
import { type GlobalOptions, REMOTE_VARIABLE } from "../options.ts";
import { formatData } from "../output/format.ts";
import { count, printable } from "../output/text.ts";
import { readSource } from "../sources.ts";
import { tryTo } from "../try-to.ts";

/** Options of `codegen`. */
export interface CodegenOptions extends GlobalOptions {
  readonly schema?: string;
  readonly database?: string;
  readonly out: string;
  readonly importFrom: string;
}

/** `codegen`: writes the TypeScript model of a schema, from a file or from a server. */
export async function codegen(options: CodegenOptions, io: Io): Promise<number> {
  // As a rule a variable of the shell that nobody set: the files would go where the command was typed.
  if (options.out === "") throw new CliError("--out is empty: which folder is meant?");
  if (options.importFrom === "") throw new CliError("--import-from is empty: which module is meant?");
  const schema = await schemaOf(options, io);
  const files = generateModel(schema, { importFrom: options.importFrom });
  await tryTo("make", options.out, () => makeFolder(resolve(options.out)));
  let written = 0;
  for (const [name, text] of files) {
    const path = join(options.out, name);
    // A file that is right keeps its time, so that what is built from it is not built again.
    if ((await readFile(path, "utf8").catch(() => undefined)) === text) continue;
    await tryTo("write", path, () => writeFile(path, text));
    written += 1;
  }
  const { name, version } = schema;
  if (options.output === "text")
    io.out(
      `${[name, version].join(" ").trim()}: ${count(files.size, "file")} in ${printable(options.out)}, ${written} of them written\n`,
    );
  else
    io.out(
      await formatData(
        { name, version, folder: options.out, files: [...files.keys()], written },
        options.output,
      ),
    );
  return 0;
}

/**
 * Makes a folder, and those above it. Node.js has an option for that, which never ends, nor lets the process end, where the folder
 * above is there and no other can be made in it, as in `/proc`.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || existsSync(above)) throw error;
    await makeFolder(above);
    await makeFolder(path);
  }
}

function schemaOf(options: CodegenOptions, io: Io): Promise<DatabaseSchema> {
  if (options.schema === undefined) return fetchSchema(options, io);
  if (options.db !== undefined) throw new CliError("--schema and --db exclude each other");
  if (options.database !== undefined)
    throw new CliError("--database goes with --db: a schema file is about one database");
  return readSchemaFile(options.schema, options, io);
}

async function readSchemaFile(file: string, options: CodegenOptions, io: Io): Promise<DatabaseSchema> {
  const { text } = await readSource(file, options, io);
  try {
    return parseSchema(parseJson(text));
  } catch (cause) {
    throw new CliError(
      `${printable(file)}: not a schema of a database: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

async function fetchSchema(options: CodegenOptions, io: Io): Promise<DatabaseSchema> {
  if (options.db === undefined && !io.env[REMOTE_VARIABLE])
    throw new CliError(`codegen takes a schema: --schema FILE, --db REMOTE or ${REMOTE_VARIABLE}`);
  const name = options.database ?? "OVN_Northbound";
  return connecting(options, io, deadlineOf(options, io), (remote, connectOptions) =>
    readSchema(name, remote, connectOptions),
  );
}
