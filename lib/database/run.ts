import { checkBooleans, checkOptions, type Json, TimeoutError, UsageError } from "../jsonrpc/index.ts";
import {
  abortOp,
  ConflictError,
  checkResults,
  type DatabaseSchema,
  type Operation,
  OperationError,
  type OperationResult,
  sketch,
  type WrittenOperations,
} from "../ovsdb/index.ts";
import { NotSyncedError, OutcomeUnknownError, type Tenure, type TransactServer } from "../session/index.ts";
import { changesRows } from "./aim.ts";
import { raiseConfiguration } from "./configuration.ts";
import type { Draft } from "./draft.ts";
import { RowGoneError, UnconfirmedError } from "./errors.ts";
import type { Follower } from "./follower.ts";
import type { Link } from "./link.ts";
import { tenureOf } from "./lock.ts";
import { observeEnd, observeFailure, observeLost } from "./observe.ts";
import { makeDraft } from "./only-changes.ts";
import type { UntilOptions } from "./options.ts";
import { withRemainingReferences } from "./remaining-references.ts";
import { cancelled, mayRunAgain, neededAfter } from "./repetition.ts";
import { makeResult, type TransactResult } from "./result.ts";
import { RowUuids } from "./row-uuids.ts";
import type { Sending } from "./second-execution.ts";
import {
  isCancelled,
  isLost,
  type LostAttempt,
  refusesChosenUuids,
  Settlement,
  type Verdict,
} from "./settle.ts";
import { withTakenName } from "./taken-name.ts";
import { TakenUuid } from "./taken-uuid.ts";
import { boundsOf, type Deadline, delay, inTime, jitter } from "./timing.ts";
import {
  DEFAULT_TRANSACT_TIMEOUT,
  deadlineOf,
  TRANSACT_OPTIONS,
  type TransactOptions,
} from "./transact-options.ts";

/** Milliseconds in which a function that itself waits until the deadline can say what did not come: it knows better. */
const LAST_WORD = 10;

/**
 * Runs `describe` until its transaction is committed, refused for good, or the time is over; counts the call by how it
 * ends, and tells the log and the channels.
 */
export function run<R>(
  link: Link,
  describe: (draft: Draft) => R,
  options: TransactOptions,
): Promise<TransactResult<Awaited<R>>> {
  const begun = performance.now();
  let call: Run<R>;
  try {
    call = new Run(link, describe, options, begun);
  } catch (error) {
    observeFailure(link, begun, error);
    return Promise.reject(error);
  }
  return call.carryOut();
}

/** One call of `transact`, over all runs of its function. */
class Run<R> {
  readonly #link: Link;
  readonly #describe: (draft: Draft) => R;
  readonly #options: TransactOptions;
  readonly #deadline: Deadline;
  readonly #uuids = new RowUuids();
  readonly #tenure: Tenure | undefined;
  /** Made by the first failure. */
  #settlement: Settlement<Awaited<R>> | undefined;
  /** What the last attempt failed with. */
  #conflict: OperationError | undefined;
  /** Milliseconds that another attempt should have, see {@link neededAfter}. */
  #needed = 0;
  /** Made by the first conflict. */
  #taken: TakenUuid | undefined;
  #gone: string | undefined;
  readonly #begun: number;
  /** What the operations of the last attempt are. */
  #kinds: readonly Operation["op"][] = [];
  /** The schema that they follow. */
  #schema: DatabaseSchema | undefined;
  /** Which it is, and who follows it. */
  #number = 0;
  #follower: Follower | undefined;

  constructor(link: Link, describe: (draft: Draft) => R, options: TransactOptions, begun: number) {
    // A misspelt `dryRun` would write.
    checkOptions(options, TRANSACT_OPTIONS);
    checkBooleans(options, ["idempotent", "onlyChanges"]);
    if (typeof describe !== "function")
      throw new UsageError(`a transaction is a function that says what to do, and not ${sketch(describe)}`);
    this.#link = link;
    this.#describe = describe;
    this.#options = options;
    this.#begun = begun;
    this.#deadline = deadlineOf(options, link.options.requestTimeout ?? DEFAULT_TRANSACT_TIMEOUT, begun);
    this.#tenure = tenureOf(options.lock);
  }

