import { TimeoutError } from "../jsonrpc/index.ts";
import {
  abortOp,
  ConflictError,
  ConstraintError,
  checkResults,
  type InsertedRow,
  type Operation,
  OperationError,
  type OperationResult,
  type Uuid,
} from "../ovsdb/index.ts";
import { type ConfigurationStep, raiseConfiguration } from "./configuration.ts";
import { Draft, uuidName } from "./draft.ts";
import type { Link } from "./link.ts";
import { DEFAULT_TRANSACT_TIMEOUT, type TransactOptions } from "./options.ts";
import { Deadline, delay, jitter } from "./timing.ts";

/** What a transaction did. */
export interface TransactResult<R> {
  /** What the function returned in the run that was committed. */
  readonly value: R;
  /** False when there was nothing to do and nothing was sent. */
  readonly changed: boolean;
  /** Runs of the function: 1, and one more for each conflict. */
  readonly attempts: number;
  /** The operations that were sent, in RFC 7047's form. */
  readonly operations: readonly Operation[];
  /** What the server said to each operation. */
  readonly results: readonly OperationResult[];
  /** The uuid that an inserted row has got. */
  uuid<K extends string>(row: InsertedRow<K>): Uuid<K>;
}

/** Runs `describe` until its transaction is committed, refused for good, or the time is over. */
export async function run<R>(
  link: Link,
  describe: (draft: Draft) => R,
  options: TransactOptions,
): Promise<TransactResult<Awaited<R>>> {
  const deadline = new Deadline(options.timeout ?? DEFAULT_TRANSACT_TIMEOUT);
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const chosenUuids = link.takesChosenUuids;
    const draft = new Draft(link.schema, link.replica, chosenUuids);
    const value = await describe(draft);
    const own = draft.operations();
    const step =
      options.wait === "sb" || options.wait === "hv" ? raiseConfiguration(link, options.wait) : undefined;
    const operations = [...own, ...(step?.operations ?? [])];
    if (operations.length === 0) return outcome(value, attempt, operations, []);
    try {
      const results = await commit(link, operations, options, deadline);
      if (step !== undefined && options.dryRun !== true) await arrival(link, step, options, deadline);
      return outcome(value, attempt, operations, results);
    } catch (error) {
      if (chosenUuids && refusesChosenUuids(error)) {
        link.takesChosenUuids = false;
        continue;
      }
      if (!mayRunAgain(error, step) || deadline.passed) throw error;
    }
    await delay(Math.min(jitter(attempt), deadline.left), options.signal);
  }
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
  step: ConfigurationStep,
  options: TransactOptions,
  deadline: Deadline,
): Promise<void> {
  const what =
    options.wait === "hv"
      ? "the confirmation of all chassis (NB_Global.hv_cfg)"
      : "ovn-northd's confirmation (NB_Global.sb_cfg)";
  const { signal } = options;
  try {
    await link.until(
      step.arrived,
      { timeout: deadline.left, ...(signal === undefined ? {} : { signal }) },
      what,
    );
  } catch (error) {
    if (error instanceof TimeoutError) {
      throw new TimeoutError(`the transaction was committed; but ${what}`, deadline.timeout, {
        cause: error,
      });
    }
    throw error;
  }
}

function mayRunAgain(error: unknown, step: ConfigurationStep | undefined): boolean {
  if (error instanceof ConflictError) return true;
  // Two clients that meet a database without NB_Global both insert the one row it may have.
  return error instanceof ConstraintError && error.operationIndex === null && step?.inserts === true;
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

function outcome<R>(
  value: R,
  attempts: number,
  operations: readonly Operation[],
  results: readonly OperationResult[],
): TransactResult<R> {
  return {
    value,
    changed: results.length > 0,
    attempts,
    operations,
    results,
    uuid: <K extends string>(row: InsertedRow<K>): Uuid<K> => {
      const index = operations.findIndex(
        (operation) =>
          operation.op === "insert" &&
          (operation.uuid === row.ref || operation["uuid-name"] === uuidName(row.ref)),
      );
      const result = results[index];
      return (result?.op === "insert" ? result.uuid : row.ref) as Uuid<K>;
    },
  };
}
