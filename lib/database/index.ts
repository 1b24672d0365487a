export type {
  ChangeBatch,
  ChangedColumns,
  ChangedRow,
  ChangeOf,
  ElementColumn,
  ElementsOf,
  RowChange,
  TableChange,
} from "./change-types.ts";
export type { TableConditions } from "./conditions.ts";
export { Database, type TablesOf } from "./database.ts";
export { addWritten, follow } from "./draft.ts";
export { RowGoneError, UnconfirmedError } from "./errors.ts";
export type { LostOutcome } from "./follower.ts";
export { Lock, type LockOptions } from "./lock.ts";
export type { ConditionOf, ConditionsOf, MonitorTableOf, MonitorTablesOf } from "./monitored-types.ts";
export type { ChangesOptions, ConnectOptions, UntilOptions } from "./options.ts";
export { readSchema } from "./read-schema.ts";
export type { TransactResult } from "./result.ts";
export type { SelectedRows } from "./select.ts";
export type { Status, StatusError, StatusServer } from "./status.ts";
export { Table } from "./table.ts";
export { boundsOf, Deadline, delay, inTime, jitter, type Until } from "./timing.ts";
export {
  COMMIT_OPTIONS,
  type CommitOptions,
  DEFAULT_APPLY_TIMEOUT,
  deadlineOf,
  type TransactOptions,
} from "./transact-options.ts";
export type { Transaction } from "./transaction.ts";
export type {
  ColumnName,
  ColumnOf,
  Element,
  ElementOf,
  KeyOf,
  MapColumn,
  MapOf,
  MatchOf,
  NumberColumn,
  ReadRow,
  ReferenceColumn,
  ReferencedTable,
  Row,
  SetColumn,
  TableName,
  Tables,
  Target,
  TargetIn,
  WritableColumn,
  Written,
} from "./types.ts";
export { type AnyRow, checkView, type Journal, type Match, type ReadView } from "./view.ts";
export { whenSynced } from "./when-synced.ts";
