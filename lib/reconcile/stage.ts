import type { Json } from "../jsonrpc/index.ts";
import type { ResolveRef, Value, WriteRef } from "../ovsdb/index.ts";
import { isRefTo } from "./check-desired.ts";
import type { PlanContext } from "./context.ts";
import type { DesiredValue, RefTo } from "./desired.ts";
import type { KindTargets, Target } from "./kind-targets.ts";
import type { Placements } from "./placements.ts";
import type { RowNames } from "./row-names.ts";
import type { TransactionDraft } from "./transaction-draft.ts";
import { isWholeMap } from "./whole-map.ts";

/** What the steps share that turn placed rows into operations. */
export interface Stage {
  readonly context: PlanContext;
  readonly placements: Placements;
  readonly names: RowNames;
  readonly draft: TransactionDraft;
  readonly kinds: KindTargets;
  /** The wire form of a reference to a desired row. */
  readonly resolve: ResolveRef;
  /** The same as JSON text. */
  readonly writeRef: WriteRef;
}

/** The desired value as the replica would show it. Throws ValidationError when the schema does not allow it. */
export function comparableValue(stage: Stage, target: Target, value: DesiredValue): Value {
  return target.codec.decode(target.codec.encode(target, plainMap(value), stage.placements.resolve));
}

/** The value's wire form, with references to inserted rows. Throws ValidationError when the schema does not allow it. */
export function wireValue(stage: Stage, target: Target, value: unknown): Json {
  return target.codec.encode(target, plainMap(value), stage.resolve);
}

/** The wire form as JSON text. Throws ValidationError when the schema does not allow the value. */
export function valueText(stage: Stage, target: Target, value: unknown): string {
  return target.writer.write(target, typeof value === "object" ? plainMap(value) : value, stage.writeRef);
}

/** The pairs of a whole map; any other value as it is. */
function plainMap(value: unknown): unknown {
  return isWholeMap(value) ? value.map : value;
}

/**
 * Guards the existing rows that a value refers to strongly.
 *
 * Were one deleted meanwhile, the server would refuse the commit as a broken reference, which looks like a mistake of
 * ours; a failed wait says that planning again helps.
 */
export function expectReferenced(stage: Stage, target: Target, value: DesiredValue): void {
  if (target.schema.key.refType !== "strong") return;
  if (Array.isArray(value)) for (const element of value) expectRow(stage, element);
  else expectRow(stage, value);
}

/** The same of elements of a set, where uuids are those of existing rows. */
export function expectElements(stage: Stage, target: Target, elements: readonly (RefTo | string)[]): void {
  const { refType, refTable } = target.schema.key;
  if (refType !== "strong" || refTable === undefined) return;
  for (const element of elements) {
    if (typeof element !== "string") expectRow(stage, element);
    // One that is not there is for the server to refuse: to wait for it would take all the time there is.
    else if (stage.context.view.byUuid(refTable, element) !== undefined)
      stage.draft.expectRow(refTable, element);
  }
}

function expectRow(stage: Stage, element: unknown): void {
  if (!isRefTo(element)) return;
  const { kind, existing } = stage.placements.get(element.ref);
  if (existing !== undefined) stage.draft.expectRow(kind.table, existing._uuid);
}
