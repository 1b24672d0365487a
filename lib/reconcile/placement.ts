import type { AnyRow } from "../database/index.ts";
import type { DesiredRow, RowKind } from "./desired.ts";
import type { Insert } from "./insert.ts";
import type { OwnedTargets } from "./kind-targets.ts";

/**
 * A desired row on its way through a plan. There is one object for each, which the steps of planning fill: a literal, since
 * fields of a class are set twice, by a function of their own.
 */
export interface Placement {
  readonly row: DesiredRow;
  readonly kind: RowKind;
  /** What the kind owns. */
  readonly owned: OwnedTargets;
  /** The row whose set holds this one, and that set: `column`. */
  parent: Placement | undefined;
  column: string;
  /** The uuid of the existing row, or the one that the insert takes. Empty as long as it is not decided. */
  uuid: string;
  /** The row of the database that this is. Absent: the row has to be inserted. */
  existing: AnyRow | undefined;
  /** The row of that name which gives way to the inserted one. */
  replaced: AnyRow | undefined;
  /** What is inserted, once that is known. */
  insert: Insert | undefined;
}

/** One of which nothing is known but what is wanted. */
export function newPlacement(row: DesiredRow, kind: RowKind, owned: OwnedTargets): Placement {
  return {
    row,
    kind,
    owned,
    parent: undefined,
    column: "",
    uuid: "",
    existing: undefined,
    replaced: undefined,
    insert: undefined,
  };
}
