import { hint, type Json } from "../jsonrpc/index.ts";
import { checkSchema } from "./check-schema.ts";
import { SchemaError } from "./errors.ts";
import { isArray, sketch } from "./narrow.ts";
import type { Atom, AtomicType, BaseType, ColumnSchema, DatabaseSchema, TableSchema } from "./schema.ts";

type Members = { readonly [key: string]: Json };

/**
 * Reads a schema as `get_schema` sends it or an `.ovsschema` file holds it (RFC 7047 section 3.2).
 *
 * Members it does not know (`cksum`, what future servers add) are ignored. A schema without a single root table means
 * that every table is one, as ovsdb-server understands it.
 * @throws SchemaError naming table, column and member.
 */
export function parseSchema(json: Json): DatabaseSchema {
  const members = object(json, "schema");
  const name = identifier(members["name"], "schema.name");
  const tables = Object.entries(object(members["tables"], `${name}.tables`)).map(
    ([table, schema]): [string, TableSchema] => [publicIdentifier(table, "table"), parseTable(table, schema)],
  );
  const anyRoot = tables.some(([, table]) => table.isRoot);
  const schema: DatabaseSchema = {
    name,
    version: members["version"] === undefined ? "" : version(members["version"], `${name}.version`),
    tables: Object.fromEntries(
      anyRoot ? tables : tables.map(([table, rest]) => [table, { ...rest, isRoot: true }]),
    ),
  };
  checkReferences(schema);
  return schema;
}

/** Writes a schema for `ovsdb-tool create` and other readers of JSON; what is at its default is left out. */
export function schemaToJson(schema: DatabaseSchema): Json {
  checkSchema("the schema", schema);
  const { name, version, tables } = schema;
  return {
    name,
    ...(version !== "" && { version }),
    tables: Object.fromEntries(Object.entries(tables).map(([table, rest]) => [table, tableToJson(rest)])),
  };
}

function parseTable(table: string, json: Json): TableSchema {
  const members = object(json, table);
  const columns = Object.fromEntries(
    Object.entries(object(members["columns"], `${table}.columns`)).map(([column, schema]) => [
      publicIdentifier(column, `column of ${table}`),
      parseColumn(`${table}.${column}`, schema),
    ]),
  );
  const indexes = list(members["indexes"] ?? [], `${table}.indexes`).map((index) =>
    list(index, `${table}.indexes`).map((column) => {
      const name = identifier(column, `${table}.indexes`);
      if (!Object.hasOwn(columns, name))
        throw new SchemaError(`${table}.indexes: no column ${name}${hint(name, Object.keys(columns))}`);
      return name;
    }),
  );
  const { maxRows } = members;
  return {
    columns,
    indexes,
    isRoot: boolean(members["isRoot"] ?? false, `${table}.isRoot`),
    ...(maxRows !== undefined && { maxRows: count(maxRows, `${table}.maxRows`) }),
  };
}

function parseColumn(where: string, json: Json): ColumnSchema {
  const members = object(json, where);
  return {
    ...parseType(where, members["type"] ?? null),
    ...(boolean(members["ephemeral"] ?? false, `${where}.ephemeral`) && { ephemeral: true }),
    ...(!boolean(members["mutable"] ?? true, `${where}.mutable`) && { mutable: false }),
  };
}

function parseType(where: string, json: Json): Pick<ColumnSchema, "key" | "value" | "min" | "max"> {
  if (typeof json === "string") return { key: parseBase(`${where}.type`, json), min: 1, max: 1 };
  const members = object(json, `${where}.type`);
  const { value, min = 1, max = 1 } = members;
  if (min !== 0 && min !== 1) throw new SchemaError(`${where}.min: must be 0 or 1, not ${sketch(min)}`);
  return {
    key: parseBase(`${where}.key`, members["key"] ?? null),
    ...(value !== undefined && { value: parseBase(`${where}.value`, value) }),
    min,
    max: max === "unlimited" ? max : count(max, `${where}.max`),
  };
}

