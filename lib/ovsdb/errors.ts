import { hint, OvsdbError } from "../jsonrpc/index.ts";

/**
 * A value that the schema does not allow was given; nothing has been sent.
 *
 * The message names table, column and value: `Logical_Switch_Port.tag: 4096 is above the maximum 4095`.
 */
export class ValidationError extends OvsdbError {
  static override readonly name: string = "ValidationError";
  readonly code: string = "ERR_VALIDATION";
  readonly table: string;
  readonly column: string;
  /** The offending value, or the element of it that is at fault. */
  readonly value: unknown;

  constructor(
    table: string,
    column: string,
    value: unknown,
    problem: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${table}.${column}: ${problem}`, options);
    this.table = table;
    this.column = column;
    this.value = value;
  }
}

/** A database schema breaks the rules of RFC 7047 section 3.2; the message names table, column and member. */
export class SchemaError extends OvsdbError {
  static override readonly name: string = "SchemaError";
  readonly code: string = "ERR_SCHEMA";
}

/** A table or column was used that the schema at hand (as a rule: the connected server's) does not have. */
export class UnsupportedError extends OvsdbError {
  static override readonly name: string = "UnsupportedError";
  readonly code: string = "ERR_UNSUPPORTED";
  readonly table: string;
  /** Absent when the whole table is missing. */
  readonly column: string | undefined;

  /**
   * @param schema What does not have it, for the message.
   * @param known Names of which one may have been meant. Default: none.
   */
  constructor(table: string, column: string | undefined, schema: string, known: readonly string[] = []) {
    const what = column === undefined ? `table ${table}` : `column ${table}.${column}`;
    super(`${what} does not exist in ${schema}${hint(column ?? table, known)}`);
    this.table = table;
    this.column = column;
  }
}

/** What an {@link OperationError} tells beside its message. */
export interface OperationFailure {
  /** The error's name in RFC 7047's list, e.g. `constraint violation`; `no such row` where the server said so by a count of 0. */
  readonly error: string;
  /** The server's English explanation, empty when it gave none; not for programs to parse. */
  readonly details: string;
  /** Position in the transaction, or null when all operations succeeded and the commit failed. */
  readonly operationIndex: number | null;
  /** Kind of the failed operation (`insert`, `wait`, ...), null at commit. */
  readonly operation: string | null;
  /** Table the failed operation was about, null at commit and for operations without a table. */
  readonly table: string | null;
}

/** What a server lacks that could not write a transaction down: room on its disk, memory. That may come back. */
const SHORT_OF_MEANS: readonly string[] = ["I/O error", "resources exhausted"];

/**
 * The server refused a transaction and changed nothing (RFC 7047 section 4.1.3).
 *
 * `retryable` is true where `error` is `I/O error` or `resources exhausted`: it could not write the transaction down.
 */
export class OperationError extends OvsdbError implements OperationFailure {
  static override readonly name: string = "OperationError";
  readonly code: string = "ERR_OPERATION";
  override readonly retryable: boolean;
  readonly error: string;
  readonly details: string;
  readonly operationIndex: number | null;
  readonly operation: string | null;
  readonly table: string | null;

  /** @param message default: what the failure tells. */
  constructor(failure: OperationFailure, message: string = failureText(failure)) {
    super(message);
    this.retryable = SHORT_OF_MEANS.includes(failure.error);
    this.error = failure.error;
    this.details = failure.details;
    this.operationIndex = failure.operationIndex;
    this.operation = failure.operation;
    this.table = failure.table;
  }
}

/** A constraint of the schema was violated: a value's range, a unique index, maxRows, referential integrity. */
export class ConstraintError extends OperationError {
  static override readonly name: string = "ConstraintError";
  override readonly code: string = "ERR_CONSTRAINT";
}

/**
 * Someone else was faster: a `wait` found the database different from what the transaction was made for, the row that it
 * is about is gone, or a client-chosen uuid exists already. Making the transaction again from fresh data may succeed.
 */
export class ConflictError extends OperationError {
  static override readonly name: string = "ConflictError";
  override readonly code: string = "ERR_CONFLICT";
  override readonly retryable: boolean = true;
}

/** What a failure tells, in one line. */
export function failureText(failure: OperationFailure): string {
  const { operationIndex, operation, table, error, details } = failure;
  const where =
    operationIndex === null
      ? "commit"
      : `operation ${operationIndex} (${operation ?? "unknown"}${table === null ? "" : ` on ${table}`})`;
  return `${where}: ${error}${details === "" ? "" : `: ${details}`}`;
}
