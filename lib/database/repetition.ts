import { ConflictError, ConstraintError, type OperationFailure } from "../ovsdb/index.ts";
import { type ConfigurationStep, hasConfiguration } from "./configuration.ts";
import type { Link } from "./link.ts";

/**
 * Milliseconds that must be left for another attempt, after one that the server took `took` to refuse. Twice as long, as networks
 * and servers vary; but at most a second longer: after one slow refusal much of the time would be given up unused.
 */
export function neededAfter(took: number): number {
  return took + Math.min(took, 1_000);
}

/** Of a transaction that the server gave up by itself: to make it again may help. */
export const cancelled: OperationFailure = {
  error: "canceled",
  details: "the server gave the transaction up",
  operationIndex: null,
  operation: null,
  table: null,
};

/** Whether an error says that somebody else was faster, so that the function may run again. */
export function mayRunAgain(
  link: Link,
  error: unknown,
  step: ConfigurationStep | undefined,
): error is ConflictError | ConstraintError {
  if (error instanceof ConflictError) return true;
  // Two clients that meet a database without NB_Global both insert the one row it may have. The loser sees the winner's.
  return (
    error instanceof ConstraintError &&
    error.operationIndex === null &&
    step?.inserts === true &&
    hasConfiguration(link)
  );
}
