import { ClosedError, type Json, OvsdbError, RpcError, TimeoutError, UsageError } from "../jsonrpc/index.ts";
import { UnsupportedError, ValidationError, type WireRow } from "../ovsdb/index.ts";

/**
 * A read was made while the replica does not hold the whole monitored content of the database: before the first
 * synchronisation, or after the connection was lost. Answering "not found" then would make callers create duplicates.
 */
export class NotSyncedError extends OvsdbError {
  static override readonly name: string = "NotSyncedError";
  readonly code = "ERR_NOT_SYNCED";
  override readonly retryable: boolean = true;
}

/** What is known of a write whose outcome is not. */
export interface UnknownOutcome {
  /** The operations that were sent, in RFC 7047's form. */
  readonly operations: readonly Json[];
  /** The server they were sent to, as in `tcp:127.0.0.1:6641`. */
  readonly remote: string;
  /**
   * Whether the reply was lost with the connection, or because the server gave its answer up, or speaks of a second
   * execution by the server itself; else the caller gave up: by timeout, abort or close.
   */
  readonly lost: boolean;
  /** Whether the database was asked afterwards, and its answer did not decide. */
  readonly lookedUp: boolean;
  /** What the rows hold now that the transaction was guarded by (`verify`), if they were looked up; in wire form. */
  readonly rows: readonly WireRow[];
}

/**
 * A write was handed to the server, and its reply never came. It may have been committed.
 *
 * `retryable` is false for a transaction: to repeat it may do it twice, so read first whether the change is there. It is true
 * for what plans anew each time, as topologies and `applyRows` do: the same call then does what is left to do.
 */
export class OutcomeUnknownError extends OvsdbError implements UnknownOutcome {
  static override readonly name: string = "OutcomeUnknownError";
  readonly code = "ERR_OUTCOME_UNKNOWN";
  override readonly retryable: boolean;
  readonly operations: readonly Json[];
  readonly remote: string;
  readonly lost: boolean;
  readonly lookedUp: boolean;
  readonly rows: readonly WireRow[];

  constructor(
    message: string,
    known: Partial<UnknownOutcome> & { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, { cause: known.cause });
    this.retryable = known.retryable ?? false;
    this.operations = known.operations ?? [];
    this.remote = known.remote ?? "";
    this.lost = known.lost ?? false;
    this.lookedUp = known.lookedUp ?? false;
    this.rows = known.rows ?? [];
  }
}

/**
 * A lock is not held, or not any more: stolen, lost with the connection, released. Of a transaction under that lock it says
 * that nothing was done.
 */
export class LockLostError extends OvsdbError {
  static override readonly name: string = "LockLostError";
  readonly code = "ERR_LOCK_LOST";
  /** Whether the handle tries to get the lock again. */
  override readonly retryable: boolean;
  /** The lock's name. */
  readonly lock: string;

  constructor(
    lock: string,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, options);
    this.lock = lock;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * Whether an error says that a call was given up, or its connection or lock is not there, and nothing of what the server has
 * done: `signal` is that of the call.
 */
export function isGivenUp(error: unknown, signal: AbortSignal | undefined): boolean {
  return (
    error instanceof TimeoutError ||
    error instanceof ClosedError ||
    error instanceof NotSyncedError ||
    error instanceof LockLostError ||
    (signal?.aborted === true && error === signal.reason)
  );
}

/** What a server, or its schema, has against what is to be monitored. */
export type MonitorRefusal = RpcError | UnsupportedError | ValidationError | UsageError;

/** Whether an error says that this cannot be monitored, and nothing of the connection. */
export function isMonitorRefusal(error: unknown): error is MonitorRefusal {
  return (
    error instanceof RpcError ||
    error instanceof UnsupportedError ||
    error instanceof ValidationError ||
    error instanceof UsageError
  );
}
