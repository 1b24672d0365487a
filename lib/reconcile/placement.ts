import type { AnyRow } from "../database/index.ts";
import type { Json } from "../jsonrpc/index.ts";
import type { Ref } from "../ovsdb/index.ts";
import type { DesiredRow, RefTo, RowKind } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import type { Insert } from "./insert.ts";
import type { OwnedTargets } from "./kind-targets.ts";
import { RowMap } from "./row-map.ts";

/** A desired row on its way through a plan. There is one object for each, which the steps of planning fill. */
export class Placement {
  readonly row: DesiredRow;
  readonly kind: RowKind;
  /** What the kind owns. */
  readonly owned: OwnedTargets;
  /** The row whose set holds this one, and that set: `column`. */
  parent: Placement | undefined;
  column = "";
  /** The uuid of the existing row, or the one that the insert takes. Empty as long as it is not decided. */
  uuid = "";
  /** The row of the database that this is. Absent: the row has to be inserted. */
  existing: AnyRow | undefined;
  /** The row of that name which gives way to the inserted one. */
  replaced: AnyRow | undefined;
  /** What is inserted, once that is known. */
  insert: Insert | undefined;

  constructor(row: DesiredRow, kind: RowKind, owned: OwnedTargets) {
    this.row = row;
    this.kind = kind;
    this.owned = owned;
  }
}

/** Which rows of the database the desired rows are, or will be. */
export class Placements {
  /** In the order of the desired rows; without those that are settled. */
  readonly all: readonly Placement[];
  readonly #rows: DesiredRows;
  readonly #replaced: RowMap<Placement>;
  readonly #duplicates: ReadonlyMap<string, readonly AnyRow[]>;
  #byUuid: RowMap<Placement> | undefined;

  constructor(
    rows: DesiredRows,
    replaced: RowMap<Placement>,
    duplicates: ReadonlyMap<string, readonly AnyRow[]>,
  ) {
    this.all = rows.all;
    this.#rows = rows;
    this.#replaced = replaced;
    this.#duplicates = duplicates;
  }

  /** Throws UsageError when there is no such row. */
  get(key: string): Placement {
    return this.#rows.known(key);
  }

  byUuid(table: string, uuid: string): Placement | undefined {
    if (this.#byUuid === undefined) {
      // Most plans never ask.
      this.#byUuid = new RowMap();
      for (const placement of this.all) this.#byUuid.set(placement.kind.table, placement.uuid, placement);
    }
    return this.#byUuid.get(table, uuid) ?? this.#rows.settled.byUuid(table, uuid);
  }

  uuidOf(reference: RefTo): string {
    return this.#rows.known(reference.ref).uuid;
  }

  /** Rows that give way to this one because they are the same over again. None unless a merge was asked for. */
  duplicatesOf({ row }: Placement): readonly AnyRow[] {
    return this.#duplicates.get(row.key) ?? [];
  }

  /** Whether the row gives way to another one in this plan, so that nothing needs to be taken out of it. */
  isReplaced(table: string, uuid: string): boolean {
    return this.#replaced.get(table, uuid) !== undefined;
  }

  /** References in a form that can be compared with what the replica holds; an inserted row equals nothing there. */
  readonly resolve = (reference: Ref): Json => ["uuid", this.uuidOf(reference)];
}
