import {
  abortOp,
  ConflictError,
  ConstraintError,
  checkResults,
  type InsertedRow,
  type Operation,
  OperationError,
  type OperationFailure,
  type OperationResult,
} from "../ovsdb/index.ts";
import { NotSyncedError, OutcomeUnknownError, type Tenure, type TransactServer } from "../session/index.ts";
import { type ConfigurationStep, hasConfiguration, raiseConfiguration } from "./configuration.ts";
import { Draft } from "./draft.ts";
import { RowGoneError, UnconfirmedError } from "./errors.ts";
import type { Link } from "./link.ts";
import { tenureOf } from "./lock.ts";
import { DEFAULT_TRANSACT_TIMEOUT, type TransactOptions, type UntilOptions } from "./options.ts";
import { makeResult, type TransactResult } from "./result.ts";
import { RowUuids } from "./row-uuids.ts";
import type { Sending } from "./second-execution.ts";
import { isCancelled, isLost, type LostAttempt, refusesChosenUuids, Settlement } from "./settle.ts";
import { Deadline, delay, jitter } from "./timing.ts";

/** Runs `describe` until its transaction is committed, refused for good, or the time is over. */
export async function run<R>(
  link: Link,
  describe: (draft: Draft) => R,
  options: TransactOptions,
): Promise<TransactResult<Awaited<R>>> {
  const { signal } = options;
  const deadline = new Deadline(options.timeout ?? link.options.requestTimeout ?? DEFAULT_TRANSACT_TIMEOUT);
  const uuids = new RowUuids();
  const tenure = tenureOf(options.lock);
  const settlement = new Settlement<Awaited<R>>({ link, uuids, deadline, signal, tenure });
  try {
    return await runUntilDone(link, describe, options, { deadline, uuids, settlement, tenure });
  } catch (error) {
    throw settlement.truth(error);
  }
}

interface Bookkeeping<R> {
  readonly deadline: Deadline;
  readonly uuids: RowUuids;
  readonly settlement: Settlement<R>;
  readonly tenure: Tenure | undefined;
}

async function runUntilDone<R>(
  link: Link,
  describe: (draft: Draft) => R,
  options: TransactOptions,
  { deadline, uuids, settlement, tenure }: Bookkeeping<Awaited<R>>,
): Promise<TransactResult<Awaited<R>>> {
  const finish = async (
    attempt: LostAttempt<Awaited<R>>,
    results: readonly OperationResult[] | "settled",
  ): Promise<TransactResult<Awaited<R>>> => {
    const { step } = attempt;
    if (step !== undefined && options.dryRun !== true) {
      const arrived = results === "settled" ? step.arrivalUpToNow() : step.arrival(results);
      await arrival(link, arrived, options, deadline);
    }
    return makeResult(attempt, results);
  };
  /** What the last attempt failed with. */
  let conflict: OperationError | undefined;
  let duplicate: string | undefined;
  let gone: string | undefined;
  for (let number = 1; ; number += 1) {
    options.signal?.throwIfAborted();
    // Only when it must: else the function runs before this call returns. Again, if it was lost before we got our turn.
    while (!link.whole) await link.synced(within(deadline, options.signal));
    if (settlement.isOpen) {
      try {
        const earlier = await settlement.committed();
        if (earlier !== undefined) return await finish(earlier, "settled");
      } catch (error) {
        if (isLost(link, error)) continue;
        throw error;
      }
      if (!link.whole) continue;
    }
    const draft = new Draft(link, uuids);
    const chosenUuids = link.takesChosenUuids;
    const described = describe(draft);
    let value: Awaited<R>;
    try {
      value = await described;
    } catch (error) {
      if (error instanceof NotSyncedError && isLost(link, error)) continue;
      // While an asynchronous function waited, a row that it had read may have gone: it shall look again, once.
      if (!(error instanceof RowGoneError) || error.uuid === gone) throw error;
      gone = error.uuid;
      continue;
    }
    // An asynchronous function may have outlived the connection. What it read is of the past then: it shall look again.
    if (!link.whole && !link.ended) continue;
    const own = draft.operations();
    const step =
      options.wait === "sb" || options.wait === "hv" ? raiseConfiguration(link, options.wait) : undefined;
    const operations = [...own, ...(step?.operations ?? [])];
    const inserted = (handle: InsertedRow): boolean => draft.inserted(handle);
    const attempt: LostAttempt<Awaited<R>> = { number, value, own, operations, inserted, step };
    if (operations.length === 0) return makeResult(attempt, []);
    // With no time left the request would be sent and cancelled at once, and perhaps committed in between.
    if (deadline.passed) throw conflict ?? deadline.error("the function that describes the transaction");
    let sent: Sending | undefined;
    const onServer = (server: TransactServer): void => {
      sent = { server, reign: server.reign };
    };
    try {
      return await finish(attempt, await commit(link, operations, options, { deadline, tenure, onServer }));
    } catch (error) {
      if (isLost(link, error)) {
        if (!(error instanceof OutcomeUnknownError) || options.dryRun === true) continue;
        const verdict = await settlement.settle(attempt, error);
        if (verdict !== "again") return await finish(attempt, verdict);
        continue;
      }
      const earlier = settlement.excludes(error, attempt);
      if (earlier !== undefined) return await finish(earlier, "settled");
      if (sent !== undefined && options.dryRun !== true) {
        const verdict = await settlement.refused(attempt, error, sent);
        if (verdict !== "again") return await finish(attempt, verdict);
      }
      if (chosenUuids && refusesChosenUuids(error)) {
        link.takesChosenUuids = false;
        continue;
      }
      if (!mayRunAgain(link, error, step)) throw error;
      const uuid = duplicateUuid(error, operations);
      // The function has seen that row, and inserts it all the same.
      if (uuid !== undefined && uuid === duplicate && holds(link, error, uuid)) throw error;
      duplicate = uuid;
      conflict = error;
      link.session.counters.conflicts += 1;
    }
    await delay(Math.min(jitter(number), deadline.left), options.signal);
    if (deadline.passed) throw conflict;
  }
}

