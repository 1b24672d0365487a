import { checkOptions, hint, UsageError } from "../jsonrpc/index.ts";
import {
  type DatabaseSchema,
  findTable,
  isKeyed,
  type MonitorTable,
  type MonitorTables,
  sketch,
  type TableSchema,
} from "../ovsdb/index.ts";

/** What of one table is replicated. */
export interface TableSelection {
  /** The table as the server describes it, completed with the model's columns that the server lacks. */
  readonly schema: TableSchema;
  /** Columns that can be read. */
  readonly columns: readonly string[];
  /** Columns that exist and were not asked for: reading one throws. */
  readonly hidden: readonly string[];
  /** Columns to ask the server for; `undefined` when it has no such table. */
  readonly request: MonitorTable | undefined;
  /** Whether more is asked for than can be read: what conditions are about. */
  readonly asksForMore: boolean;
}

/**
 * Decides what to monitor: what the caller asked for (by default every table of the model), as far as the server has it.
 *
 * Tables and columns that only the model knows are readable, as empty and as defaults (as in the C client); those that
 * only the server knows are left out unless asked for by name. Throws `UsageError` for names that neither knows, and for what
 * says nothing of a table: it would be taken for all of it.
 */
export function selectTables(
  model: DatabaseSchema,
  server: DatabaseSchema,
  asked: MonitorTables | undefined,
): ReadonlyMap<string, TableSelection> {
  if (asked !== undefined && !isKeyed(asked))
    throw new UsageError(`tables is an object, as in { Chassis: true }, and not ${sketch(asked)}`);
  const tables: MonitorTables =
    asked ?? Object.fromEntries(Object.keys(model.tables).map((table) => [table, true as const]));
  return new Map(
    Object.entries(tables).flatMap(([name, wish]) =>
      // Absent, as with options.
      wish === undefined ? [] : [[name, selectTable(name, model, server, wish)]],
    ),
  );
}

/** Tables that could be replicated. */
export function knownTables(model: DatabaseSchema, server: DatabaseSchema): string[] {
  return Object.keys({ ...model.tables, ...server.tables });
}

/** Why a table that is not replicated cannot be used: nobody named it, or there is none of that name among the `known`. */
export function notMonitored(name: string, known: readonly string[]): UsageError {
  if (known.includes(name)) {
    return new UsageError(`${name} is not monitored: name it in the \`tables\` option`);
  }
  return new UsageError(`there is no table ${name}${hint(name, known)}`);
}

function selectTable(
  name: string,
  modelSchema: DatabaseSchema,
  serverSchema: DatabaseSchema,
  wish: MonitorTable,
): TableSelection {
  const model = findTable(modelSchema, name);
  const server = findTable(serverSchema, name);
  const base = server ?? model;
  if (base === undefined) {
    const known = knownTables(modelSchema, serverSchema);
    throw new UsageError(`there is no table ${name} to monitor${hint(name, known)}`);
  }
  const schema: TableSchema = { ...base, columns: { ...model?.columns, ...server?.columns } };
  const { columns: named, where } = detailed(name, wish);
  for (const column of named ?? []) {
    if (!Object.hasOwn(schema.columns, column))
      throw new UsageError(
        `there is no column ${name}.${column} to monitor${hint(column, Object.keys(schema.columns))}`,
      );
  }
  const columns = named ?? Object.keys((model ?? base).columns);
  const extra = conditionColumns(where).filter(
    (column) => !columns.includes(column) && Object.hasOwn(base.columns, column),
  );
  return {
    schema,
    columns,
    hidden: Object.keys(schema.columns).filter((column) => !columns.includes(column)),
    request:
      server === undefined
        ? undefined
        : {
            columns: [...columns.filter((column) => Object.hasOwn(server.columns, column)), ...extra],
            ...(where === undefined ? {} : { where }),
          },
    asksForMore: extra.length > 0,
  };
}

/**
 * Columns that conditions name. They are monitored, too: ovsdb-server adds those that are not by itself, to what all
 * clients share that ask for the same columns; then it crashes, or leaves out changes. `_uuid`, which is read anyway, is for
 * `monitorRequests`.
 */
function conditionColumns(where: unknown): string[] {
  // What is no condition is refused later.
  const conditions: readonly unknown[] = Array.isArray(where) ? where : [];
  const columns = conditions.map((condition): unknown =>
    Array.isArray(condition) ? condition[0] : undefined,
  );
  return [...new Set(columns)].filter((column) => typeof column === "string");
}

const KEYS = { columns: true, where: true } as const;

/** The long form of a wish: `true` is everything, a list names the columns. */
function detailed(name: string, wish: MonitorTable): Exclude<MonitorTable, true | readonly string[]> {
  if (wish === true) return {};
  if (isList(wish)) return { columns: wish };
  if (!isKeyed(wish))
    throw new UsageError(
      `tables.${name} is true, a list of columns, or { columns, where }, and not ${sketch(wish)}`,
    );
  checkOptions(wish, KEYS, `tables.${name}.`);
  if (wish.columns !== undefined && !Array.isArray(wish.columns))
    throw new UsageError(`tables.${name}.columns is a list of columns, and not ${sketch(wish.columns)}`);
  return wish;
}

function isList(wish: Exclude<MonitorTable, true>): wish is readonly string[] {
  return Array.isArray(wish);
}

/** The part of a selection that the server is asked for. */
export function monitorTables(selection: ReadonlyMap<string, TableSelection>): MonitorTables {
  return Object.fromEntries(
    [...selection].flatMap(([name, { request }]) => (request === undefined ? [] : [[name, request]])),
  );
}
