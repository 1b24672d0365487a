import {
  addWritten,
  type CommitOptions,
  type Database,
  type Deadline,
  delay,
  follow,
  jitter,
  type LostOutcome,
  type ReadView,
  type Tables,
  UnconfirmedError,
} from "../database/index.ts";
import { ConflictError, ConstraintError, type Operation, type WrittenOperations } from "../ovsdb/index.ts";
import { isGivenUp, OutcomeUnknownError } from "../session/index.ts";
import type { Change } from "./desired.ts";
import { changesLeft } from "./lost-changes.ts";
import { Refusals } from "./refusals.ts";

/** A plan, as far as applying it needs to know. */
export interface Applicable {
  readonly changes: readonly Change[];
  readonly operations: readonly Operation[];
  /** The same as text, and guards of its own before it; it is what is sent. Absent: `operations` are. */
  readonly written?: WrittenOperations;
}

/** A plan, and operations that go before its own. */
export interface Guarded<P extends Applicable> {
  readonly plan: P;
  readonly guards: readonly Operation[];
  /** Called when it is carried out, before ovn-northd or the chassis are waited for; not called when nothing is waited for. */
  readonly committed?: () => void;
}

/** What applying a plan came to. */
export interface PlanOutcome<P extends Applicable> {
  /** The plan that was carried out last. With nothing in it if there was nothing (left) to do. */
  readonly plan: P;
  /** The last plan whose reply was lost, if what it was to change turned out to be done. */
  readonly earlier: P | undefined;
  /** All that was changed: by plans whose replies were lost, and by the last. */
  readonly changes: readonly Change[];
  readonly attempts: number;
}

/** Who is told of what happens to plans on the way to the outcome. */
export interface Told<P extends Applicable> {
  /** Of what has been committed, where `wait` did not end well. */
  readonly unconfirmed?: (outcome: PlanOutcome<P>) => void;
  /**
   * Each time that a reply is lost: the error for whoever does not wait to learn what became of that plan, and what has been changed
   * if it is carried out: by it, and by plans that were lost before it.
   */
  readonly lost?: (error: OutcomeUnknownError, changes: readonly Change[]) => void;
}

/** A plan whose reply was lost. */
interface Lost<P> {
  readonly plan: P;
  /** What has been done if it is done: by it, and by plans that were lost before it. */
  readonly changes: readonly Change[];
  readonly error: OutcomeUnknownError;
  /** Tells counters and log what became of it. */
  readonly tell: (outcome: LostOutcome) => void;
}

/**
 * Makes a plan and carries it out as one transaction; makes it anew from fresh data when somebody else was faster, and when
 * the connection was lost before the reply came: what is there then shows what is left to do.
 *
 * Throws what planning throws; `ConstraintError` when the same plan is refused again and what refused it has not changed;
 * `ConflictError` when others are faster until the time is over; `OutcomeUnknownError` when a reply was lost, and then the
 * time is over, the signal aborts or the database is closed; `UnconfirmedError` when `wait` did not end well.
 *
 * @param makePlan told whether the last plan came to nothing, as somebody else was faster.
 */