function within(deadline: Deadline, signal: AbortSignal | undefined): UntilOptions {
  return { timeout: deadline.left, ...(signal === undefined ? {} : { signal }) };
}

/** How a run is sent. */
interface Manner {
  readonly deadline: Deadline;
  readonly tenure: Tenure | undefined;
  readonly onServer: (server: TransactServer) => void;
}

async function commit(
  link: Link,
  operations: readonly Operation[],
  options: TransactOptions,
  { deadline, tenure, onServer }: Manner,
): Promise<readonly OperationResult[]> {
  const { signal, dryRun } = options;
  const sent = dryRun === true ? [...operations, abortOp()] : operations;
  const reply = link.send(sent, {
    timeout: deadline.left,
    ...(signal === undefined ? {} : { signal }),
    ...(tenure === undefined ? {} : { tenure }),
    onServer,
  });
  try {
    return checkResults(sent, await reply);
  } catch (error) {
    // Not at our wish: the database is getting another schema.
    if (isCancelled(error)) throw new ConflictError(cancelled);
    // The abort at the end "fails" only when every operation before it went well.
    if (dryRun === true && error instanceof OperationError && error.operationIndex === operations.length)
      return [];
    throw error;
  }
}

const cancelled: OperationFailure = {
  error: "canceled",
  details: "the server gave the transaction up",
  operationIndex: null,
  operation: null,
  table: null,
};

async function arrival(
  link: Link,
  arrived: () => boolean,
  { wait, signal }: TransactOptions,
  deadline: Deadline,
): Promise<void> {
  const what =
    wait === "hv"
      ? "the confirmation of all chassis (NB_Global.hv_cfg)"
      : "ovn-northd's confirmation (NB_Global.sb_cfg)";
  try {
    await link.until(arrived, within(deadline, signal), what);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UnconfirmedError(`the transaction was committed; but ${what} was not seen: ${why}`, { cause });
  }
}

function mayRunAgain(
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

/** The uuid that an insert was refused for, because there is a row with it. */
function duplicateUuid(error: OperationError, operations: readonly Operation[]): string | undefined {
  const failed = error.operationIndex === null ? undefined : operations[error.operationIndex];
  return error.error === "duplicate uuid" && failed?.op === "insert" ? failed.uuid : undefined;
}

function holds(link: Link, { table }: OperationError, uuid: string): boolean {
  return [...link.replica.tables].some((store) => store.name === table && store.holds(uuid));
}
