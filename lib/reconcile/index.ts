/// <reference types="node" preserve="true" />
/**
 * Desired rows against a replica: what differs, and the one guarded transaction that removes the difference.
 *
 * `planRows` is pure. `topology` makes the rows; whoever has a topology of their own can use it as well.
 */
export {
  type Applicable,
  applyPlans,
  type Guarded,
  type PlanOutcome,
  type Told,
} from "./apply-plans.ts";
export { type ApplyRowsOptions, applyRows, type RowsApplied } from "./apply-rows.ts";
export { constantRows } from "./constant-rows.ts";
export type { PlanOptions } from "./context.ts";
export { describeChanges, outlineChanges } from "./describe-changes.ts";
export type {
  Change,
  ColumnChange,
  DesiredRow,
  DesiredValue,
  Identity,
  NamesakeRows,
  OmittedColumn,
  RefTo,
  Removal,
  RowKind,
  RowKinds,
  RowPlan,
  Wanted,
  WholeMap,
} from "./desired.ts";
export type { DesiredRowOf } from "./desired-row-of.ts";
export { AmbiguousRowError, ForeignParentError } from "./errors.ts";
export { changesLeft } from "./lost-changes.ts";
export { planRows } from "./plan-rows.ts";
export type { RowKindOf } from "./row-kind-of.ts";
