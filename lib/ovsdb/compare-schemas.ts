import { checkSchema } from "./check-schema.ts";
import { type BaseType, type ColumnSchema, type DatabaseSchema, findColumn, findTable } from "./schema.ts";

/** A column of the model that the server's schema does not have. */
export interface MissingColumn {
  readonly table: string;
  readonly column: string;
}

/** A column that both have, with different types or constraints. */
export interface ChangedColumn extends MissingColumn {
  readonly model: ColumnSchema;
  readonly server: ColumnSchema;
}

/** What a server's schema lacks or has otherwise than a model; what it has beyond the model is not mentioned. */
export interface SchemaDifference {
  readonly missingTables: readonly string[];
  /** Of tables that are there. */
  readonly missingColumns: readonly MissingColumn[];
  readonly changedColumns: readonly ChangedColumn[];
}

/** Compares the schema a program was written for with the one of the server it talks to. Throws `UsageError` for what is no schema. */
export function compareSchemas(model: DatabaseSchema, server: DatabaseSchema): SchemaDifference {
  checkSchema("the model", model);
  checkSchema("the schema of the server", server);
  const missingTables: string[] = [];
  const missingColumns: MissingColumn[] = [];
  const changedColumns: ChangedColumn[] = [];
  for (const [table, { columns }] of Object.entries(model.tables)) {
    if (findTable(server, table) === undefined) {
      missingTables.push(table);
      continue;
    }
    for (const [column, expected] of Object.entries(columns)) {
      const found = findColumn(server, table, column);
      if (found === undefined) missingColumns.push({ table, column });
      else if (!sameColumn(expected, found))
        changedColumns.push({ table, column, model: expected, server: found });
    }
  }
  return { missingTables, missingColumns, changedColumns };
}

function sameColumn(a: ColumnSchema, b: ColumnSchema): boolean {
  return (
    sameBase(a.key, b.key) &&
    sameBase(a.value, b.value) &&
    a.min === b.min &&
    a.max === b.max &&
    a.ephemeral === b.ephemeral &&
    a.mutable === b.mutable
  );
}

const baseMembers = [
  "type",
  "minInteger",
  "maxInteger",
  "minReal",
  "maxReal",
  "minLength",
  "maxLength",
  "refTable",
  "refType",
] as const satisfies readonly (keyof BaseType)[];

function sameBase(a: BaseType | undefined, b: BaseType | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return baseMembers.every((member) => a[member] === b[member]) && sameEnum(a.enum, b.enum);
}

/** Enums are sets: ovsdb-server gives them in an order of its own. */
function sameEnum(a: BaseType["enum"], b: BaseType["enum"]): boolean {
  if (a === undefined || b === undefined) return a === b;
  const allowed = new Set(a);
  return allowed.size === new Set(b).size && b.every((value) => allowed.has(value));
}
