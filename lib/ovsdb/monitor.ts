import { type Json, type JsonText, ProtocolError, UsageError } from "../jsonrpc/index.ts";
import { checkComparable } from "./condition-value.ts";
import { UnsupportedError } from "./errors.ts";
import { asMembers, sketch } from "./narrow.ts";
import type { Condition, ConditionFunction } from "./operations.ts";
import { type DatabaseSchema, findTable, type TableSchema, uuidColumn } from "./schema.ts";

/** What of one table is monitored: all columns, some columns, or some rows too. */
export type MonitorTable =
  | true
  | readonly string[]
  | {
      /** @default all */
      readonly columns?: readonly string[] | undefined;
      /**
       * Rows for which ANY of these holds (unlike in a transaction); `true` and `false` are allowed. Values are written as RFC 7047
       * has them: a uuid is `["uuid", text]`. Absent: all rows. Empty: none, as ANY of nothing never holds; the IDLs of C and
       * Python have it so, while in the protocol itself an empty list is no limit.
       */
      readonly where?: readonly (Condition | boolean)[] | undefined;
    };

type Conditions = readonly (Condition | boolean)[];

/** What of a database is monitored, by table; nothing of those that are absent or `undefined`. */
export type MonitorTables = { readonly [table: string]: MonitorTable | undefined };

/**
 * Builds the `<monitor-requests>` of `monitor`, `monitor_cond` and `monitor_cond_since`.
 *
 * The server refuses a request with a single unknown name, so tables and columns that `schema` (the server's) lacks
 * are left out. `_uuid` is among the columns where conditions need it, see {@link needsUuid}.
 * @param tables absent: every table with every column.
 * @param version 1 for the `monitor` of RFC 7047, which knows no conditions: `where` is left out and more rows come.
 * @throws UsageError when a `where` is no list of conditions, or has values as rows hold them; ValidationError for a value that
 *   the column cannot be compared with; UnsupportedError when it is about a column that `schema` lacks; leaving it out would
 *   change its meaning.
 */
export function monitorRequests(
  schema: DatabaseSchema,
  tables: MonitorTables | undefined,
  version: 1 | 2 = 2,
): { readonly [table: string]: Json } {
  const requests: [string, Json][] = [];
  for (const name of Object.keys(tables ?? schema.tables)) {
    const table = findTable(schema, name);
    const asked = tables === undefined ? true : tables[name];
    if (table === undefined || asked === undefined) continue;
    const { columns, where } =
      typeof asked === "object" && "length" in asked ? { columns: asked } : readAsked(asked);
    const known = Object.keys(table.columns).filter(
      (column) => columns === undefined || columns.includes(column),
    );
    // Columns are always listed: without a list, `monitor` sends `_version` too.
    const request: { columns: Json; where?: Json } = { columns: known };
    if (where !== undefined) checkConditions(name, where);
    if (where !== undefined && version === 2) {
      const conditions = withoutConstants(knownConditions(name, table, where, schema));
      request.where = conditions;
      if (needsUuid(conditions)) request.columns = [...known, "_uuid"];
    }
    requests.push([name, [request]]);
  }
  return Object.fromEntries(requests);
}

function readAsked(
  asked: Exclude<MonitorTable, readonly string[]>,
): Exclude<MonitorTable, readonly string[] | true> {
  return asked === true ? {} : asked;
}

const FUNCTIONS: Readonly<Record<ConditionFunction, true>> = {
  "<": true,
  "<=": true,
  "==": true,
  "!=": true,
  ">=": true,
  ">": true,
  includes: true,
  excludes: true,
};

/** What the type checker did not see: the server's words for it name neither table nor condition. */
function checkConditions(table: string, where: unknown): void {
  if (!Array.isArray(where)) throw new UsageError(`${table}: conditions are a list, not ${sketch(where)}`);
  for (const condition of where as readonly unknown[]) {
    if (typeof condition === "boolean") continue;
    const [column, test, value] = Array.isArray(condition) ? (condition as readonly unknown[]) : [];
    if (typeof column !== "string" || value === undefined || (condition as readonly unknown[]).length > 3) {
      throw new UsageError(
        `${table}: a condition is [column, function, value], true or false, not ${sketch(condition)}`,
      );
    }
    if (typeof test !== "string" || !Object.hasOwn(FUNCTIONS, test)) {
      const known = Object.keys(FUNCTIONS).join(" ");
      throw new UsageError(
        `${table}.${column}: ${sketch(test)} is no function of conditions, which are ${known}`,
      );
    }
  }
}

