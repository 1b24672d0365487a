import type { AnyRow } from "../database/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import { columnKind, decodeValue, encodeValue, findColumn, type Value, valuesEqual } from "../ovsdb/index.ts";
import { columnOf, kindOf, type PlanContext, readColumn } from "./context.ts";
import type { DesiredRow } from "./desired.ts";
import { AmbiguousRowError } from "./errors.ts";
import { type Placement, Placements, rowId } from "./placement.ts";

/**
 * Finds the existing row of every desired row, or chooses the uuid of its insert.
 *
 * Throws AmbiguousRowError when a name that no index keeps unique belongs to several rows.
 */
export function matchRows(context: PlanContext, rows: readonly DesiredRow[]): Placements {
  return new Matcher(context, rows).placements();
}

class Matcher {
  readonly #context: PlanContext;
  readonly #rows: ReadonlyMap<string, DesiredRow>;
  readonly #placed = new Map<string, Placement>();
  readonly #underWay = new Set<string>();
  /** Two unnamed rows may want the same columns; each existing row serves one of them. */
  readonly #taken = new Map<string, string>();

  constructor(context: PlanContext, rows: readonly DesiredRow[]) {
    this.#context = context;
    this.#rows = new Map(rows.map((row) => [row.key, row]));
  }

  placements(): Placements {
    return new Placements([...this.#rows.keys()].map((key) => this.#place(key)));
  }

  #place(key: string): Placement {
    const known = this.#placed.get(key);
    if (known !== undefined) return known;
    const row = this.#rows.get(key);
    if (row === undefined) throw new UsageError(`there is no desired row ${key}`);
    if (this.#underWay.has(key)) throw new UsageError(`desired row ${key} is recognised by itself`);
    this.#underWay.add(key);
    const placement = this.#locate(row);
    this.#underWay.delete(key);
    this.#placed.set(key, placement);
    return placement;
  }

  #locate(row: DesiredRow): Placement {
    const { view } = this.#context;
    const kind = kindOf(this.#context, row);
    const replaced = row.replaces === undefined ? undefined : view.byUuid(kind.table, row.replaces);
    const existing =
      row.identity === undefined ? this.#byName(row, kind.table) : this.#byIdentity(row, kind.table);
    if (replaced !== undefined && existing !== undefined && existing._uuid !== replaced._uuid) {
      throw new UsageError(
        `desired row ${row.key} replaces ${replaced._uuid}, but ${kind.table} ${row.name} is ${existing._uuid}`,
      );
    }
    const kept = replaced === undefined ? existing : undefined;
    const uuid = kept?._uuid ?? this.#freshUuid(row, kind.table);
    const id = rowId(kind.table, uuid);
    const other = this.#taken.get(id);
    if (other !== undefined)
      throw new UsageError(`desired rows ${other} and ${row.key} are the same row ${uuid}`);
    this.#taken.set(id, row.key);
    return { row, kind, uuid, existing: kept, replaced };
  }

  /** A chosen uuid that another row took (ours, renamed by someone) would be refused for ever. */
  #freshUuid(row: DesiredRow, table: string): string {
    if (row.uuid !== undefined && this.#context.view.byUuid(table, row.uuid) === undefined) return row.uuid;
    return this.#context.random();
  }

  #byName(row: DesiredRow, table: string): AnyRow | undefined {
    const found = this.#context.view.find(table, { name: row.name });
    if (found.length <= 1) return found[0];
    const known = row.replaces ?? row.uuid;
    const meant = found.find((candidate) => candidate._uuid === known);
    if (meant !== undefined) return meant;
    const uuids = found.map((candidate) => candidate._uuid).sort();
    throw new AmbiguousRowError(table, row.name, uuids);
  }

  #byIdentity(row: DesiredRow, table: string): AnyRow | undefined {
    const { identity } = row;
    if (identity === undefined) return undefined;
    const parent = identity.parent === undefined ? undefined : this.#place(identity.parent);
    const holder = parent?.existing ?? parent?.replaced;
    if (parent !== undefined && holder === undefined) return undefined;
    const wanted = this.#wanted(row, table);
    if (wanted === undefined) return undefined;
    const within =
      parent === undefined || holder === undefined || identity.column === undefined
        ? undefined
        : { holder, table: parent.kind.table, column: identity.column };
    const isIt = (candidate: AnyRow): boolean =>
      !this.#taken.has(rowId(table, candidate._uuid)) &&
      [...wanted].every(([column, value]) =>
        valuesEqual(columnOf(this.#context, table, column), readColumn(candidate, table, column), value),
      );
    const isWithin = (candidate: AnyRow): boolean =>
      within === undefined ||
      this.#context.view.has(within.table, within.holder._uuid, within.column, candidate._uuid);
    const keys = identity.keys ?? {};
    // A row that we made is there under the uuid that was chosen for it; many others may have the same values elsewhere.
    const own = row.uuid === undefined ? [] : this.#context.view.find(table, { _uuid: row.uuid, ...keys });
    const [same] = own.filter((candidate) => isWithin(candidate) && isIt(candidate));
    if (same !== undefined) return same;
    const matching = this.#candidates(within, table, wanted, keys).filter(
      (candidate) => isWithin(candidate) && isIt(candidate),
    );
    return matching.sort((a, b) => (a._uuid < b._uuid ? -1 : 1))[0];
  }

  /** The values to look for; undefined when one of them is a row that does not exist yet. */
  #wanted(row: DesiredRow, table: string): ReadonlyMap<string, Value> | undefined {
    let isNew = false;
    const resolve = (reference: { readonly ref: string }): readonly ["uuid", string] => {
      const target = this.#place(reference.ref);
      if (target.existing === undefined) isNew = true;
      return ["uuid", target.uuid];
    };
    const wanted = new Map<string, Value>();
    for (const [column, value] of Object.entries(row.identity?.match ?? {})) {
      const schema = findColumn(this.#context.schema, table, column);
      if (schema === undefined) continue; // left out of the plan, as check-support.ts said
      wanted.set(column, decodeValue(schema, encodeValue({ table, column }, schema, value, resolve)));
    }
    return isNew ? undefined : wanted;
  }

  /** Asks the index where there is one to ask: a set may hold thousands of rows. */
  #candidates(
    within: { readonly holder: AnyRow; readonly table: string; readonly column: string } | undefined,
    table: string,
    wanted: ReadonlyMap<string, Value>,
    keys: NonNullable<NonNullable<DesiredRow["identity"]>["keys"]>,
  ): AnyRow[] {
    const { view } = this.#context;
    const scalars = [...wanted].filter(
      ([column, value]) => columnKind(columnOf(this.#context, table, column)) === "scalar" && value !== null,
    );
    if (scalars.length > 0 || Object.keys(keys).length > 0) {
      return [...view.find(table, { ...Object.fromEntries(scalars), ...keys })];
    }
    if (within === undefined) return [];
    const elements = readColumn(within.holder, within.table, within.column);
    return (Array.isArray(elements) ? elements : [elements]).flatMap((uuid) => {
      const candidate = typeof uuid === "string" ? view.byUuid(table, uuid) : undefined;
      return candidate === undefined ? [] : [candidate];
    });
  }
}
