import type { AnyRow } from "../database/index.ts";
import {
  type Atom,
  columnKind,
  defaultValue,
  encodePairs,
  type Ref,
  type Value,
  valuesEqual,
} from "../ovsdb/index.ts";
import { joinKeys, valueKey } from "../replica/index.ts";
import { foreignContents, knownColumns, passReferences } from "./carry-over.ts";
import { type ColumnChanges, lookUp } from "./change-row.ts";
import { readColumn } from "./context.ts";
import type { Change, ColumnChange, Removal } from "./desired.ts";
import type { Target } from "./kind-targets.ts";
import type { Placement } from "./placement.ts";
import { RowMap } from "./row-map.ts";
import { type Stage, wireValue } from "./stage.ts";

/** Duplicates that go, and what the rows that stay get from them. */
export interface Merged {
  readonly gone: readonly Change[];
  readonly gained: ReadonlyMap<Placement, ColumnChanges>;
}

/**
 * Lets duplicates give way to the rows that stay. What hangs on them, and who refers to them, goes over to those; of columns
 * and keys that are not ours goes over what those lack, and where both say something the row that stays is right.
 *
 * The transaction fails if a duplicate has changed meanwhile, so that nothing unseen goes with it.
 */
export function mergeRows(stage: Stage, removals: readonly Removal[]): Merged {
  const merger = new Merger(stage, removals);
  const gone = stage.placements.all.flatMap((placement) =>
    stage.placements.duplicatesOf(placement).map((duplicate) => merger.merge(placement, duplicate)),
  );
  return { gone, gained: merger.gained };
}

class Merger {
  readonly gained = new Map<Placement, ColumnChanges>();
  readonly #stage: Stage;
  readonly #going = new RowMap<Removal>();
  /** See {@link #contentsOf}: by the existing row and its set. */
  readonly #contents = new RowMap<Map<Target, ReadonlySet<string>>>();
  readonly #contentKeys = new Map<string, (row: AnyRow) => string>();

  constructor(stage: Stage, removals: readonly Removal[]) {
    this.#stage = stage;
    for (const removal of removals) this.#going.set(removal.table, removal.uuid, removal);
  }

  merge(placement: Placement, duplicate: AnyRow): Change {
    const { row, kind, uuid } = placement;
    this.#takeContents(placement, duplicate);
    passReferences(this.#stage, placement, duplicate, false);
    this.#leave(placement, duplicate);
    return {
      action: "delete",
      table: kind.table,
      kind: row.kind,
      name: row.name,
      uuid: duplicate._uuid,
      ...(row.network !== undefined && { network: row.network }),
      columns: {},
      reason: `merged into ${uuid}`,
    };
  }

  #takeContents(placement: Placement, duplicate: AnyRow): void {
    for (const [target, value] of foreignContents(this.#stage, placement, duplicate)) {
      const { schema } = target;
      if (columnKind(schema) === "map") this.#takePairs(placement, target, value);
      else if (columnKind(schema) === "set" && schema.key.refTable !== undefined)
        this.#takeElements(placement, target, value);
      else this.#takeValue(placement, target, value);
    }
  }

  #takeElements(placement: Placement, target: Target, value: Value): void {
    const { context, placements, draft, names } = this.#stage;
    const { row, uuid, existing } = placement;
    const { table, column, schema } = target;
    const { refTable = "" } = schema.key;
    const unwanted = lookUp(row.notElements, column) ?? [];
    const added: string[] = [];
    for (const element of Array.isArray(value) ? value : []) {
      if (typeof element !== "string" || unwanted.includes(element)) continue;
      if (placements.isReplaced(refTable, element)) continue;
      if (this.#going.get(refTable, element) !== undefined) continue;
      if (context.view.has(table, uuid, column, element)) continue;
      const known = placements.byUuid(refTable, element);
      // It is put where it belongs, and told there.
      if (known?.parent !== undefined) continue;
      if (existing !== undefined && this.#holdsEqual(existing, target, element)) continue;
      draft.addElement(table, uuid, column, element);
      added.push(names.of(refTable, element));
    }
    if (added.length > 0) this.#tell(placement, column, { added });
  }

  /** Whether a row without a name is there already, word by word: two routers of one name have many of those. */
  #holdsEqual(existing: AnyRow, target: Target, element: string): boolean {
    const { refTable = "" } = target.schema.key;
    const row = this.#stage.context.view.byUuid(refTable, element);
    return row !== undefined && this.#contentsOf(existing, target).has(this.#contentKey(refTable)(row));
  }

  /** What the rows in a set of an existing row are, made once: to compare each of many with each would not end. */
  #contentsOf(existing: AnyRow, target: Target): ReadonlySet<string> {
    const { table, column, schema } = target;
    const { refTable = "" } = schema.key;
    const known = this.#contents.get(table, existing._uuid)?.get(target);
    if (known !== undefined) return known;
    const keyOf = this.#contentKey(refTable);
    const contents = new Set<string>();
    const elements = readColumn(existing, table, column);
    for (const uuid of Array.isArray(elements) ? elements : []) {
      const row = typeof uuid === "string" ? this.#stage.context.view.byUuid(refTable, uuid) : undefined;
      if (row !== undefined) contents.add(keyOf(row));
    }
    const sets = this.#contents.get(table, existing._uuid) ?? new Map<Target, ReadonlySet<string>>();
    this.#contents.set(table, existing._uuid, sets.set(target, contents));
    return contents;
  }