  /** One asynchronous function around all of it: each further one would cost every transaction a promise and a turn of its own. */
  async carryOut(): Promise<TransactResult<Awaited<R>>> {
    const link = this.#link;
    try {
      for (let number = 1; ; number += 1) {
        this.#options.signal?.throwIfAborted();
        // Only when it must: else the function runs before this call returns.
        if (!link.whole || this.#settlement?.isOpen === true) {
          const earlier = await this.#lookAround();
          if (earlier === "again") continue;
          if (earlier !== undefined) return this.#observed(await this.#finish(earlier, "settled"));
        }
        const chosenUuids = link.takesChosenUuids;
        const made = this.#attempt(number);
        // A function that is not asynchronous need not be waited for.
        const attempt = made instanceof Promise ? await made : made;
        if (attempt === "again") continue;
        if (attempt.operations.length === 0) return this.#observed(makeResult(attempt, []));
        // With hardly any time left the request would be sent and cancelled at once, and perhaps committed in between.
        const { left } = this.#deadline;
        if (left === 0 || left < this.#needed) throw this.#late();
        let sending: Sending | undefined;
        const onServer = (server: TransactServer): void => {
          sending = { server, reign: server.reign };
        };
        let results: readonly OperationResult[];
        try {
          const sent = this.#toSend(attempt.operations);
          results = checkResults(sent, await this.#send(sent, left, onServer));
        } catch (error) {
          if (this.#wentWell(error, attempt.operations)) {
            return this.#observed(await this.#finish(attempt, []));
          }
          const took = left - this.#deadline.left;
          const end = await this.#failed(attempt, error, sending, chosenUuids);
          if (this.#conflict === error) this.#needed = neededAfter(took);
          if (end === "again") continue;
          return this.#observed(end);
        }
        return this.#observed(
          attempt.step === undefined ? makeResult(attempt, results) : await this.#finish(attempt, results),
        );
      }
    } catch (thrown) {
      const error = this.#settlement === undefined ? thrown : this.#settlement.truth(thrown);
      const lost = this.#follower?.lost;
      if (lost !== undefined && error instanceof OutcomeUnknownError && error.lost)
        lost(observeLost(link, this.#begun, error, this.#number));
      else observeFailure(link, this.#begun, error);
      throw error;
    }
  }

  #observed(result: TransactResult<Awaited<R>>): TransactResult<Awaited<R>> {
    observeEnd(this.#link, this.#begun, result, this.#kinds);
    return result;
  }

  /** Waits until the replica may be read, and looks for runs that may have been committed late. */
  async #lookAround(): Promise<LostAttempt<Awaited<R>> | "again" | undefined> {
    const link = this.#link;
    // Again, if it was lost before we got our turn.
    while (!link.whole) await link.synced(this.#within());
    if (this.#settlement?.isOpen !== true) return undefined;
    try {
      const earlier = await this.#settlement.committed();
      if (earlier !== undefined) return earlier;
    } catch (error) {
      if (isLost(link, error)) return "again";
      throw error;
    }
    return link.whole ? undefined : "again";
  }

  /**
   * One run of the function. Not part of `carryOut`: the variables of an asynchronous function live as long as it waits, and the
   * draft is many objects, which the garbage collector would go through while the transaction is under way.
   */
  #attempt(number: number): LostAttempt<Awaited<R>> | "again" | Promise<LostAttempt<Awaited<R>> | "again"> {
    const draft = makeDraft(this.#link, this.#uuids, this.#options);
    this.#taken?.begin();
    try {
      const described = this.#describe(draft);
      if (!isThenable(described)) return this.#write(number, described as Awaited<R>, draft);
      draft.hasWaited = true;
      return this.#awaited(number, described, draft);
    } catch (error) {
      // What was read first, by the function or for its wait, may have shown that the connection is lost.
      if (error instanceof NotSyncedError && isLost(this.#link, error)) return "again";
      throw error;
    }
  }

  /** The same, of an asynchronous function. */
  async #awaited(
    number: number,
    described: PromiseLike<unknown>,
    draft: Draft,
  ): Promise<LostAttempt<Awaited<R>> | "again"> {
    const link = this.#link;
    const { schema, losses } = link;
    // It may outlive the connection, or the schema, which its operations follow. What it read is of the past then: it shall look again.
    const isPast = (): boolean => !link.ended && (!link.whole || link.schema !== schema);
    try {
      const ends = [this.#options.signal, link.session.endSignal];
      const left = this.#deadline.left + LAST_WORD;
      const value = (await inTime(described, left, () => this.#late(), ends)) as Awaited<R>;
      return isPast() ? "again" : this.#write(number, value, draft);
    } catch (error) {
      // What it was told is of the past.
      if (!link.ended && link.schema !== schema) return "again";
      // All may be whole again by now.
      if (error instanceof NotSyncedError && !link.ended && link.losses !== losses) return "again";
      // While it waited, a row that it had read may have gone: it shall look again, once.
      if (!(error instanceof RowGoneError) || error.uuid === this.#gone) throw error;
      this.#gone = error.uuid;
      return "again";
    }
  }

  /** What to throw when the time was over before anything could be sent. */
  #late(): Error {
    return this.#conflict ?? this.#deadline.error("the end of the function that describes the transaction");
  }

  #write(number: number, value: Awaited<R>, draft: Draft): LostAttempt<Awaited<R>> {
    this.#taken?.end();
    this.#schema = this.#link.schema;
    const { wait, dryRun } = this.#options;
    const step = wait === "sb" || wait === "hv" ? raiseConfiguration(this.#link, wait) : undefined;
    const { operations: own, places } = draft.write(step === undefined && dryRun !== true);
    const operations = step === undefined ? own : own.with(step.operations);
    this.#kinds = operations.kinds;
    const { follower } = draft;
    this.#number = number;
    this.#follower = follower;
    return { number, value, places, own, operations, step, follower };
  }

  /** What changes nothing has no outcome that could be unknown. */
  #mayChange({ kinds }: WrittenOperations): boolean {
    return this.#options.dryRun !== true && kinds.some(changesRows);
  }

  #toSend(operations: WrittenOperations): WrittenOperations {
    return this.#options.dryRun === true ? operations.with([abortOp()]) : operations;
  }

  #send(
    operations: WrittenOperations,
    timeout: number,
    onServer: (server: TransactServer) => void,
  ): Promise<Json> {
    const { signal } = this.#options;
    return this.#link.send(operations, {
      timeout,
      wholeTimeout: this.#deadline.timeout,
      signal,
      tenure: this.#tenure,
      onServer,
    });
  }

  /** The abort at the end of a dry run "fails" only when every operation before it went well. */
  #wentWell(error: unknown, operations: WrittenOperations): boolean {
    return (
      this.#options.dryRun === true &&
      error instanceof OperationError &&
      error.operationIndex === operations.length
    );
  }

  /** What comes of an attempt that failed: the call's result after all, an error, or another attempt after a pause. */
  async #failed(
    attempt: LostAttempt<Awaited<R>>,
    failure: unknown,
    sending: Sending | undefined,
    chosenUuids: boolean,
  ): Promise<TransactResult<Awaited<R>> | "again"> {
    const link = this.#link;
    // Not at our wish: the database is getting another schema.
    const error = isCancelled(failure) ? new ConflictError(cancelled) : failure;
    const { dryRun, signal } = this.#options;
    this.#settlement ??= new Settlement({
      link,
      uuids: this.#uuids,
      deadline: this.#deadline,
      signal,
      tenure: this.#tenure,
    });
    if (isLost(link, error)) {
      if (!(error instanceof OutcomeUnknownError) || dryRun === true) return "again";
      const verdict = await this.#verdict(this.#settlement.settle(attempt, error));
      return verdict === "again" ? verdict : this.#finish(attempt, verdict);
    }
    if (error instanceof OutcomeUnknownError && !this.#mayChange(attempt.operations))
      throw error.cause ?? error;
    const earlier = this.#settlement.excludes(error, attempt);
    if (earlier !== undefined) return this.#finish(earlier, "settled");
    if (sending !== undefined && dryRun !== true) {
      const verdict = await this.#verdict(this.#settlement.refused(attempt, error, sending));
      if (verdict !== "again") return this.#finish(attempt, verdict);
    }
    if (chosenUuids && refusesChosenUuids(error)) {
      link.takesChosenUuids = false;
      return "again";
    }
    if (this.#isOfOtherSchema(error)) return "again";
    if (!mayRunAgain(link, error, attempt.step))
      throw withTakenName(withRemainingReferences(error, link, attempt.operations), attempt.places);
    this.#taken ??= new TakenUuid(link);
    if (this.#taken.isChosenAgain(error, attempt.operations)) throw error;
    this.#conflict = error;
    link.session.counters.conflicts += 1;
    await delay(Math.min(jitter(attempt.number), this.#deadline.left), signal);
    if (this.#deadline.passed) throw error;
    return "again";
  }

  /**
   * Whether a refusal may be due to a schema that came after the last attempt was described. The server tells of a new schema before it
   * refuses anything by it, so by now the session knows.
   */
  #isOfOtherSchema(error: unknown): boolean {
    const { schema, session } = this.#link;
    return error instanceof OperationError && (schema !== this.#schema || session.state === "syncing");
  }

  /** What is found out about a run; "again" where nothing is, of one that may be done twice. */
  async #verdict(found: Promise<Verdict>): Promise<Verdict> {
    try {
      return await found;
    } catch (error) {
      const { idempotent, signal } = this.#options;
      const isOver = this.#deadline.passed || signal?.aborted === true || this.#link.ended;
      if (idempotent !== true || isOver || !(error instanceof OutcomeUnknownError)) throw error;
      this.#settlement?.giveUp(error);
      return "again";
    }
  }

  async #finish(
    attempt: LostAttempt<Awaited<R>>,
    results: readonly OperationResult[] | "settled",
  ): Promise<TransactResult<Awaited<R>>> {
    const { step } = attempt;
    const result = makeResult(attempt, results);
    if (step !== undefined && this.#options.dryRun !== true) {
      attempt.follower?.committed?.();
      const arrived = results === "settled" ? step.arrivalUpToNow() : step.arrival(results);
      await this.#arrival(arrived, result);
    }
    this.#kinds = attempt.operations.kinds;
    return result;
  }

  async #arrival(arrived: () => boolean, result: TransactResult<unknown>): Promise<void> {
    const what =
      this.#options.wait === "hv"
        ? "the confirmation of all chassis (NB_Global.hv_cfg)"
        : "ovn-northd's confirmation (NB_Global.sb_cfg)";
    try {
      await this.#link.until(arrived, this.#within(), what);
    } catch (cause) {
      // The timeout names what did not come.
      const missing =
        cause instanceof TimeoutError
          ? cause.message
          : `${what} was not seen: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new UnconfirmedError(`the transaction was committed; but ${missing}`, { cause, result });
    }
  }

  #within(): UntilOptions {
    return boundsOf({ deadline: this.#deadline, signal: this.#options.signal });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
