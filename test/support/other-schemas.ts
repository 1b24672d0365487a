import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSchema } from "../../lib/ovsdb/index.ts";
import { northbound } from "../../lib/schemas/index.ts";
import { projectRoot } from "./project.ts";

/**
 * Today's northbound schema as an older server has it: without some tables and columns ("Copp", "Copp.name"), and without
 * what refers to those tables.
 */
export function schemaWithout(version: string, missing: readonly string[]): DatabaseSchema {
  const tables = Object.entries(northbound.tables)
    .filter(([table]) => !missing.includes(table))
    .map(([table, schema]) => {
      const columns = Object.entries(schema.columns).filter(
        ([column, { key, value }]) =>
          !missing.includes(`${table}.${column}`) &&
          !missing.includes(key.refTable ?? "") &&
          !missing.includes(value?.refTable ?? ""),
      );
      const names = columns.map(([column]) => column);
      const indexes = schema.indexes.filter((index) => index.every((column) => names.includes(column)));
      return [table, { ...schema, columns: Object.fromEntries(columns), indexes }] as const;
    });
  // A table cannot be without columns; whatever refers to it goes as well.
  const empty = tables.flatMap(([table, { columns }]) => (Object.keys(columns).length === 0 ? [table] : []));
  if (empty.length > 0) return schemaWithout(version, [...missing, ...empty]);
  return { ...northbound, version, tables: Object.fromEntries(tables) };
}

/** Tables and columns that a model has and a server lacks, as "Copp" and "Copp.name". */
export function lackedBy(server: DatabaseSchema, model: DatabaseSchema = northbound): string[] {
  return Object.entries(model.tables).flatMap(([table, { columns }]) => {
    const known = server.tables[table];
    if (known === undefined) return [table];
    return Object.keys(columns)
      .filter((column) => !Object.hasOwn(known.columns, column))
      .map((column) => `${table}.${column}`);
  });
}

const folder = join(projectRoot, "../shared/schemas");

/** The northbound schemas that OVN's releases brought, where the project's folder of shared files is present. */
export function releasedSchemas(): readonly { readonly version: string; readonly file: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => {
      const version = /^ovn-nb-(.+)\.ovsschema$/.exec(file)?.[1];
      return version === undefined ? [] : [{ version, file: join(folder, file) }];
    })
    .toSorted((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
}
