import { OvsdbError } from "../jsonrpc/index.ts";

/**
 * A read was made while the replica does not hold the whole monitored content of the database: before the first
 * synchronisation, or after the connection was lost. Answering "not found" then would make callers create duplicates.
 */
export class NotSyncedError extends OvsdbError {
  readonly code = "ERR_NOT_SYNCED";
  override readonly retryable: boolean = true;
}

/**
 * A write was handed to the server, and its reply never came. It may have been committed.
 *
 * Not retryable as it is: whoever retries must first read whether the change is there.
 */
export class OutcomeUnknownError extends OvsdbError {
  readonly code = "ERR_OUTCOME_UNKNOWN";
}