const atomicTypes: readonly string[] = [
  "integer",
  "real",
  "boolean",
  "string",
  "uuid",
] satisfies AtomicType[];

function parseBase(where: string, json: Json): BaseType {
  if (typeof json === "string") return { type: atomicType(json, where) };
  const members = object(json, where);
  const type = atomicType(members["type"] ?? null, `${where}.type`);
  // A constraint of another type would have no effect; ovsdb-server refuses it, and so a typing error is found.
  const constraints = { ...parseEnum(type, members, where), ...parseBounds(type, members, where) };
  return { type, ...constraints, ...(type === "uuid" && parseReference(members, where)) };
}

function parseEnum(type: AtomicType, members: Members, where: string): Pick<BaseType, "enum"> {
  const json = members["enum"];
  if (json === undefined) return {};
  const set = isArray(json) && json[0] === "set" ? list(json[1] ?? null, `${where}.enum`) : [json];
  if (set.length === 0) throw new SchemaError(`${where}.enum: allows no value`);
  return { enum: set.map((value) => enumAtom(type, value, `${where}.enum`)) };
}

function enumAtom(type: AtomicType, json: Json, where: string): Atom {
  const isUuidPair = isArray(json) && json.length === 2 && json[0] === "uuid";
  const atom = type === "uuid" ? (isUuidPair ? json[1] : undefined) : number(type, json);
  const fits =
    type === "uuid"
      ? typeof atom === "string"
      : isNumeric(type)
        ? isNumber(type, atom)
        : typeof atom === type;
  if (fits) return atom as Atom;
  throw new SchemaError(`${where}: ${sketch(json)} is not of type ${type}`);
}

function isNumeric(type: AtomicType): type is "integer" | "real" {
  return type === "integer" || type === "real";
}

/** A JSON number of many digits is a bigint until it is known that it stands for a real. */
function number(type: AtomicType, json: Json): Json {
  return type === "real" && typeof json === "bigint" ? Number(json) : json;
}

function isNumber(type: "integer" | "real", json: Json | undefined): json is number | bigint {
  return type === "real" ? typeof json === "number" : typeof json === "bigint" || Number.isSafeInteger(json);
}

const boundNames = {
  integer: ["minInteger", "maxInteger"],
  real: ["minReal", "maxReal"],
  string: ["minLength", "maxLength"],
} as const;

function parseBounds(type: AtomicType, members: Members, where: string): Partial<BaseType> {
  for (const [of, names] of Object.entries(boundNames)) {
    const stray = of === type ? undefined : names.find((name) => members[name] !== undefined);
    if (stray !== undefined) throw new SchemaError(`${where}.${stray}: not for type ${type}`);
  }
  if (type === "boolean" || type === "uuid") return {};
  const bounds = boundNames[type].flatMap((name): [string, number | bigint][] => {
    const json = members[name];
    return json === undefined ? [] : [[name, bound(type, json, `${where}.${name}`)]];
  });
  const [low, high] = bounds;
  if (low !== undefined && high !== undefined && low[1] > high[1]) {
    throw new SchemaError(`${where}: ${low[0]} ${low[1]} is above ${high[0]} ${high[1]}`);
  }
  return Object.fromEntries(bounds);
}

function bound(type: "integer" | "real" | "string", json: Json, where: string): number | bigint {
  if (type === "string") {
    if (typeof json === "number" && Number.isSafeInteger(json) && json >= 0) return json;
  } else {
    const limit = number(type, json);
    if (isNumber(type, limit)) return limit;
  }
  throw new SchemaError(`${where}: ${sketch(json)} is not a bound of type ${type}`);
}

function parseReference(members: Members, where: string): Pick<BaseType, "refTable" | "refType"> {
  const { refTable, refType = "strong" } = members;
  if (refTable === undefined) return {};
  if (refType !== "strong" && refType !== "weak") {
    throw new SchemaError(`${where}.refType: must be "strong" or "weak", not ${sketch(refType)}`);
  }
  return { refTable: identifier(refTable, `${where}.refTable`), refType };
}