  /** Makes of a row of a table a text that is the same for rows with the same in all columns. */
  #contentKey(table: string): (row: AnyRow) => string {
    const known = this.#contentKeys.get(table);
    if (known !== undefined) return known;
    const columns = knownColumns(this.#stage, table).map(({ column, schema }) => {
      const key = valueKey(schema);
      return (row: AnyRow): unknown => key(row[column] ?? null);
    });
    const keyOf = (row: AnyRow): string => joinKeys(columns.map((key) => key(row)));
    this.#contentKeys.set(table, keyOf);
    return keyOf;
  }

  #takePairs(placement: Placement, target: Target, value: Value): void {
    const { draft, placements } = this.#stage;
    const { kind, uuid, existing } = placement;
    const { table, column, schema } = target;
    const owned = lookUp(kind.keys, column) ?? [];
    const there = existing === undefined ? {} : pairsOf(readColumn(existing, table, column));
    const told = this.gained.get(placement);
    const pairs = Object.entries(pairsOf(value)).filter(
      ([key]) => !owned.includes(key) && !Object.hasOwn(there, key) && told?.has(`${column}:${key}`) !== true,
    );
    if (pairs.length === 0) return;
    draft.changeKeys(
      table,
      uuid,
      column,
      [],
      encodePairs(target, schema, Object.fromEntries(pairs), placements.resolve),
    );
    for (const [key, each] of pairs) this.#tell(placement, `${column}:${key}`, { new: each });
  }

  #takeValue(placement: Placement, target: Target, value: Value): void {
    const { draft, names } = this.#stage;
    const { table, column, schema } = target;
    const { uuid, existing } = placement;
    const isFree =
      existing !== undefined &&
      valuesEqual(schema, readColumn(existing, table, column), defaultValue(schema));
    if (!isFree || this.gained.get(placement)?.has(column) === true) return;
    draft.update(table, uuid, column, wireValue(this.#stage, target, value));
    this.#tell(placement, column, { old: defaultValue(schema), new: names.readable(schema, value) });
  }

  /** A row that lives in a set leaves that of the row's parent; where that is a duplicate, too, it goes with it. */
  #leave({ kind, parent, column }: Placement, duplicate: AnyRow): void {
    const { context, draft } = this.#stage;
    if (kind.root) {
      draft.delete(kind.table, duplicate._uuid);
      return;
    }
    if (parent === undefined) return;
    const { table } = parent.kind;
    if (context.view.has(table, parent.uuid, column, duplicate._uuid))
      draft.removeElement(table, parent.uuid, column, duplicate._uuid);
  }

  #tell(placement: Placement, column: string, change: ColumnChange): void {
    const told = this.gained.get(placement) ?? new Map<string, ColumnChange>();
    this.gained.set(placement, told);
    const before = told.get(column)?.added ?? [];
    told.set(column, change.added === undefined ? change : { added: [...before, ...change.added] });
  }
}

function pairsOf(value: Value): Readonly<Record<string, Atom | Ref>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Atom | Ref>>)
    : {};
}