export async function applyPlans<T extends Tables<T>, P extends Applicable>(
  db: Database<T>,
  makePlan: (isOvertaken: boolean) => Promise<Guarded<P>>,
  options: CommitOptions,
  deadline: Deadline,
  told: Told<P> = {},
): Promise<PlanOutcome<P>> {
  const { signal } = options;
  const view = (): ReadView => db.view;
  const refusals = new Refusals();
  let attempts = 0;
  let refused: ConstraintError | undefined;
  let isOvertaken = false;
  let lost: Lost<P> | undefined;
  const late = (): unknown =>
    refused === undefined ? deadline.error("a plan of the changes") : overtaken(refused, deadline.timeout);
  for (;;) {
    let planned: P | undefined;
    let tell: Lost<P>["tell"] = () => undefined;
    try {
      if (attempts > 0) await delay(Math.min(jitter(attempts), deadline.left), signal);
      if (deadline.passed) throw late();
      const { value } = await db.transact(
        async (tx) => {
          attempts += 1;
          const { plan, guards, committed } = await makePlan(isOvertaken);
          isOvertaken = true;
          planned = plan;
          refusals.planned(view);
          await heed(signal);
          if (deadline.passed) throw late();
          const { written } = plan;
          if ((written ?? plan.operations).length === 0) return plan;
          const lose = (told: Lost<P>["tell"]): void => {
            tell = told;
          };
          follow(tx, { committed, lost: lose });
          // One by one: a large plan has more operations than a call may have arguments.
          for (const operation of guards) tx.raw(operation);
          if (written !== undefined) addWritten(tx, written);
          else for (const operation of plan.operations) tx.raw(operation);
          return plan;
        },
        { ...options, timeout: deadline.left },
      );
      lost?.tell(whatBecameOf(lost.plan, value));
      return outcomeOf(value, lost, attempts);
    } catch (error) {
      if (error instanceof UnconfirmedError) {
        // What our own function returned, above.
        const plan = error.result.value as P;
        lost?.tell(whatBecameOf(lost.plan, plan));
        told.unconfirmed?.(outcomeOf(plan, lost, attempts));
        throw error;
      }
      if (planned !== undefined && error instanceof OutcomeUnknownError && error.lost) {
        lost?.tell(whatBecameOf(lost.plan, planned));
        const { changes } = planned;
        const all = [...changesLeft(lost?.changes ?? [], changes), ...changes];
        lost = { plan: planned, changes: all, error, tell };
        // It may be there, so that nothing says that it was too large, or somebody else faster.
        [refused, isOvertaken] = [undefined, false];
        told.lost?.(plannable(error, stillUnknown, error), all);
        continue;
      }
      if (error instanceof OutcomeUnknownError) {
        lost?.tell(whatBecameOf(lost.plan, planned));
        throw plannable(error, error.message, error.cause);
      }
      // A unique index may be violated because somebody wrote the same meanwhile.
      const rival =
        error instanceof ConstraintError &&
        planned !== undefined &&
        !refusals.isLasting(error, planned.changes, view)
          ? error
          : undefined;
      if (rival !== undefined && !deadline.passed) {
        refused = rival;
        continue;
      }
      const failure = rival === undefined ? error : overtaken(rival, deadline.timeout);
      if (lost === undefined) throw failure;
      // That somebody else was faster says nothing of a plan that is still on its way, either.
      const isUnknown = isGivenUp(failure, signal) || failure instanceof ConflictError;
      lost.tell(isUnknown ? "unknown" : whatBecameOf(lost.plan, planned));
      if (!isUnknown) throw failure;
      const why = failure instanceof Error ? failure.message : String(failure);
      throw plannable(lost.error, `${stillUnknown}: ${why}`, failure);
    }
  }
}

/** The error of plans that were refused for what might have been different the next time, until there was none. */
function overtaken(error: ConstraintError, timeout: number): ConflictError {
  const within = `${Math.round(timeout)} ms`;
  return new ConflictError(error, `refused as often as it was planned, within ${within}: ${error.message}`);
}

function outcomeOf<P extends Applicable>(
  plan: P,
  lost: Lost<P> | undefined,
  attempts: number,
): PlanOutcome<P> {
  const done = lost === undefined ? [] : changesLeft(lost.changes, plan.changes);
  return {
    plan,
    earlier: done.length > 0 ? lost?.plan : undefined,
    // Not before somebody asks: a plan tells its changes only then.
    get changes() {
      return done.length > 0 ? [...done, ...plan.changes] : plan.changes;
    },
    attempts,
  };
}

/** What a later plan shows of one whose reply was lost; without one nothing is known. */
function whatBecameOf({ changes }: Applicable, later: Applicable | undefined): LostOutcome {
  if (later === undefined) return "unknown";
  return changesLeft(changes, later.changes).length > 0 ? "settled" : "failed";
}

/**
 * Lets signals and timers that came while a large plan was made have their say before it is sent. What changed in the
 * database in that moment makes the guarded transaction fail, and the plan is made again.
 */
async function heed(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

const stillUnknown =
  "a transaction was sent and the connection was lost before its reply; it may have been committed, and what is there was not learned";

/** The error of a transaction as one of the whole call: made again, that plans what is left to do, and does nothing twice. */
function plannable(of: OutcomeUnknownError, message: string, cause: unknown): OutcomeUnknownError {
  const { operations, remote, lost, lookedUp, rows } = of;
  return new OutcomeUnknownError(message, {
    operations,
    remote,
    lost,
    lookedUp,
    rows,
    cause,
    retryable: true,
  });
}
