import { RpcError } from "../jsonrpc/index.ts";
import {
  ConflictError,
  checkResults,
  commitOp,
  type Operation,
  OperationError,
  type OperationResult,
  selectOp,
  type WireRow,
  WrittenOperations,
} from "../ovsdb/index.ts";
import {
  isGivenUp,
  NotSyncedError,
  OutcomeUnknownError,
  type Tenure,
  type TransactServer,
  type UnknownOutcome,
} from "../session/index.ts";
import { changesRows } from "./aim.ts";
import type { ConfigurationStep } from "./configuration.ts";
import { UnconfirmedError } from "./errors.ts";
import type { Follower } from "./follower.ts";
import type { Link } from "./link.ts";
import type { Attempt } from "./result.ts";
import type { RowUuids } from "./row-uuids.ts";
import { cameLate, hasLedSince, isGone, mayBeSecond, type Sending } from "./second-execution.ts";
import { holdsStill, type SelfGuard, selfGuards } from "./self-guard.ts";
import { boundsOf, type Until } from "./timing.ts";
import { findToken, type Token } from "./token.ts";

type Known = Partial<UnknownOutcome>;

/** A run whose reply was lost. */
export interface LostAttempt<R> extends Attempt<R> {
  /** What it was to wait for afterwards. */
  readonly step: ConfigurationStep | undefined;
  /** Who is to be told more than the call tells. */
  readonly follower: Follower | undefined;
}

/** What became of a run whose reply was lost: the results of another sending of it, "settled", or "again": not done. */
export type Verdict = readonly OperationResult[] | "settled" | "again";

/** What a call of `transact` knows about itself. */
export interface Call extends Until {
  readonly link: Link;
  readonly uuids: RowUuids;
  /** Of the lock that the runs are bound to. It ends with the connection, so none of them is sent a second time. */
  readonly tenure: Tenure | undefined;
}

/**
 * Finds out what became of the runs of one call whose replies were lost with the connection, so that none is carried out
 * twice.
 *
 * A run that inserts rows is settled by one of them, the token: its uuid was drawn for this call, so if it is there, the
 * run was committed, and a second sending of it cannot be. Others are settled by guards that they themselves make false.
 * What can be settled by neither is unknown.
 */
export class Settlement<R> {
  readonly #call: Call;
  /** Runs that were not there when looked for, and may come late: a stopped member of a cluster can still forward them. */
  readonly #late: (LostAttempt<R> & { readonly token: Token })[] = [];
  /** What is known of the last run of unknown outcome whose function runs again all the same, as it may be done twice. */
  #unsettled: OutcomeUnknownError | undefined;
  /** Runs that were refused and certainly not carried out. */
  #dead = 0;
  /** Who answered last. */
  #asked: TransactServer | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  /** What became of a run. Throws `OutcomeUnknownError` with what is known, and what the server refused it with. */
  async settle(attempt: LostAttempt<R>, lost: OutcomeUnknownError): Promise<Verdict> {
    if (!attempt.own.kinds.some(changesRows)) return "again";
    const { link, uuids } = this.#call;
    const token = findToken(attempt.own, link.schema, (uuid) => uuids.has(uuid));
    if (token !== undefined) return this.#settleByToken({ ...attempt, token }, lost);
    const guards = selfGuards(attempt.own.list);
    if (guards.length > 0) return this.#settleByGuards(attempt, guards, lost);
    throw lost;
  }

  /**
   * What became of a run that was refused, if that says nothing of its first execution: "again" is what the refusal says.
   * Throws `OutcomeUnknownError` with what is known.
   *
   * A refusal shows a database that has gone on since the first execution. That execution came next in the cluster's log,
   * and what it did is there too; or it never comes. So a token that is not there now will not be there later.
   */
  async refused(attempt: LostAttempt<R>, error: unknown, sent: Sending): Promise<Verdict> {
    const { link, uuids } = this.#call;
    if (!mayBeSecond(error, sent) || !attempt.own.kinds.some(changesRows)) {
      this.#dead += 1;
      return "again";
    }
    const token = findToken(attempt.own, link.schema, (uuid) => uuids.has(uuid));
    if (token !== undefined) return this.#findRefused({ ...attempt, token }, sent);
    // All that an earlier execution did, if there was one, has gone with the one row that it was about.
    if (isGone(error)) return "again";
    if (sent.reign === 0 && !cameLate(error, attempt.operations.list)) return "again";
    return this.#judgeRefused(attempt, error, sent);
  }

