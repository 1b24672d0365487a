import type { AnyRow } from "../database/index.ts";
import { UsageError } from "../jsonrpc/index.ts";
import { columnKind, decodeValue, encodeValue, findColumn, type Value, valuesEqual } from "../ovsdb/index.ts";
import { isRefTo } from "./check-desired.ts";
import { findingsOf } from "./constant-rows.ts";
import { columnOf, type PlanContext, readColumn } from "./context.ts";
import type { DesiredRow, Identity, NamesakeRows } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import { chooseSurvivor, hasSameOwner } from "./duplicates.ts";
import { AmbiguousRowError } from "./errors.ts";
import type { Placement } from "./placement.ts";
import { Placements, type Placer } from "./placements.ts";
import { RowMap } from "./row-map.ts";

/** Which row is which, and rows that bear a name of ours as well. */
export interface Matched {
  readonly placements: Placements;
  /** Those of the rows that were asked for so far. */
  readonly namesakes: readonly NamesakeRows[];
}

/**
 * Finds the existing row of every desired row, or chooses the uuid of its insert, when somebody asks for it.
 *
 * Asking throws AmbiguousRowError when a name that no index keeps unique belongs to several rows, unless they are to be merged.
 */
export function matchRows(context: PlanContext, rows: DesiredRows): Matched {
  const matcher = new Matcher(context, rows);
  return { placements: new Placements(rows, matcher), namesakes: matcher.namesakes };
}

class Matcher implements Placer {
  readonly replaced = new RowMap<Placement>();
  readonly duplicates = new Map<string, readonly AnyRow[]>();
  readonly namesakes: NamesakeRows[] = [];
  readonly #context: PlanContext;
  readonly #rows: DesiredRows;
  readonly #underWay = new Set<Placement>();
  /** By the existing rows that they are. Two unnamed rows may want the same columns; each existing row serves one of them. */
  readonly #taken = new RowMap<Placement>();

  constructor(context: PlanContext, rows: DesiredRows) {
    this.#context = context;
    this.#rows = rows;
  }

