import {
  DEFAULT_APPLY_TIMEOUT,
  type Deadline,
  deadlineOf,
  UnconfirmedError,
  whenSynced,
} from "../../database/index.ts";
import { UsageError } from "../../jsonrpc/index.ts";
import { ConflictError } from "../../ovsdb/index.ts";
import { isGivenUp, OutcomeUnknownError } from "../../session/index.ts";
import type { NetworkSpec } from "../description/network-spec.ts";
import { podPortName } from "../naming/names.ts";
import type { Northbound } from "../request/request.ts";
import { type Applied, type ApplyOptions, applyPlan, type Planner } from "./apply.ts";
import { type AttachmentOptions, draftAttachments, type PodOnNode } from "./draft-attachment.ts";
import type { PlannedAttachment } from "./draft-network.ts";
import type { DraftPlan } from "./draft-of-rows.ts";
import type { ExclusiveRow } from "./exclusive-rows.ts";
import { inTurn } from "./plan-turn.ts";
import { remembered } from "./remembered.ts";
import { Reservation } from "./reservation.ts";

/** The port that a pod was given. */
export interface AttachedPort extends PlannedAttachment {
  /** What people should know although it is no error, as `notes` of a plan: of ports that have the MAC that the pod asked for. */
  readonly notes: readonly string[];
}

/** One call of `attach` that is under way. */
export class AttachCall {
  readonly nb: Northbound;
  readonly pod: PodOnNode;
  readonly deadline: Deadline;
  /** A plan of several pods with this one was refused: it is not tried again. */
  isAlone = false;
  readonly #spec: NetworkSpec;
  readonly #options: AttachmentOptions;
  readonly #applyOptions: ApplyOptions;
  readonly #reservation: Reservation;
  readonly #planner: Planner;
  #notes: readonly string[] = [];
  #doubt: OutcomeUnknownError | undefined;

