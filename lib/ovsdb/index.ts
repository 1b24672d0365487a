// RFC 7047 as data: schemas, values, operations, monitors. No I/O.
export { isRef } from "./atoms.ts";
export { checkSchema } from "./check-schema.ts";
export { type ColumnCodec, columnCodec } from "./codec.ts";
export { type ColumnWriter, columnWriter } from "./column-writer.ts";
export {
  type ChangedColumn,
  compareSchemas,
  type MissingColumn,
  type SchemaDifference,
} from "./compare-schemas.ts";
export { problemOfDefault } from "./default-problem.ts";
export {
  ConflictError,
  ConstraintError,
  OperationError,
  type OperationFailure,
  SchemaError,
  UnsupportedError,
  ValidationError,
} from "./errors.ts";
export { fnv1a64 } from "./fnv.ts";
export { randomUuid, sha256, uuidSeries, uuidV5 } from "./hash.ts";
export type { DatabaseModel, InsertedRow, Reference, TableTypes, Uuid } from "./model.ts";
export {
  type MonitorTable,
  type MonitorTables,
  monitorRequests,
  normaliseUpdates,
  type RowUpdate,
  SNAPSHOT_WRAPPER,
} from "./monitor.ts";
export { isKeyed, isUuid, sketch, uuidIn } from "./narrow.ts";
export {
  type AbortOperation,
  type AssertOperation,
  abortOp,
  assertOp,
  type CommentOperation,
  type CommitOperation,
  type Condition,
  type ConditionFunction,
  commentOp,
  commitOp,
  type DeleteOperation,
  deleteOp,
  everyRow,
  type InsertOperation,
  insertOp,
  type MutateOperation,
  type Mutation,
  type Mutator,
  mutateOp,
  type Operation,
  type SelectOperation,
  selectOp,
  type UpdateOperation,
  updateOp,
  uuidName,
  type WaitOperation,
  type WaitOptions,
  type Where,
  type WireRow,
  waitOp,
} from "./operations.ts";
export { checkResults, type OperationResult } from "./results.ts";
export {
  type Atom,
  type AtomicType,
  type BaseType,
  type ColumnKind,
  type ColumnSchema,
  columnKind,
  type DatabaseSchema,
  findColumn,
  findTable,
  isWideInteger,
  type TableSchema,
  uuidColumn,
} from "./schema.ts";
export { parseSchema, schemaToJson } from "./schema-json.ts";
export { readUpdateText } from "./update-text.ts";
export type { ColumnName, Ref, ResolveRef, Value, WriteRef } from "./value.ts";
export {
  applyDiff,
  decodeValue,
  defaultValue,
  encodeElements,
  encodePairs,
  encodeValue,
  valuesEqual,
} from "./values.ts";
export { WrittenOperations } from "./written-operations.ts";
