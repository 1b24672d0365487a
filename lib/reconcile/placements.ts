import type { AnyRow } from "../database/index.ts";
import type { Json } from "../jsonrpc/index.ts";
import type { Ref } from "../ovsdb/index.ts";
import type { RefTo } from "./desired.ts";
import type { DesiredRows } from "./desired-rows.ts";
import type { Placement } from "./placement.ts";
import { RowMap } from "./row-map.ts";

/** Finds out which rows of the database desired rows are, or will be. */
export interface Placer {
  /** Does it for a row, unless it is done. */
  place(placement: Placement): void;
  /** Told once, when all are placed. */
  allPlaced(): void;
  /** After that: the rows to which rows of the database give way, by those. */
  readonly replaced: RowMap<Placement>;
  /** After that: rows that give way because they are the same over again, by the key of the desired row. */
  readonly duplicates: ReadonlyMap<string, readonly AnyRow[]>;
}

/**
 * Which rows of the database the desired rows are, or will be. Each is placed when somebody first asks about it: a row that is
 * placed and then dealt with at once takes half as long as one that waits until all the others are placed.
 */
export class Placements {
  /** In the order of the desired rows; without those that are settled. */
  readonly all: readonly Placement[];
  readonly #rows: DesiredRows;
  readonly #placer: Placer;
  #allPlaced = false;
  #byUuid: RowMap<Placement> | undefined;

  constructor(rows: DesiredRows, placer: Placer) {
    this.all = rows.all;
    this.#rows = rows;
    this.#placer = placer;
  }

  place(placement: Placement): void {
    if (placement.uuid === "") this.#placer.place(placement);
  }

  placeAll(): void {
    if (this.#allPlaced) return;
    for (const placement of this.all) this.place(placement);
    this.#placer.allPlaced();
    this.#allPlaced = true;
  }

  /** Throws UsageError when there is no such row. */
  get(key: string): Placement {
    const placement = this.#rows.known(key);
    if (placement.uuid === "") this.#placer.place(placement);
    return placement;
  }

  byUuid(table: string, uuid: string): Placement | undefined {
    if (this.#byUuid === undefined) {
      // Most plans never ask.
      this.placeAll();
      this.#byUuid = new RowMap();
      for (const placement of this.all) this.#byUuid.set(placement.kind.table, placement.uuid, placement);
    }
    return this.#byUuid.get(table, uuid) ?? this.#rows.settled.byUuid(table, uuid);
  }

  uuidOf(reference: RefTo): string {
    return this.get(reference.ref).uuid;
  }

  /** The same of an element, which may say itself which existing row it is. */
  uuidOfElement(element: RefTo | string): string {
    return typeof element === "string" ? element : this.uuidOf(element);
  }

  /** Rows that give way to this one because they are the same over again. None unless a merge was asked for. */
  duplicatesOf({ row }: Placement): readonly AnyRow[] {
    this.placeAll();
    return this.#placer.duplicates.get(row.key) ?? [];
  }

  /** Whether the row gives way to another one in this plan, so that nothing needs to be taken out of it. */
  isReplaced(table: string, uuid: string): boolean {
    this.placeAll();
    return this.#placer.replaced.get(table, uuid) !== undefined;
  }

  /** References in a form that can be compared with what the replica holds; an inserted row equals nothing there. */
  readonly resolve = (reference: Ref): Json => ["uuid", this.uuidOf(reference)];
}
