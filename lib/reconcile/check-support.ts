import { UsageError } from "../jsonrpc/index.ts";
import { type DatabaseSchema, findTable, UnsupportedError } from "../ovsdb/index.ts";
import type { PlanContext } from "./context.ts";
import type { DesiredRow, DesiredValue, OmittedColumn, RowKind } from "./desired.ts";
import type { KindTargets, Target } from "./kind-targets.ts";
import type { Placement } from "./placement.ts";
import type { SettledRows } from "./settled-rows.ts";
import { isWholeMap } from "./whole-map.ts";

/** Compares what desired rows need with the server's schema. */
export class SupportCheck {
  readonly #schema: DatabaseSchema;
  readonly #targets: KindTargets;
  readonly #settled: readonly OmittedColumn[];
  /** What these rows do without; most servers have everything. */
  #found: Map<string, OmittedColumn> | undefined;

  /** @param settled Rows that are not looked at, and what they do without. */
  constructor({ schema }: PlanContext, targets: KindTargets, settled: SettledRows) {
    this.#schema = schema;
    this.#targets = targets;
    this.#settled = settled.omitted;
  }

  /** The columns that are left out because rows say that this is fine. */
  get omitted(): readonly OmittedColumn[] {
    if (this.#found === undefined) return this.#settled;
    const all = new Map(this.#settled.map((each) => [nameOf(each), each]));
    for (const [name, each] of this.#found) all.set(name, each);
    return [...all.values()];
  }

  /**
   * Throws UnsupportedError naming the first table or column that a row cannot do without. Wanting nothing in a missing
   * column needs no column.
   */
  check({ row, kind, owned, parent, column }: Placement): void {
    // Nearly all rows are of a kind that the server has every column of, and known by their names.
    if (row.identity !== undefined || !owned.complete) this.#checkColumns(row, kind.table);
    // A row that cannot be put where it belongs would be deleted at once: there is no leaving this column out.
    if (parent === undefined) return;
    const { table } = parent.kind;
    const target = this.#targets.target(table, column);
    if (target === undefined) throw this.#lacks(table, column);
    if (target.schema.key.refTable !== kind.table) throw misplaced(row, kind, target);
  }

  #checkColumns(row: DesiredRow, table: string): void {
    if (findTable(this.#schema, table) === undefined) throw this.#lacks(table, undefined);
    for (const column of neededColumns(row)) {
      if (this.#targets.target(table, column) !== undefined) continue;
      const rule = row.unsupported;
      if (rule === undefined || !Object.hasOwn(rule, column) || rule[column] !== "omit")
        throw this.#lacks(table, column);
      const reason = `${this.#server} has no such column`;
      this.#found ??= new Map();
      this.#found.set(nameOf({ table, column }), { table, column, reason });
    }
  }

  #lacks(table: string, column: string | undefined): UnsupportedError {
    const known = column === undefined ? this.#schema.tables : findTable(this.#schema, table)?.columns;
    return new UnsupportedError(table, column, this.#server, Object.keys(known ?? {}));
  }

  get #server(): string {
    return `the server's schema ${this.#schema.name} ${this.#schema.version}`;
  }
}

/** The error for a row that is to be put where rows of another table are. */
function misplaced(
  { key }: DesiredRow,
  { table }: RowKind,
  { table: home, column, schema }: Target,
): UsageError {
  const { refTable } = schema.key;
  const holds = refTable === undefined ? "no references" : `rows of ${refTable}`;
  return new UsageError(
    `desired row ${key}: its parent's column ${home}.${column} holds ${holds}, and not rows of ${table}`,
  );
}

function nameOf({ table, column }: Pick<OmittedColumn, "table" | "column">): string {
  return `${table}.${column}`;
}

/** The set that holds a desired row: its parent's, or the one its identity is looked up in. */
export function parentLink(row: DesiredRow): { readonly key: string; readonly column: string } | undefined {
  if (row.parent !== undefined) return row.parent;
  if (row.identity === undefined) return undefined;
  const { parent, column } = row.identity;
  return parent === undefined || column === undefined ? undefined : { key: parent, column };
}

function neededColumns(row: DesiredRow): readonly string[] {
  const columns: string[] = row.identity === undefined ? ["name"] : Object.keys(row.identity.match);
  for (const [column, value] of Object.entries(row.columns ?? {})) {
    if (!isEmpty(value)) columns.push(column);
  }
  for (const [column, pairs] of Object.entries(row.keys ?? {})) {
    if (Object.keys(pairs).length > 0) columns.push(column);
  }
  for (const [column, values] of Object.entries({ ...row.elements, ...row.members })) {
    if (values.length > 0) columns.push(column);
  }
  return columns;
}

function isEmpty(value: DesiredValue): boolean {
  if (isWholeMap(value)) return Object.keys(value.map).length === 0;
  return value === null || (Array.isArray(value) && value.length === 0);
}
