import { type BaseType, type ColumnSchema, problemOfDefault, type TableSchema } from "../ovsdb/index.ts";
import { type ColumnTypes, columnTypes, enumUnion } from "./column-types.ts";
import { describeColumn, describeTable } from "./describe.ts";
import { lineWidth, literal, printLiteral } from "./literal.ts";
import { pascal, type TableNames } from "./names.ts";

/** Unions longer than this get a name of their own, so that a column stays on its line. */
const longestUnion = 60;

interface Column {
  readonly name: string;
  readonly schema: ColumnSchema;
  readonly comment: string;
  readonly types: ColumnTypes;
}

/** The text of one table's file, without its header. Columns and enums must be in order already. */
export function tableFile(table: string, schema: TableSchema, names: TableNames, importFrom: string): string {
  const enums = longEnums(schema, names.type);
  const columns = Object.entries(schema.columns).map(
    ([name, column]): Column => ({
      name,
      schema: column,
      comment: describeColumn(column),
      types: columnTypes(column, (base) => enums.get(base)?.name),
    }),
  );
  const body = [
    ...[...enums].map(([base, { name, column }]) => enumType(base, name, `${table}.${column}`)),
    rowInterface(table, schema, names, columns),
    insertInterface(table, names, columns),
    updateType(table, names, columns),
    tableTypes(table, names),
    schemaConstant(table, schema, names),
  ].join("\n");
  return `${importLine(body, importFrom)}\n${body}`;
}

interface LongEnum {
  readonly name: string;
  readonly column: string;
}

function longEnums(schema: TableSchema, type: string): Map<BaseType, LongEnum> {
  const names = new Map<BaseType, LongEnum>();
  const taken = new Set<string>();
  for (const [column, { key, value }] of Object.entries(schema.columns)) {
    for (const [base, ending] of [
      [key, value === undefined ? "Value" : "Key"],
      [value, "Value"],
    ] as const) {
      if (base === undefined || base.type === "uuid" || enumUnion(base).length <= longestUnion) continue;
      let name = `${type}${pascal(column)}${ending}`;
      while (taken.has(name)) name += "2";
      taken.add(name);
      names.set(base, { name, column });
    }
  }
  return names;
}

function enumType(base: BaseType, name: string, where: string): string {
  const comment = `/** What ${where} may hold. */\n`;
  const flat = `${comment}export type ${name} = ${enumUnion(base)};\n`;
  if (flat.length - comment.length - 1 <= lineWidth) return flat;
  return `${comment}export type ${name} =\n${(base.enum ?? []).map((atom) => `  | ${literal(atom)}`).join("\n")};\n`;
}

function rowInterface(
  table: string,
  schema: TableSchema,
  names: TableNames,
  columns: readonly Column[],
): string {
  const members = columns.map(({ name, comment, types }) =>
    member(comment, `readonly ${name}: ${types.row};`),
  );
  return (
    `/**\n * A row of ${table}.\n *\n * ${describeTable(schema)}\n */\n` +
    `export interface ${names.type}Row {\n  readonly _uuid: Uuid<"${table}">;\n${members.join("")}}\n`
  );
}

function insertInterface(table: string, names: TableNames, columns: readonly Column[]): string {
  const members = columns.map(({ name, schema, comment, types }) =>
    member(comment, `readonly ${name}${isNeeded(schema) ? "" : "?"}: ${types.input};`),
  );
  const head = `/** What an insert into ${table} takes. A column left out is empty, 0, false or "". */\n`;
  if (members.length === 0)
    return `${head}export type ${names.type}Insert = Readonly<Record<string, never>>;\n`;
  return `${head}export interface ${names.type}Insert {\n${members.join("")}}\n`;
}

/** Whether an insert must set a column, since the server refuses its default. */
function isNeeded(column: ColumnSchema): boolean {
  return problemOfDefault(column) !== undefined;
}

function updateType(table: string, names: TableNames, columns: readonly Column[]): string {
  const fixed = columns.filter(({ schema }) => schema.mutable === false).map(({ name }) => `"${name}"`);
  const head = `/** What an update of ${table} takes. A column left out stays as it is, null clears an optional one. */\n`;
  const all = `${names.type}Insert`;
  const mutable = fixed.length === 0 ? all : `Omit<${all}, ${fixed.join(" | ")}>`;
  const needsAny = columns.some(({ schema }) => schema.mutable !== false && isNeeded(schema));
  const type = needsAny ? `Partial<${mutable}>` : mutable;
  const line = `export type ${names.type}Update = ${type};\n`;
  return head + (line.length - 1 <= lineWidth ? line : line.replace(" = ", " =\n  "));
}

function tableTypes(table: string, names: TableNames): string {
  const { type } = names;
  return (
    `/** The three views of ${table}. */\nexport interface ${type}Types {\n` +
    `  readonly row: ${type}Row;\n  readonly insert: ${type}Insert;\n  readonly update: ${type}Update;\n}\n`
  );
}

function schemaConstant(table: string, schema: TableSchema, names: TableNames): string {
  const columns = Object.entries(schema.columns).map(
    ([name, { key, value, min, max, ephemeral, mutable }]) => {
      // Without it, the type of Object.prototype's member of that name gets in the way.
      const ending = name in Object.prototype ? " as const," : ",";
      const data = { key: { ...key }, value: value && { ...value }, min, max, ephemeral, mutable };
      return `    ${name}: ${printLiteral(data, 4, name.length + 2 + ending.length)}${ending}\n`;
    },
  );
  return (
    `/** The schema of ${table}. */\nexport const ${names.constant}: TableSchema = {\n` +
    `  columns: ${columns.length === 0 ? "{}" : `{\n${columns.join("")}  }`},\n` +
    `  indexes: ${printLiteral(schema.indexes, 2, 10)},\n  isRoot: ${schema.isRoot},\n` +
    `${schema.maxRows === undefined ? "" : `  maxRows: ${schema.maxRows},\n`}};\n`
  );
}

function member(comment: string, line: string): string {
  return `  /** ${comment} */\n  ${line}\n`;
}

function importLine(body: string, importFrom: string): string {
  const used = ["Reference", "TableSchema", "Uuid"].filter(
    (name) => name !== "Reference" || body.includes("Reference<"),
  );
  return `import type { ${used.join(", ")} } from "${importFrom}";\n`;
}
