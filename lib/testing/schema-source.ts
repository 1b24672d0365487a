import { existsSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { Json } from "../jsonrpc/index.ts";
import { stringifyJson, UsageError } from "../jsonrpc/index.ts";
import type { DatabaseSchema } from "../ovsdb/index.ts";
import { parseSchema, schemaToJson, sketch } from "../ovsdb/index.ts";
import { SandboxError } from "./errors.ts";

/**
 * What a database is made from: `true` for the schema that the installed OVN or Open vSwitch brings, the path of an
 * `.ovsschema` file, what `JSON.parse` makes of one, or a schema object (this library's models, or any subset or superset
 * of one).
 */
export type SchemaSource = true | string | DatabaseSchema | SchemaJson;

/** A schema as an `.ovsschema` file holds it (RFC 7047 section 3.2); members that are not named here may be there, too. */
export interface SchemaJson {
  readonly name: string;
  /** Dotted, three numbers. @default none */
  readonly version?: string;
  readonly tables: { readonly [table: string]: TableJson };
}

/** One table of a {@link SchemaJson}. */
export interface TableJson {
  readonly columns: { readonly [column: string]: { readonly type: string | object } };
  /** Sets of columns that are unique together. @default none */
  readonly indexes?: readonly (readonly string[])[];
  /** @default false, and true for all tables where none is a root */
  readonly isRoot?: boolean;
}

/** The databases that `true` is understood for, by the name of their handle in a sandbox. */
export type WellKnownDatabase = "northbound" | "southbound" | "openvswitch";

interface InstalledSchema {
  readonly file: string;
  readonly folders: readonly string[];
  readonly package: string;
}

// OVN_PKGDATADIR and OVS_PKGDATADIR are the variables that OVN's own scripts take to look elsewhere.
const ovnFolders = [process.env["OVN_PKGDATADIR"], "/usr/share/ovn", "/usr/local/share/ovn"];
const ovsFolders = [process.env["OVS_PKGDATADIR"], "/usr/share/openvswitch", "/usr/local/share/openvswitch"];

const installed: Readonly<Record<WellKnownDatabase, InstalledSchema>> = {
  // Open vSwitch's folder too: OVN was a part of it until 2.12.
  northbound: {
    file: "ovn-nb.ovsschema",
    folders: present([...ovnFolders, ...ovsFolders]),
    package: "ovn-central",
  },
  southbound: {
    file: "ovn-sb.ovsschema",
    folders: present([...ovnFolders, ...ovsFolders]),
    package: "ovn-central",
  },
  openvswitch: { file: "vswitch.ovsschema", folders: present(ovsFolders), package: "openvswitch-switch" },
};

/**
 * Path of the schema file that the installed OVN or Open vSwitch brings.
 *
 * @param root a folder that is another machine's file system; the path is the one there. Default: this machine's
 * @throws SandboxError naming the folders looked in when there is none, UsageError for another database.
 */
export function installedSchema(database: WellKnownDatabase, root = ""): string {
  if (!Object.hasOwn(installed, database)) {
    const known = Object.keys(installed).join(", ");
    throw new UsageError(`the schemas that are installed are of ${known}, and not of ${sketch(database)}`);
  }
  const { file, folders, package: debian } = installed[database];
  const path = folders
    .map((folder) => join(folder, file))
    .find((candidate) => existsSync(`${root}${candidate}`));
  if (path === undefined) {
    throw new SandboxError(
      `no ${file} in ${folders.join(", ")}: install ${debian}, or give a schema instead of \`true\``,
    );
  }
  return path;
}

/**
 * Path of a schema file for `source`; a schema object is written to `target` first.
 *
 * @throws SandboxError for a file that is not there, and for an object that is no schema.
 */
export function schemaFile(source: SchemaSource, database: string, target: string): string {
  if (source === true) {
    if (!Object.hasOwn(installed, database)) {
      throw new SandboxError(`no schema is known for "${database}": give a schema object or a schema file`);
    }
    return installedSchema(database as WellKnownDatabase);
  }
  if (typeof source === "string") {
    const path = isAbsolute(source) ? source : resolve(source);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new SandboxError(`no schema file ${path}`);
    }
    return path;
  }
  writeFileSync(target, stringifyJson(isOurs(source) ? schemaToJson(source) : checkedJson(source, database)));
  return target;
}

/** Tells this library's form from that of RFC 7047, which has a `type` where this one has a `key`. */
function isOurs(source: unknown): source is DatabaseSchema {
  return (
    isObject(source) &&
    typeof source["version"] === "string" &&
    membersOf(source["tables"])?.every(
      (table) =>
        isObject(table) &&
        Array.isArray(table["indexes"]) &&
        membersOf(table["columns"])?.every((column) => isObject(column) && isObject(column["key"])),
    ) === true
  );
}

function membersOf(value: unknown): unknown[] | undefined {
  return isObject(value) ? Object.values(value) : undefined;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As it came: what the library does not know of, the server may. */
function checkedJson(source: SchemaJson, database: string): Json {
  const json = source as unknown as Json;
  try {
    parseSchema(json);
    return json;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError(
      `the schema for "${database}" is none (${why}): give the path of an .ovsschema file, what JSON.parse makes of one, ` +
        "or a schema of this library, such as a model",
      { cause },
    );
  }
}

function present(folders: readonly (string | undefined)[]): string[] {
  return folders.filter((folder) => folder !== undefined).filter((folder) => folder !== "");
}