function checkReferences(schema: DatabaseSchema): void {
  for (const [table, { columns }] of Object.entries(schema.tables)) {
    for (const [column, { key, value }] of Object.entries(columns)) {
      for (const refTable of [key.refTable, value?.refTable]) {
        if (refTable !== undefined && !Object.hasOwn(schema.tables, refTable)) {
          const meant = hint(refTable, Object.keys(schema.tables));
          throw new SchemaError(
            `${table}.${column}: refers to table ${refTable}, which does not exist${meant}`,
          );
        }
      }
    }
  }
}

function tableToJson(table: TableSchema): Json {
  const { columns, indexes, isRoot, maxRows } = table;
  return {
    columns: Object.fromEntries(
      Object.entries(columns).map(([column, rest]) => [column, columnToJson(rest)]),
    ),
    ...(indexes.length > 0 && { indexes }),
    ...(isRoot && { isRoot }),
    ...(maxRows !== undefined && { maxRows }),
  };
}

function columnToJson(column: ColumnSchema): Json {
  const { key, value, min, max, ephemeral, mutable } = column;
  const plain = value === undefined && min === 1 && max === 1;
  const keyJson = baseToJson(key);
  return {
    type:
      plain && typeof keyJson === "string"
        ? keyJson
        : {
            key: keyJson,
            ...(value !== undefined && { value: baseToJson(value) }),
            ...(min !== 1 && { min }),
            ...(max !== 1 && { max }),
          },
    ...(ephemeral !== undefined && { ephemeral }),
    ...(mutable !== undefined && { mutable }),
  };
}

function baseToJson(base: BaseType): Json {
  const { type, enum: allowed, refType, ...constraints } = base;
  const members = {
    ...(allowed !== undefined && {
      enum: ["set", allowed.map((atom) => (type === "uuid" ? ["uuid", atom] : atom))],
    }),
    ...constraints,
    ...(refType === "weak" && { refType }),
  };
  return Object.keys(members).length === 0 ? type : { type, ...members };
}

function object(json: Json | undefined, where: string): Members {
  if (typeof json === "object" && json !== null && !isArray(json)) return json;
  throw new SchemaError(`${where}: expected an object, got ${sketch(json)}`);
}

function list(json: Json, where: string): readonly Json[] {
  if (isArray(json)) return json;
  throw new SchemaError(`${where}: expected an array, got ${sketch(json)}`);
}

function boolean(json: Json, where: string): boolean {
  if (typeof json === "boolean") return json;
  throw new SchemaError(`${where}: expected true or false, got ${sketch(json)}`);
}

function count(json: Json, where: string): number {
  if (typeof json === "number" && Number.isSafeInteger(json) && json >= 1) return json;
  throw new SchemaError(`${where}: expected an integer of 1 or more, got ${sketch(json)}`);
}

function version(json: Json, where: string): string {
  if (typeof json === "string" && /^\d+\.\d+\.\d+$/.test(json)) return json;
  throw new SchemaError(`${where}: expected three numbers with dots, got ${sketch(json)}`);
}

function atomicType(json: Json, where: string): AtomicType {
  if (typeof json === "string" && atomicTypes.includes(json)) return json as AtomicType;
  throw new SchemaError(`${where}: expected an atomic type, got ${sketch(json)}`);
}

/** An `<id>` of RFC 7047 section 3.1. */
function identifier(json: Json | undefined, where: string): string {
  if (typeof json === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(json)) return json;
  throw new SchemaError(`${where}: expected letters, digits and underscores, got ${sketch(json)}`);
}

/** The name of a table or column; those that begin with an underscore are reserved. */
function publicIdentifier(name: string, what: string): string {
  if (identifier(name, what).startsWith("_"))
    throw new SchemaError(`${what}: ${name} begins with an underscore`);
  return name;
}