  /**
   * Throws `UsageError` for a `timeout` and a `wait` that are none.
   *
   * @param applyOptions Those of the options that are about applying.
   */
  constructor(
    nb: Northbound,
    spec: NetworkSpec,
    pod: PodOnNode,
    options: AttachmentOptions & ApplyOptions,
    applyOptions: ApplyOptions,
  ) {
    this.nb = nb;
    this.pod = pod;
    this.deadline = deadlineOf(applyOptions, DEFAULT_APPLY_TIMEOUT);
    this.#spec = spec;
    this.#options = options;
    this.#applyOptions = applyOptions;
    this.#reservation = new Reservation(nb, applyOptions.dryRun);
    this.#planner = remembered(nb, () => {
      const plan = draftAttachments(nb, spec, [pod], options, this.#reservation);
      this.#notes = plan.notes;
      return plan;
    });
  }

  get signal(): AbortSignal | undefined {
    return this.#applyOptions.signal;
  }

  /** Whether its transaction may be one of several calls, if it depends on the version of a switch. */
  get mayBeTogether(): boolean {
    const { wait = "none", dryRun = false } = this.#applyOptions;
    // What waits for others after its commit must not hold up those who do not.
    return this.#spec.subnets.length > 1 && wait === "none" && !dryRun;
  }

  /** The switch whose version its transaction depends on. At once, when it can. */
  contested(): ExclusiveRow | undefined | Promise<ExclusiveRow | undefined> {
    const until = { deadline: this.deadline, signal: this.signal };
    const plan = whenSynced(this.nb, () => inTurn(this.#planner, until), until);
    return plan instanceof Promise ? plan.then(contestedBy) : contestedBy(plan);
  }

  /** Attaches the pod by itself. Throws as `Network.attach` does. */
  async alone(): Promise<AttachedPort> {
    try {
      const applied = await applyPlan(this.nb, this.#planner, [], this.#applyOptions, this.deadline);
      return { ...this.#plannedIn(applied), notes: applied.notes };
    } catch (error) {
      throw this.#inDoubt(error);
    }
  }

  /**
   * Whether its pod may go into a transaction of that call: on one network, with the same options, and with at least as much
   * time left, so that it is not too late when that call gives up.
   */
  mayJoin(other: AttachCall): boolean {
    return (
      !this.isAlone &&
      this.#spec === other.#spec &&
      isSame(this.#options, other.#options) &&
      this.deadline.left >= other.deadline.left
    );
  }

  /**
   * Attaches the pods of these calls, too, in one transaction: all of them, or none. Each time that somebody else was faster half
   * of them are left out: the plan of a few is made sooner, and so is less likely to come too late again.
   *
   * Throws what a plan of one of them throws; `Error` where there is more to tell of all of them than of each.
   *
   * @param leaveOut called with those that are left out, the last ones first.
   * @returns the ports in the order of the calls, this one first.
   */
  async together(
    others: readonly AttachCall[],
    leaveOut: (calls: ReadonlySet<AttachCall>) => void,
  ): Promise<readonly [AttachedPort, ...AttachedPort[]]> {
    let kept = others;
    let planner = this.#plannerWith(kept);
    const whole: Planner = Object.assign((only?: ReadonlySet<string>) => planner(only), {
      made: () => planner.made?.(),
      overtaken: () => {
        const half = kept.length >> 1;
        leaveOut(new Set(kept.slice(half)));
        kept = kept.slice(0, half);
        planner = this.#plannerWith(kept);
      },
    });
    try {
      const applied = await applyPlan(this.nb, whole, [], this.#applyOptions, this.deadline);
      return [this.#portIn(applied), ...kept.map((each) => each.#portIn(applied))];
    } catch (error) {
      throw this.#inDoubt(error);
    }
  }

  #plannerWith(others: readonly AttachCall[]): Planner {
    const party = new Set(others.map((each) => each.#reservation));
    const known = new Set([this, ...others].flatMap((each) => each.#notes));
    const pods: readonly [PodOnNode, ...PodOnNode[]] = [this.pod, ...others.map(({ pod }) => pod)];
    return remembered(this.nb, () => {
      const plan = draftAttachments(this.nb, this.#spec, pods, this.#options, this.#reservation, party);
      const more = plan.notes.find((note) => !known.has(note));
      if (more !== undefined) throw new Error(`of these pods together there is more to tell: ${more}`);
      return plan;
    });
  }

  /**
   * Its pod was in a transaction of which it is not known whether it was done. That stays so although a later plan does not find
   * the port: what is still on its way may come after that.
   */
  doubt(error: OutcomeUnknownError): void {
    this.#doubt = error;
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

  /** Gives back what it was about to take: it is over, or its pod will be planned anew. */
  release(): void {
    this.#reservation.release();
  }

  /** Its own port of those that were attached, with the notes that are about it. */
  #portIn(applied: Applied): AttachedPort {
    const own = new Set(this.#notes);
    return { ...this.#plannedIn(applied), notes: applied.notes.filter((note) => own.has(note)) };
  }

  #plannedIn({ attachments }: Applied): PlannedAttachment {
    const { nad, namespace, name } = this.pod.attachment;
    const portName = podPortName(nad, namespace, name);
    const planned = attachments.find((each) => each.portName === portName);
    if (planned === undefined) throw new UsageError(`pod ${namespace}/${name} was not planned`);
    return planned;
  }
}

function contestedBy({ isEmpty, exclusive }: DraftPlan): ExclusiveRow | undefined {
  return isEmpty || exclusive.length > 1 ? undefined : exclusive[0];
}

/** Whether options say the same, of the time apart. */
function isSame(one: object, other: object): boolean {
  if (one === other) return true;
  const [given, others]: readonly Readonly<Record<string, unknown>>[] = [{ ...one }, { ...other }];
  return Object.keys({ ...given, ...others }).every(
    (key) => key === "timeout" || Object.is(given?.[key], others?.[key]),
  );
}