  allPlaced(): void {
    for (const placement of this.duplicates.size === 0 ? [] : this.#rows.all) {
      const { row, kind } = placement;
      // What another desired row is serves that one.
      const going = this.#duplicatesOf(row.key).filter(
        ({ _uuid }) => this.#takenBy(kind.table, _uuid) === undefined,
      );
      this.duplicates.set(row.key, going);
      for (const duplicate of going) this.replaced.set(kind.table, duplicate._uuid, placement);
    }
  }

  /** The desired row that an existing one is. */
  #takenBy(table: string, uuid: string): Placement | undefined {
    return this.#taken.get(table, uuid) ?? this.#rows.settled.byUuid(table, uuid);
  }

  #duplicatesOf(key: string): readonly AnyRow[] {
    return this.duplicates.get(key) ?? [];
  }

  #placeOf(key: string): Placement {
    const placement = this.#rows.known(key);
    this.place(placement);
    return placement;
  }

  place(placement: Placement): void {
    if (placement.uuid !== "") return;
    const { row, kind } = placement;
    const { key, identity } = row;
    if (identity === undefined) {
      const existing = this.#byName(placement);
      // As a rule of what is not there yet: nothing else is to be decided.
      if (existing === undefined && row.replaces === undefined)
        placement.uuid = this.#freshUuid(row, kind.table);
      else this.#locate(placement, existing);
      return;
    }
    if (this.#underWay.has(placement)) throw new UsageError(`desired row ${key} is recognised by itself`);
    this.#underWay.add(placement);
    this.#locate(placement, this.#byIdentity(placement, identity));
    this.#underWay.delete(placement);
  }

  #locate(placement: Placement, existing: AnyRow | undefined): void {
    const { row } = placement;
    const { table } = placement.kind;
    const replaced = row.replaces === undefined ? undefined : this.#context.view.byUuid(table, row.replaces);
    if (replaced !== undefined && existing !== undefined && existing._uuid !== replaced._uuid) {
      throw new UsageError(
        `desired row ${row.key} replaces ${replaced._uuid}, but ${table} ${row.name} is ${existing._uuid}`,
      );
    }
    if (replaced !== undefined) {
      placement.replaced = replaced;
      this.replaced.set(table, replaced._uuid, placement);
    }
    if (existing === undefined || replaced !== undefined) {
      // No other desired row has this uuid: chosen ones were compared, and no row of the database has it.
      placement.uuid = this.#freshUuid(row, table);
      return;
    }
    const uuid = existing._uuid;
    const other = this.#takenBy(table, uuid);
    if (other !== undefined)
      throw new UsageError(`desired rows ${other.row.key} and ${row.key} are the same row ${uuid}`);
    this.#taken.set(table, uuid, placement);
    placement.uuid = uuid;
    placement.existing = existing;
  }

  /** A chosen uuid that another row took (ours, renamed by someone) would be refused for ever. */
  #freshUuid(row: DesiredRow, table: string): string {
    if (row.uuid !== undefined && this.#context.view.byUuid(table, row.uuid) === undefined) return row.uuid;
    return this.#context.random();
  }

  #byName({ row, kind }: Placement): AnyRow | undefined {
    const { view, onFound, isGoing } = this.#context;
    const { table, shared } = kind;
    const namesakes = view.find(table, { name: row.name });
    const found = isGoing === undefined ? namesakes : namesakes.filter((existing) => !isGoing(existing, row));
    const first = found[0];
    if (first === undefined) return undefined;
    if (onFound !== undefined) for (const existing of found) onFound(existing, row);
    if (found.length === 1) return first;
    const known = row.replaces ?? row.uuid;
    const meant = found.find((candidate) => candidate._uuid === known);
    if (this.#context.merge && shared !== true && row.replaces === undefined) {
      const kept = meant ?? chooseSurvivor(this.#context, table, [first, ...found.slice(1)]);
      this.duplicates.set(row.key, sorted(found.filter((candidate) => candidate !== kept)));
      return kept;
    }
    const uuids = sorted(found).map((candidate) => candidate._uuid);
    if (meant === undefined) throw new AmbiguousRowError(table, row.name, uuids, shared);
    const others = uuids.filter((uuid) => uuid !== meant._uuid);
    this.namesakes.push({ table, name: row.name, kept: meant._uuid, others });
    return meant;
  }

  #byIdentity(placement: Placement, identity: Identity): AnyRow | undefined {
    const { row } = placement;
    const { table } = placement.kind;
    const parent = identity.parent === undefined ? undefined : this.#placeOf(identity.parent);
    const holder = parent?.existing ?? parent?.replaced;
    if (parent !== undefined && holder === undefined) return undefined;
    if (this.#context.merge) return this.#searchAll(placement, identity, parent, holder);
    const findings = findingsOf(row);
    const before = findings?.match;
    if (before !== undefined && before.holder === holder && this.#isFree(table, before.existing))
      return before.existing;
    const [found] = this.#matching(placement, identity, parent, holder);
    const isFixed = identity.parent !== undefined && !Object.values(identity.match).some(isRefTo);
    if (findings !== undefined && found !== undefined && isFixed)
      findings.match = { holder, existing: found };
    return found;
  }

  /** Whether this version of a row is still the newest, and no other desired row's. */
  #isFree(table: string, row: AnyRow): boolean {
    return (
      this.#context.view.byUuid(table, row._uuid) === row && this.#takenBy(table, row._uuid) === undefined
    );
  }

  /** Looks at duplicates of the row that holds this one, too, and takes down what else is this row. */
  #searchAll(
    placement: Placement,
    identity: Identity,
    parent: Placement | undefined,
    holder: AnyRow | undefined,
  ): AnyRow | undefined {
    const { row } = placement;
    const { table, shared } = placement.kind;
    const holders = parent === undefined ? [] : this.#duplicatesOf(parent.row.key);
    const [kept, ...others] = [
      ...this.#matching(placement, identity, parent, holder, true),
      ...holders.flatMap((each) => this.#matching(placement, identity, parent, each, true)),
    ];
    const same = new Map(
      others
        .filter((other) => other._uuid !== kept?._uuid && hasSameOwner(this.#context, table, row, other))
        .map((other) => [other._uuid, other]),
    );
    if (same.size > 0 && shared !== true) this.duplicates.set(row.key, [...same.values()]);
    return kept;
  }

  /** Rows that are this one, the best of them first; all of them, or perhaps the first only. */
  #matching(
    { row, kind }: Placement,
    identity: Identity,
    parent: Placement | undefined,
    holder: AnyRow | undefined,
    all = false,
  ): readonly AnyRow[] {
    const { table } = kind;
    const { view } = this.#context;
    const wanted = this.#wanted(row, table);
    if (wanted === undefined) return [];
    const within =
      parent === undefined || holder === undefined || identity.column === undefined
        ? undefined
        : { holder, table: parent.kind.table, column: identity.column };
    const isIt = (candidate: AnyRow): boolean =>
      this.#takenBy(table, candidate._uuid) === undefined &&
      [...wanted].every(([column, value]) =>
        valuesEqual(columnOf(this.#context, table, column), readColumn(candidate, table, column), value),
      );
    const isWithin = (candidate: AnyRow): boolean =>
      within === undefined || view.has(within.table, within.holder._uuid, within.column, candidate._uuid);
    const keys = identity.keys ?? {};
    // A row that we made is there under the uuid that was chosen for it; many others may have the same values elsewhere.
    const made = row.uuid === undefined ? undefined : view.byUuid(table, row.uuid);
    const own = made === undefined ? [] : view.find(table, { _uuid: made._uuid, ...keys });
    const [same] = own.filter((candidate) => isWithin(candidate) && isIt(candidate));
    if (same !== undefined && !all) return [same];
    const matching = this.#candidates(within, table, wanted, keys).filter(
      (candidate) => isWithin(candidate) && isIt(candidate),
    );
    if (matching.length === 0) {
      const isUnmarked = made !== undefined && hasLost(made, keys) && isWithin(made) && isIt(made);
      return isUnmarked ? [made] : [];
    }
    // A row with our marks is ours; one without may be somebody else's and only look like it.
    const isMarked = (candidate: AnyRow): boolean => hasSameOwner(this.#context, table, row, candidate);
    const [marked, others] = matching.length < 2 ? [matching, []] : partition(matching, isMarked);
    const best = [...sorted(marked), ...sorted(others)];
    return same === undefined ? best : [same, ...best.filter(({ _uuid }) => _uuid !== same._uuid)];
  }

  /** The values to look for; undefined when one of them is a row that does not exist yet. */
  #wanted(row: DesiredRow, table: string): ReadonlyMap<string, Value> | undefined {
    let isNew = false;
    const resolve = (reference: { readonly ref: string }): readonly ["uuid", string] => {
      const target = this.#placeOf(reference.ref);
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

/** Whether a row has none of those keys any more, as when somebody wrote the map as a whole. */
function hasLost(row: AnyRow, keys: NonNullable<Identity["keys"]>): boolean {
  return Object.entries(keys).every(([column, pairs]) =>
    Object.keys(pairs).every((key) => !Object.hasOwn(Object(row[column]), key)),
  );
}

function partition(rows: readonly AnyRow[], test: (row: AnyRow) => boolean): readonly [AnyRow[], AnyRow[]] {
  return [rows.filter(test), rows.filter((row) => !test(row))];
}

function sorted(rows: readonly AnyRow[]): readonly AnyRow[] {
  return rows.toSorted((a, b) => (a._uuid < b._uuid ? -1 : 1));
}
