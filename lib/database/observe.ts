import { OutcomeUnknownError, type TransactionOutcome } from "../session/index.ts";
import { UnconfirmedError } from "./errors.ts";
import type { Link } from "./link.ts";
import type { TransactResult } from "./result.ts";

/** Counts a call of `transact` by how it ends, and tells the log and the channels. */
export async function observe<R>(link: Link, call: Promise<TransactResult<R>>): Promise<TransactResult<R>> {
  const { counters, events } = link.session;
  const begun = performance.now();
  try {
    const result = await call;
    const { changed, settled, attempts, operations } = result;
    const outcome: TransactionOutcome = settled ? "settled" : changed ? "committed" : "unchanged";
    if (changed) counters.committed += 1;
    else counters.unchanged += 1;
    if (settled) counters.settled += 1;
    const milliseconds = performance.now() - begun;
    events.transaction({ outcome, attempts, operations: operations.length, milliseconds });
    return result;
  } catch (thrown) {
    const outcome = outcomeOf(thrown);
    counters[outcome] += 1;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const milliseconds = performance.now() - begun;
    events.transaction({ outcome, attempts: 0, operations: 0, milliseconds, error });
    throw thrown;
  }
}

function outcomeOf(error: unknown): "committed" | "unknown" | "failed" {
  if (error instanceof OutcomeUnknownError) return "unknown";
  // Only the confirmation that was waited for afterwards is missing.
  return error instanceof UnconfirmedError ? "committed" : "failed";
}
