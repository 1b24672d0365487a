import type { AnyRow } from "../database/index.ts";
import { type ColumnChanges, changeRow } from "./change-row.ts";
import type { ColumnChange } from "./desired.ts";
import { insertedColumns, insertRow, statesUuids } from "./insert-row.ts";
import { linkRow } from "./link-row.ts";
import type { Merged } from "./merge-rows.ts";
import type { Placement } from "./placement.ts";
import type { Stage } from "./stage.ts";

/** What is done about rows, as far as it is known from the database; the rest is in the desired rows. */
export class Steps {
  /** What changes in rows that exist, and of what is inserted that which cannot be told later. */
  readonly columns: Map<Placement, ColumnChanges> = new Map();
  /** What inserted rows took over from rows that they replace. */
  readonly carried: Map<Placement, readonly string[]> = new Map();
  /** Rows that exist and were put into a set, with the names of those whose sets they left. */
  readonly linked: Map<Placement, readonly string[]> = new Map();
  readonly #stage: Stage;
  readonly #merged: Merged | undefined;
  /** Rows that come before the one whose set holds them. */
  readonly #early: Placement[] = [];
  /** For the next row that exists: few of many change, and the others share one map, which stays empty. */
  #changes: ColumnChanges = new Map();

  constructor(stage: Stage, merged: Merged | undefined) {
    this.#stage = stage;
    this.#merged = merged;
  }

  /** Does what is to be done about a row that was placed. */
  take(placement: Placement): void {
    const { existing, parent } = placement;
    if (existing === undefined) this.#insert(placement);
    else this.#change(placement, existing);
    if (parent === undefined) return;
    // Elements given to an inserted row become part of its insert.
    if (parent.existing === undefined && parent.insert === undefined) this.#early.push(placement);
    else this.#link(placement, parent);
  }

  /** Puts rows into the sets of rows that came after them. */
  linkRest(): void {
    for (const placement of this.#early)
      if (placement.parent !== undefined) this.#link(placement, placement.parent);
  }

  #insert(placement: Placement): void {
    const told = insertRow(this.#stage, placement);
    if (told.length > 0) this.carried.set(placement, told);
    // What is not of this plan may be gone when somebody asks for its name.
    if (statesUuids(this.#stage, placement))
      this.columns.set(placement, insertedColumns(this.#stage, placement));
  }

  #change(placement: Placement, existing: AnyRow): void {
    const changes = this.#changes;
    changeRow(this.#stage, placement, existing, changes);
    const gains = this.#merged?.gained.get(placement);
    if (gains !== undefined) for (const [column, gain] of gains) addGain(changes, column, gain);
    if (changes.size === 0) return;
    this.columns.set(placement, changes);
    this.#changes = new Map();
  }

  #link(placement: Placement, parent: Placement): void {
    const from = linkRow(this.#stage, placement, parent);
    if (from !== undefined && placement.existing !== undefined) this.linked.set(placement, from);
  }
}

/** A set may get elements both because they are wanted and from a duplicate. */
function addGain(changes: ColumnChanges, column: string, gain: ColumnChange): void {
  const { added = [], ...rest } = changes.get(column) ?? {};
  changes.set(column, {
    ...rest,
    ...gain,
    ...(gain.added !== undefined && { added: [...new Set([...added, ...gain.added])] }),
  });
}
