import type { AnyRow } from "../database/index.ts";
import { type Json, UsageError } from "../jsonrpc/index.ts";
import type { Ref } from "../ovsdb/index.ts";
import type { DesiredRow, RefTo, RowKind } from "./desired.ts";
import type { Insert } from "./insert.ts";
import type { RowMap } from "./row-map.ts";
import type { SettledRows } from "./settled-rows.ts";

/** Which row of the database a desired row is, or will be. */
export interface Placement {
  readonly row: DesiredRow;
  readonly kind: RowKind;
  /** The uuid of the existing row, or the one that the insert takes. */
  readonly uuid: string;
  /** Absent: the row has to be inserted. */
  readonly existing: AnyRow | undefined;
  /** The row of that name which gives way to the inserted one. */
  readonly replaced: AnyRow | undefined;
  /** What is inserted, once that is known. */
  insert: Insert | undefined;
}

/** The placements of a plan by key and by uuid, in the order of the desired rows. */
export class Placements {
  /** In the order of the desired rows; without those that are settled. */
  readonly all: readonly Placement[];
  readonly #byKey: ReadonlyMap<string, Placement>;
  readonly #byUuid: RowMap<Placement>;
  readonly #replaced: RowMap<Placement>;
  readonly #duplicates: ReadonlyMap<string, readonly AnyRow[]>;
  readonly #settled: SettledRows;

  constructor(
    all: readonly Placement[],
    byKey: ReadonlyMap<string, Placement>,
    byUuid: RowMap<Placement>,
    replaced: RowMap<Placement>,
    duplicates: ReadonlyMap<string, readonly AnyRow[]>,
    settled: SettledRows,
  ) {
    this.all = all;
    this.#byKey = byKey;
    this.#byUuid = byUuid;
    this.#replaced = replaced;
    this.#duplicates = duplicates;
    this.#settled = settled;
  }

  get(key: string): Placement {
    const found = this.#byKey.get(key) ?? this.#settled.get(key);
    if (found === undefined) throw new UsageError(`there is no desired row ${key}`);
    return found;
  }

  byUuid(table: string, uuid: string): Placement | undefined {
    return this.#byUuid.get(table, uuid) ?? this.#settled.byUuid(table, uuid);
  }

  uuidOf(reference: RefTo): string {
    return this.get(reference.ref).uuid;
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