  async #findRefused(
    attempt: LostAttempt<R> & { readonly token: Token },
    { server }: Sending,
  ): Promise<Verdict> {
    const known = { operations: attempt.operations.list, remote: server.remote };
    return this.#untilDecided(
      doneTwice,
      () => known,
      async () => {
        if (await this.#isThere(attempt.token)) {
          if (this.#late.length > 0) throw oneOfSeveral(attempt.operations.list);
          return "settled";
        }
        // Another member may be behind.
        if (this.#asked === server) this.#dead += 1;
        else this.#late.push(attempt);
        return "again";
      },
    );
  }

  async #judgeRefused(attempt: LostAttempt<R>, error: OperationError, sent: Sending): Promise<Verdict> {
    const known = { operations: attempt.operations.list, remote: sent.server.remote };
    const guards = selfGuards(attempt.own.list);
    let rows: readonly WireRow[] = [];
    const verdict = await this.#untilDecided<"again" | "moved" | "unsure">(
      doneTwice,
      () => known,
      async () => {
        // Also without guards: a server that has lost the leadership says so before it answers.
        const found = await this.#read(guards);
        rows = found.filter((row) => row !== undefined);
        if (hasLedSince(sent, this.#asked)) return "again";
        if (this.#asked !== sent.server) return "moved";
        return guards.some((guard, index) => holdsStill(guard, found[index])) ? "again" : "unsure";
      },
    );
    if (verdict === "again") {
      this.#dead += 1;
      return "again";
    }
    const lost = unknown(doneTwice, error, { ...known, lookedUp: true, rows });
    if (verdict === "moved" && guards.length > 0) return this.#settleByGuards(attempt, guards, lost);
    throw lost;
  }

  /** Leaves the outcome of a run unknown. No later error may say then that nothing was done. */
  giveUp(outcome: OutcomeUnknownError): void {
    this.#unsettled = outcome;
  }

  /** Whether a run may still come late. */
  get isOpen(): boolean {
    return this.#late.length > 0;
  }

  /** The earlier run that was committed after all, if one was. To be asked before the function runs again. */
  async committed(): Promise<LostAttempt<R> | undefined> {
    for (const { token } of this.#late) {
      if (await this.#isThere(token)) return this.#theOne();
    }
    return undefined;
  }

  /**
   * The run that was committed, if the server refused this one for a row of that run: an earlier run whose reply was lost,
   * or this one itself. A member of a cluster that loses the leadership while it commits a transaction carries it out once
   * more by itself, and meets the row of the first time (ovsdb-server 3.1).
   */
  excludes(error: unknown, attempt: LostAttempt<R>): LostAttempt<R> | undefined {
    if (!this.#isOurDuplicate(error, attempt.operations)) return undefined;
    return attempt.number === this.#dead + 1 ? attempt : this.#theOne();
  }

  /** What to throw in the place of an error that says, or may be read so, that nothing was done. */
  truth(error: unknown): unknown {
    const saysAll = error instanceof OutcomeUnknownError || error instanceof UnconfirmedError;
    if (this.#unsettled !== undefined && !saysAll) return failedAgain(this.#unsettled, error);
    const [last] = this.#late.slice(-1);
    if (last === undefined || !isGivenUp(error, this.#call.signal)) return error;
    return unknown(lostReply, error, { operations: last.operations.list, lookedUp: true });
  }

  /** Several runs that differ share their uuids: which of them it was cannot be told. So it is when none is known to be late. */
  #theOne(): LostAttempt<R> {
    const [first, ...others] = this.#late;
    if (first !== undefined && others.length === 0) return first;
    throw oneOfSeveral(first?.operations.list ?? []);
  }

  async #settleByToken(
    attempt: LostAttempt<R> & { readonly token: Token },
    lost: OutcomeUnknownError,
  ): Promise<Verdict> {
    let lookedUp = false;
    return this.#untilDecided(
      lostReply,
      () => ({ ...lost, lookedUp }),
      async () => {
        if (await this.#isThere(attempt.token)) return "settled";
        lookedUp = true;
        try {
          return await this.#sendAgain(attempt.operations);
        } catch (error) {
          if (this.#isOurDuplicate(error, attempt.operations)) return "settled";
          // A server that takes no such uuids has not taken the first sending either.
          if (refusesChosenUuids(error)) return "again";
          if (!(error instanceof ConflictError)) throw error;
          this.#late.push(attempt);
          return "again";
        }
      },
    );
  }

  async #settleByGuards(
    attempt: LostAttempt<R>,
    guards: readonly SelfGuard[],
    lost: OutcomeUnknownError,
  ): Promise<Verdict> {
    return this.#untilDecided(
      lostReply,
      () => lost,
      async () => {
        try {
          return await this.#sendAgain(attempt.operations);
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
          const found = await this.#read(guards);
          // Another guard has failed, then.
          if (guards.some((guard, index) => holdsStill(guard, found[index]))) return "again";
          const rows = found.filter((row) => row !== undefined);
          throw unknown(lostReply, error, { ...lost, lookedUp: true, rows });
        }
      },
    );
  }

  /** Asks until there is an answer: the connection may be lost again, and each time nothing is certain. */
  async #untilDecided<V>(what: string, known: () => Known, decide: () => Promise<V>): Promise<V> {
    const { link } = this.#call;
    for (;;) {
      try {
        await link.synced(boundsOf(this.#call));
        return await decide();
      } catch (error) {
        if (isLost(link, error) || isCancelled(error)) continue;
        if (error instanceof OperationError) throw error;
        throw error instanceof OutcomeUnknownError && error.lookedUp ? error : unknown(what, error, known());
      }
    }
  }

  async #isThere({ table, uuid }: Token): Promise<boolean> {
    const select = selectOp(table, [["_uuid", "==", ["uuid", uuid]]], ["_uuid"]);
    const [result] = await this.#send([select]);
    return result?.op === "select" && result.rows.length > 0;
  }

  async #read(guards: readonly SelfGuard[]): Promise<readonly (WireRow | undefined)[]> {
    const results = await this.#send(
      guards.map(({ uuid, wait: { table, columns } }) =>
        selectOp(table, [["_uuid", "==", ["uuid", uuid]]], columns),
      ),
    );
    return results.map((result) => (result.op === "select" ? result.rows[0] : undefined));
  }

  async #sendAgain(operations: WrittenOperations): Promise<readonly OperationResult[]> {
    const { link, tenure } = this.#call;
    return checkResults(operations, await link.send(operations, { ...boundsOf(this.#call), tenure }));
  }

  async #send(list: readonly Operation[]): Promise<readonly OperationResult[]> {
    // A relay answers what only reads by itself, and may be behind: with what does more, all of it goes on to its source.
    const isRelay = this.#call.link.session.details.server?.model === "relay";
    const operations = WrittenOperations.of(isRelay ? [...list, commitOp(false)] : list);
    let asked: TransactServer | undefined;
    const reply = this.#call.link.send(operations, {
      ...boundsOf(this.#call),
      onServer: (server) => {
        asked = server;
      },
    });
    const results = checkResults(operations, await reply);
    this.#asked = asked;
    return results.slice(0, list.length);
  }

  #isOurDuplicate(error: unknown, operations: WrittenOperations): boolean {
    if (!(error instanceof OperationError) || error.error !== "duplicate uuid") return false;
    const failed = error.operationIndex === null ? undefined : operations.list[error.operationIndex];
    return failed?.op === "insert" && failed.uuid !== undefined && this.#call.uuids.has(failed.uuid);
  }
}

/** Whether an error says that the connection is lost, and another one is sought. */
export function isLost(link: Link, error: unknown): boolean {
  if (link.ended) return false;
  // One that was looked for is about more than the connection.
  if (error instanceof OutcomeUnknownError) return error.lost && !error.lookedUp;
  return error instanceof NotSyncedError && !link.whole;
}

/** Whether the server gave a transaction up without our asking, and so that nothing was done. */
export function isCancelled(error: unknown): boolean {
  return error instanceof RpcError && error.error === "canceled";
}

/** ovsdb-server's parser names a member it does not know (ovsdb/execution.c, ovsdb_parser_finish). */
export function refusesChosenUuids(error: unknown): boolean {
  return (
    error instanceof OperationError &&
    error.operation === "insert" &&
    error.error === "syntax error" &&
    /'uuid' is present but not allowed/.test(error.details)
  );
}

function failedAgain(unsettled: OutcomeUnknownError, cause: unknown): OutcomeUnknownError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const { message, operations, remote, lost, lookedUp, rows } = unsettled;
  const known = { operations, remote, lost, lookedUp, rows, cause };
  return new OutcomeUnknownError(`${message}; and doing it again failed: ${why}`, known);
}

function oneOfSeveral(operations: readonly Operation[]): OutcomeUnknownError {
  return new OutcomeUnknownError(
    "one of several runs of the transaction was committed, and it is not known which",
    { operations, lost: true, lookedUp: true },
  );
}

const lostReply = "the transaction was sent, and the connection was lost before its reply";
const doneTwice =
  "the transaction was refused, perhaps for what itself had done: a server of a cluster may carry one out twice";

function unknown(what: string, cause: unknown, known: Known): OutcomeUnknownError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const { operations = [], remote = "", lookedUp = false, rows = [] } = known;
  return new OutcomeUnknownError(
    `${what}; ${
      lookedUp ? "looking for it did not tell what became of it" : "it could not be looked for"
    } (${why}): it may have been committed`,
    { operations, remote, lost: true, lookedUp, rows, cause },
  );
}
