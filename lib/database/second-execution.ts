import { ConflictError, ConstraintError, type Operation, type OperationError } from "../ovsdb/index.ts";
import type { TransactServer } from "../session/index.ts";

/** To whom a run was sent, and in which of its reigns. */
export interface Sending {
  readonly server: TransactServer;
  readonly reign: number;
}

/**
 * Whether a refusal may be about a second execution, after the first was committed.
 *
 * A member of a cluster that cannot tell whether a transaction was committed, since the leader changed meanwhile, carries it
 * out again by itself; then it meets what the first execution did (ovsdb-server 3.1, ovsdb_trigger_try). The first
 * execution tries its `wait`s at the time at which it arrived, and later ones say how long after that they came.
 */
export function mayBeSecond(error: unknown, { server }: Sending): error is OperationError {
  if (server.isAlone) return false;
  if (error instanceof ConstraintError) return true;
  return error instanceof ConflictError && !/clause test failed/.test(error.details);
}

/** Whether the one row is not there that a transaction without guards is about (docs/decisions/0017-one-change-needs-no-guard.md). */
export function isGone({ error }: OperationError): boolean {
  return error === "no such row";
}

/**
 * Whether a refusal of a server that does not lead is surely worth a doubt. It may repeat what it handed to a leader that
 * then died, and does so after twice the election timer (1 s by default). Sooner than that it repeats, as a rule, what
 * others were faster with, and nothing tells that from a leader that resigned.
 */
export function cameLate(
  { details, operationIndex }: OperationError,
  operations: readonly Operation[],
): boolean {
  const failed = operationIndex === null ? undefined : operations[operationIndex];
  const [, milliseconds] = /timed out after (\d+) ms/.exec(details) ?? [];
  // One that was to wait has waited.
  return failed?.op === "wait" && failed.timeout === 0 && Number(milliseconds) >= LATE;
}

/** Milliseconds. */
const LATE = 1_000;

/** Whether a server has led its cluster all the time: it does not carry out again what it has committed as the leader. */
export function hasLedSince({ server, reign }: Sending, answered: TransactServer | undefined): boolean {
  return reign > 0 && answered === server && server.reign === reign;
}
