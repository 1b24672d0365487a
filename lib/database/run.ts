import {
  abortOp,
  ConflictError,
  ConstraintError,
  checkResults,
  type Operation,
  OperationError,
  type OperationResult,
} from "../ovsdb/index.ts";
import { NotSyncedError } from "../session/index.ts";
import { type ConfigurationStep, hasConfiguration, raiseConfiguration } from "./configuration.ts";
import { Draft } from "./draft.ts";
import { RowGoneError, UnconfirmedError } from "./errors.ts";
import type { Link } from "./link.ts";
import { DEFAULT_TRANSACT_TIMEOUT, type TransactOptions, type UntilOptions } from "./options.ts";
import { makeResult, type TransactResult } from "./result.ts";
import { Deadline, delay, jitter } from "./timing.ts";

/** Runs `describe` until its transaction is committed, refused for good, or the time is over. */
export async function run<R>(
  link: Link,
  describe: (draft: Draft) => R,
  options: TransactOptions,
): Promise<TransactResult<Awaited<R>>> {
  const deadline = new Deadline(options.timeout ?? DEFAULT_TRANSACT_TIMEOUT);
  /** What the last attempt failed with. */
  let conflict: OperationError | undefined;
  let duplicate: string | undefined;
  let gone: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    // Only when it must: else the function runs before this call returns.
    if (!link.whole) await link.synced(within(deadline, options.signal));
    const draft = new Draft(link);
    const chosenUuids = link.takesChosenUuids;
    const described = describe(draft);
    let value: Awaited<R>;
    try {
      value = await described;
    } catch (error) {
      if (lostMeanwhile(link, error)) continue;
      // While an asynchronous function waited, a row that it had read may have gone: it shall look again, once.
      if (!(error instanceof RowGoneError) || error.uuid === gone) throw error;
      gone = error.uuid;
      continue;
    }
    const own = draft.operations();
    const step =
      options.wait === "sb" || options.wait === "hv" ? raiseConfiguration(link, options.wait) : undefined;
    const operations = [...own, ...(step?.operations ?? [])];
    if (operations.length === 0) return makeResult(value, attempt, operations, []);
    // With no time left the request would be sent and cancelled at once, and perhaps committed in between.
    if (deadline.passed) throw conflict ?? deadline.error("the function that describes the transaction");
    try {
      const results = await commit(link, operations, options, deadline);
      if (step !== undefined && options.dryRun !== true) {
        await arrival(link, step.arrival(results), options, deadline);
      }
      return makeResult(value, attempt, operations, results);
    } catch (error) {
      if (lostMeanwhile(link, error)) continue;
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
    }
    await delay(Math.min(jitter(attempt), deadline.left), options.signal);
    if (deadline.passed) throw conflict;
  }
}

function within(deadline: Deadline, signal: AbortSignal | undefined): UntilOptions {
  return { timeout: deadline.left, ...(signal === undefined ? {} : { signal }) };
}

/** Whether nothing was read or sent because the connection is lost, and it may come back. */
function lostMeanwhile(link: Link, error: unknown): boolean {
  return error instanceof NotSyncedError && !link.whole && !link.ended;
}

async function commit(
  link: Link,
  operations: readonly Operation[],
  options: TransactOptions,
  deadline: Deadline,
): Promise<readonly OperationResult[]> {
  const { signal, dryRun } = options;
  const sent = dryRun === true ? [...operations, abortOp()] : operations;
  const reply = await link.send(sent, {
    timeout: deadline.left,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return checkResults(sent, reply);
  } catch (error) {
    // The abort at the end "fails" only when every operation before it went well.
    if (dryRun === true && error instanceof OperationError && error.operationIndex === operations.length)
      return [];
    throw error;
  }
}

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

/** ovsdb-server's parser names a member it does not know (ovsdb/execution.c, ovsdb_parser_finish). */
function refusesChosenUuids(error: unknown): boolean {
  return (
    error instanceof OperationError &&
    error.operation === "insert" &&
    error.error === "syntax error" &&
    /'uuid' is present but not allowed/.test(error.details)
  );
}
