import { DEFAULT_APPLY_TIMEOUT, type Deadline, deadlineOf, UnconfirmedError } from "../../database/index.ts";
import { ConflictError } from "../../ovsdb/index.ts";
import { type Change, changesLeft } from "../../reconcile/index.ts";
import { isGivenUp, OutcomeUnknownError } from "../../session/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import type { Northbound } from "../request/request.ts";
import { type Applied, type ApplyOptions, applyPlan, type Planner } from "./apply.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import { remembered } from "./remembered.ts";
import { Reservation } from "./reservation.ts";

/**
 * A call about one thing on a network that may share a transaction with others of its kind. Nobody may notice but by the time:
 * each has its own outcome, and where something goes wrong for the sake of one of them all go by themselves.
 */
export abstract class JointCall<Outcome> {
  readonly nb: Northbound;
  readonly deadline: Deadline;
  readonly spec: NetworkSpec;
  /** A plan of several calls with this one was refused: it is not tried again. */
  isAlone = false;
  /** What it is about to take, alone or with others. */
  readonly reservation: Reservation;
  /** What a plan may have to tell about this call: what is told often, and when that was not enough all of it. */
  protected notes: readonly string[] = [];
  readonly #planner: Planner;
  readonly #options: object;
  readonly #applyOptions: ApplyOptions;
  #doubt: OutcomeUnknownError | undefined;
  #lostChanges: readonly Change[] = [];

  /**
   * Throws `UsageError` for a `timeout` and a `wait` that are none.
   *
   * @param options All that were given; calls with others do not go together.
   * @param applyOptions Those of them that are about applying.
   */
  constructor(nb: Northbound, spec: NetworkSpec, options: object, applyOptions: ApplyOptions) {
    this.nb = nb;
    this.deadline = deadlineOf(applyOptions, DEFAULT_APPLY_TIMEOUT);
    this.spec = spec;
    this.reservation = new Reservation(nb, applyOptions.dryRun);
    this.#options = options;
    this.#applyOptions = applyOptions;
    this.#planner = remembered(nb, () => this.draft([], this.reservation));
  }

  /** Where on the network it is; a plan of several is the smaller the fewer these are. */
  abstract readonly place: string;

  /** Something that other calls may speak of, too, and what this one says of it: they go together where they say the same. */
  abstract readonly said: readonly [about: string, what: string];

  /** Makes a plan of this call and others, and reserves what they take. */
  protected abstract draft(others: readonly this[], reservation: Reservation): DraftPlan;

  /** What its caller gets of what was applied. */
  protected abstract outcomeIn(applied: Applied, notes: readonly string[]): Outcome;

  /** What of that which was applied for several calls was for this one. */
  protected partOf(applied: Applied): Applied {
    return applied;
  }

  get signal(): AbortSignal | undefined {
    return this.#applyOptions.signal;
  }

  /** Whether its transaction may be one of several calls. */
  get mayBeTogether(): boolean {
    const { wait = "none", dryRun = false } = this.#applyOptions;
    // What waits for others after its commit must not hold up those who do not.
    return !this.isAlone && wait === "none" && !dryRun;
  }

