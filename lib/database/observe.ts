import type { Operation } from "../ovsdb/index.ts";
import { OutcomeUnknownError, type TransactionOutcome } from "../session/index.ts";
import { changesRows } from "./aim.ts";
import { UnconfirmedError } from "./errors.ts";
import type { LostOutcome } from "./follower.ts";
import type { Link } from "./link.ts";
import type { TransactResult } from "./result.ts";

/** Counts a call of `transact` that ended well, and tells the log and the channels. `begun` is of `performance.now()`. */
export function observeEnd(
  { session: { counters, events } }: Link,
  begun: number,
  { results, settled, attempts }: TransactResult<unknown>,
  kinds: readonly Operation["op"][],
): void {
  const wrote = (settled || results.length > 0) && kinds.some(changesRows);
  if (wrote) counters.committed += 1;
  else counters.unchanged += 1;
  if (settled) counters.settled += 1;
  if (!events.heard("transaction")) return;
  const outcome: TransactionOutcome = settled ? "settled" : wrote ? "committed" : "unchanged";
  events.transaction({
    outcome,
    attempts,
    operations: kinds.length,
    milliseconds: performance.now() - begun,
  });
}

/** The same for one that ended in an error. */
export function observeFailure(
  { session: { counters, events } }: Link,
  begun: number,
  thrown: unknown,
): void {
  const outcome = outcomeOf(thrown);
  counters[outcome] += 1;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const milliseconds = performance.now() - begun;
  events.transaction({ outcome, attempts: 0, operations: 0, milliseconds, error });
}

/** The same for one whose reply was lost, by whoever finds out what became of it; it is heard of no sooner. */
export function observeLost(
  link: Link,
  begun: number,
  error: OutcomeUnknownError,
  runs: number,
): (outcome: LostOutcome) => void {
  const { counters, events } = link.session;
  const milliseconds = performance.now() - begun;
  return (outcome) => {
    counters[outcome] += 1;
    if (outcome === "settled") {
      counters.committed += 1;
      events.transaction({ outcome, attempts: runs, operations: error.operations.length, milliseconds });
      return;
    }
    // Of what was surely not done the error must not say that it may have been.
    const reason = outcome === "failed" && error.cause instanceof Error ? error.cause : error;
    events.transaction({ outcome, attempts: 0, operations: 0, milliseconds, error: reason });
  };
}

function outcomeOf(error: unknown): "committed" | "unknown" | "failed" {
  if (error instanceof OutcomeUnknownError) return "unknown";
  // Only the confirmation that was waited for afterwards is missing.
  return error instanceof UnconfirmedError ? "committed" : "failed";
}
