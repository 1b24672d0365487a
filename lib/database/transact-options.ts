import { checkBooleans, UsageError } from "../jsonrpc/index.ts";
import { sketch } from "../ovsdb/index.ts";
import type { Lock } from "./lock.ts";
import { Deadline } from "./timing.ts";

/** How anything is committed: a transaction of your own, or desired rows. */
export interface CommitOptions {
  /**
   * Wait until ovn-northd has written the southbound database (`sb`), or every chassis has caught up (`hv`), as
   * `ovn-nbctl --wait` does: NB_Global.nb_cfg is incremented in the same transaction.
   * @default "none"
   */
  readonly wait?: "none" | "sb" | "hv" | undefined;
  /** Milliseconds for everything: an asynchronous function, repetitions after conflicts, lost connections, and the wait. `Infinity` is no limit. @default `requestTimeout` of the connection, else 30000 */
  readonly timeout?: number | undefined;
  /** Ends the call. When it aborts after the request was sent, the error says whether the outcome is known. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Let the server do the operations, and then drop them. What it checks only at the commit it does not check then: unique
   * indexes, referential integrity, the greatest number of rows. @default false
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Do it only while this lock is held, in the tenure that lasts as the call begins: the server checks that in the
   * transaction itself. Otherwise nothing is done and `LockLostError` is thrown.
   */
  readonly lock?: Lock | undefined;
}

/** How to run a transaction. */
export interface TransactOptions extends CommitOptions {
  /**
   * Run the function again, on fresh data, where a reply was lost and nothing tells whether the transaction was carried out. For
   * what may be done twice, as setting a key, and not for what counts up. An error after that is an `OutcomeUnknownError`.
   * @default false: that is an `OutcomeUnknownError` at once
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Leave out what the replica shows to be so already: columns that have the values which `update` gives, elements and keys
   * likewise, and rows to delete that are gone. For a function that says what shall be, and runs whenever something may have
   * changed: where nothing is left, nothing is sent, and `changed` is `false`. What somebody else changes at that moment is not
   * overwritten by what was left out: it comes as a change, or `verify` tells it.
   * @default false: what is said is sent
   */
  readonly onlyChanges?: boolean | undefined;
}

/** What committing may be told. */
export const COMMIT_OPTIONS: Readonly<Record<keyof CommitOptions, true>> = {
  wait: true,
  timeout: true,
  signal: true,
  dryRun: true,
  lock: true,
};

/** What a call of `transact` may be told. */
export const TRANSACT_OPTIONS: Readonly<Record<keyof TransactOptions, true>> = {
  ...COMMIT_OPTIONS,
  idempotent: true,
  onlyChanges: true,
};

export const DEFAULT_TRANSACT_TIMEOUT = 30_000;
/** For what plans and then applies, in one transaction or several. */
export const DEFAULT_APPLY_TIMEOUT = 60_000;

/**
 * When a call with these options gives up, in milliseconds from `begun`, a time of `performance.now()`. Throws `UsageError`
 * for a `timeout`, a `wait` and a `dryRun` that are none: what does not wait, although it was to, looks as if all were well.
 */
export function deadlineOf(
  options: Pick<CommitOptions, "timeout" | "wait" | "dryRun">,
  defaultTimeout: number,
  begun?: number,
): Deadline {
  const { timeout, wait } = options;
  checkBooleans(options, ["dryRun"]);
  const given: unknown = wait;
  if (given !== undefined && given !== "none" && given !== "sb" && given !== "hv") {
    throw new UsageError(`wait: ${sketch(given)} is neither "none" nor "sb" nor "hv"`);
  }
  return new Deadline(timeout ?? defaultTimeout, begun);
}