function knownConditions(
  name: string,
  table: TableSchema,
  where: Conditions,
  schema: DatabaseSchema,
): Conditions {
  for (const condition of where) {
    if (typeof condition === "boolean") continue;
    const [column, test, value] = condition;
    const known = Object.hasOwn(table.columns, column) ? table.columns[column] : undefined;
    if (known === undefined && column !== "_uuid") {
      const columns = Object.keys(table.columns);
      throw new UnsupportedError(name, column, `${schema.name} ${schema.version}`, columns);
    }
    const form = neededForm(value, known === undefined || known.key.type === "uuid");
    if (form !== undefined) {
      throw new UsageError(`${name}.${column}: in a condition ${form}, and not ${sketch(value)}`);
    }
    checkComparable({ table: name, column }, known ?? uuidColumn, test, value);
  }
  return where;
}

/** How a value is written that was given as rows hold it: the server's words for it name neither table nor column. */
function neededForm(value: Json, isUuid: boolean): string | undefined {
  if (isUuid && typeof value === "string") return 'a uuid is ["uuid", text]';
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return 'a map is ["map", [[key, value], ...]]';
  return ["uuid", "set", "map"].includes(value[0] as string) ? undefined : 'several are ["set", [each, ...]]';
}

/** The same in the fewest words, as ANY has to hold: `true` leaves nothing to say, and where nothing can hold that is `false`. */
function withoutConstants(where: Conditions): readonly (Condition | false)[] {
  if (where.includes(true)) return [];
  const others = where.filter((condition) => typeof condition !== "boolean");
  return others.length === 0 ? [false] : others;
}

/**
 * Whether conditions are about `_uuid` for the server: a constant is, too. ovsdb-server adds columns that conditions are about
 * to a monitor that all clients share that ask for the same columns, and then reads past the ends of rows that it keeps for
 * them: it crashes, or leaves out changes (ovsdb/monitor.c of Open vSwitch, in 3.1 and in 4.0). A column that is asked for
 * from the beginning is not added.
 */
function needsUuid(where: readonly (Condition | false)[]): boolean {
  return where.some((condition) => condition === false || condition[0] === "_uuid");
}

/** What an update says about one row, whatever the version of the monitor. */
export interface RowUpdate {
  readonly table: string;
  readonly uuid: string;
  /**
   * `initial` and `insert`: the new row, columns at their default may be missing (always so in version 2).
   * `modify`: changed columns as differences, see `applyDiff`. `replace`: the whole new row (version 1). `delete`: null.
   */
  readonly kind: "initial" | "insert" | "modify" | "delete" | "replace";
  /** Columns in wire form. */
  readonly columns: { readonly [column: string]: Json } | null;
  /** The same as text, instead of `columns`: they are not parsed before the row is read, as far as that is possible. */
  readonly text?: JsonText | string;
}

/** What the rows of a snapshot are wrapped in, see `CallOptions.cut`: every row of it is an `initial` one. */
export const SNAPSHOT_WRAPPER = "initial";

/**
 * Brings `<table-updates>` into one form.
 *
 * @param version 1 for `update` (and the reply of `monitor`), 2 for `update2` and `update3` (and those of `monitor_cond`
 *   and `monitor_cond_since`).
 * @throws ProtocolError when they are malformed.
 */
export function normaliseUpdates(version: 1 | 2, tableUpdates: Json): RowUpdate[] {
  const read = version === 1 ? readVersion1 : readVersion2;
  const updates: RowUpdate[] = [];
  for (const [table, rows] of Object.entries(asMembers(tableUpdates, "table updates"))) {
    for (const [uuid, change] of Object.entries(asMembers(rows, `updates of ${table}`))) {
      const what = `update of ${table} ${uuid}`;
      updates.push({ table, uuid, ...read(asMembers(change, what), what) });
    }
  }
  return updates;
}

type RowChange = Pick<RowUpdate, "kind" | "columns">;

// RFC 7047 section 4.1.6: `new` alone is an insert, `old` alone a delete, both a modification.
function readVersion1(change: { readonly [key: string]: Json }, what: string): RowChange {
  const { old, new: now } = change;
  if (now !== undefined)
    return { kind: old === undefined ? "insert" : "replace", columns: asMembers(now, what) };
  if (old !== undefined) return { kind: "delete", columns: null };
  throw new ProtocolError(`${what}: neither "old" nor "new"`);
}

// ovsdb-server(7), "Update2 Notification": exactly one of four members.
function readVersion2(change: { readonly [key: string]: Json }, what: string): RowChange {
  const [kind, ...others] = Object.keys(change);
  if (others.length === 0) {
    if (kind === "delete") return { kind, columns: null };
    if (kind === "initial" || kind === "insert" || kind === "modify") {
      return { kind, columns: asMembers(change[kind], what) };
    }
  }
  throw new ProtocolError(
    `${what}: expected one of initial, insert, modify, delete, got ${sketch(Object.keys(change))}`,
  );
}