  /** Does it by itself. Throws as `Plan.apply` does. */
  async alone(): Promise<Outcome> {
    try {
      const applied = await applyPlan(this.nb, this.#planner, [], this.#applyOptions, this.deadline);
      return this.outcomeIn(applied, applied.notes);
    } catch (error) {
      throw this.#inDoubt(error);
    }
  }

  /**
   * Whether it may go into a transaction of that call: on one network, with the same options, and with at least as much time
   * left, so that it is not too late when that call gives up.
   */
  mayJoin(other: this): boolean {
    return (
      !this.isAlone &&
      this.spec === other.spec &&
      isSame(this.#options, other.#options) &&
      this.deadline.left >= other.deadline.left
    );
  }

  /**
   * Does what these calls ask for, too, in one transaction: all of them, or none. Each time that somebody else was faster half
   * of them are left out: the plan of a few is made sooner, and so is less likely to come too late again.
   *
   * Throws what a plan of one of them throws; `Error` where there is more to tell of all of them than of each.
   *
   * @param leaveOut called with those that are left out, the last ones first.
   * @returns the outcomes in the order of the calls, this one first.
   */
  async together(
    others: readonly this[],
    leaveOut: (calls: ReadonlySet<this>) => void,
  ): Promise<readonly [Outcome, ...Outcome[]]> {
    let kept = others;
    let planner = this.#plannerWith(kept);
    const whole: Planner = Object.assign((only?: ReadonlySet<string>) => planner(only), {
      made: () => planner.made?.(),
      overtaken: () => {
        const half = kept.length >> 1;
        // They need not look past what they were to have.
        this.release();
        leaveOut(new Set(kept.slice(half)));
        kept = kept.slice(0, half);
        planner = this.#plannerWith(kept);
      },
      // Who is left out of a later attempt, or parted from the others, was in this one all the same.
      lost: (error: OutcomeUnknownError, changes: readonly Change[]) => {
        for (const each of [this, ...kept]) each.doubt(error, changes);
      },
    });
    try {
      const applied = await applyPlan(this.nb, whole, [], this.#applyOptions, this.deadline);
      return [this.#ownIn(applied), ...kept.map((each) => each.#ownIn(applied))];
    } catch (error) {
      throw this.#inDoubt(error);
    }
  }

  #plannerWith(others: readonly this[]): Planner {
    const calls = [this, ...others];
    return remembered(this.nb, () => {
      const plan = this.draft(others, this.reservation);
      if (this.#untold(plan, calls) === undefined) return plan;
      // Whom it is about is shown by plans of each.
      for (const each of calls) each.#learnNotes();
      const more = this.#untold(plan, calls);
      if (more !== undefined) throw new Error(`of these together there is more to tell: ${more}`);
      return plan;
    });
  }

  #learnNotes(): void {
    this.notes = this.draft([], new Reservation(this.nb, true)).notes;
  }

  /** A note in a plan of calls that none of them is known to be told. */
  #untold({ notes }: DraftPlan, calls: readonly this[]): string | undefined {
    if (notes.length === 0) return undefined;
    const known = new Set(calls.flatMap((each) => each.notes));
    return notes.find((note) => !known.has(note));
  }

  /** Its own outcome, with the notes that are about it. */
  #ownIn(applied: Applied): Outcome {
    const own = new Set(this.notes);
    return this.outcomeIn(
      this.partOf(applied),
      applied.notes.filter((note) => own.has(note)),
    );
  }

  /**
   * It was in a transaction of which it is not known whether it was done. That stays so although a later plan does not find
   * what it asked for: what is still on its way may come after that.
   *
   * @param changes What has been changed for all of its calls if it was done. Absent: no more than was told before.
   */
  doubt(error: OutcomeUnknownError, changes: readonly Change[] = []): void {
    this.#doubt = error;
    this.#lostChanges = [...changesLeft(this.#lostChanges, changes), ...changes];
  }

  /** What has been changed, for this call and for others, if what it was in and was lost was done. */
  protected get lostChanges(): readonly Change[] {
    return this.#lostChanges;
  }

  /** What to throw in the place of an error after which nothing was done, so far as that is not known. */
  #inDoubt(error: unknown): unknown {
    return this.#doubt !== undefined && this.isInterrupted(error) ? this.#doubt : error;
  }

  /** The error for a call that was given up. */
  givenUp(error: unknown): unknown {
    return this.#doubt ?? error;
  }

  /** Whether an error is about time, connection, lock or others who were faster, and not about what was planned. */
  isInterrupted(error: unknown): boolean {
    return (
      isGivenUp(error, this.signal) ||
      error instanceof ConflictError ||
      error instanceof OutcomeUnknownError ||
      error instanceof UnconfirmedError
    );
  }

  /** Gives back what it was about to take: it is over, or it will be planned anew. */
  release(): void {
    this.reservation.release();
  }
}

/** Whether options say the same, of the time apart. */
function isSame(one: object, other: object): boolean {
  if (one === other) return true;
  const [given, others]: readonly Readonly<Record<string, unknown>>[] = [{ ...one }, { ...other }];
  return Object.keys({ ...given, ...others }).every(
    (key) => key === "timeout" || Object.is(given?.[key], others?.[key]),
  );
}
