import { type Json, type Peer, RpcError, TimeoutError } from "../jsonrpc/index.ts";
import { OutcomeUnknownError } from "./errors.ts";
import type { Tenure } from "./locks.ts";
import { onAbort } from "./on-abort.ts";
import { startTimer } from "./timers.ts";

/**
 * How long to wait for the reply after a `cancel`, before the outcome of a write is called unknown; of a short timeout at
 * most a quarter, so that the call ends within it.
 */
const CANCEL_GRACE = 1_000;

/** How one transaction is sent. */
export interface SendOptions {
  /** Gives the transaction up: the server is asked to cancel it. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the same. */
  readonly timeout: number;
  /** Do it only while this tenure of a lock lasts: an `assert` goes ahead of the operations, and has no result. */
  readonly tenure?: Tenure;
  /** Told at the moment of sending to whom it goes. */
  readonly onServer?: (server: TransactServer) => void;
}

/** The server that a transaction is sent to. */
export interface TransactServer {
  /** As in `tcp:127.0.0.1:6641`. */
  readonly remote: string;
  /**
   * Whether it is no member of a cluster and no relay. To one alone, "canceled" means that nothing was done. Others also
   * say it of what they have handed on and what may be committed later, and carry a transaction out again by themselves
   * when they cannot tell whether it was committed (ovsdb/trigger.c, ovsdb_trigger_cancel and ovsdb_trigger_try).
   */
  readonly isAlone: boolean;
  /** A number for the time in which it leads its cluster without a break, 0 while it does not lead. */
  readonly reign: number;
}

/**
 * Sends one `transact` and returns its raw result array.
 *
 * On timeout or abort the server is asked to cancel; the reply that then comes tells what became of it. Throws
 * `TimeoutError` or the signal's reason when it is certain that nothing was done, `OutcomeUnknownError` when it is not.
 */
export async function sendTransact(
  peer: Peer,
  database: string,
  operations: readonly Json[],
  options: SendOptions,
  server: TransactServer,
): Promise<Json> {
  const { signal, timeout } = options;
  signal?.throwIfAborted();
  const { id, reply } = peer.send("transact", [database, ...operations]);
  let given: { readonly reason: unknown } | undefined;
  let stopGrace: (() => void) | undefined;
  const grace = Math.min(CANCEL_GRACE, timeout / 4);
  const give = (reason: unknown): void => {
    if (given !== undefined) return;
    given = { reason };
    if (!peer.closed) peer.notify("cancel", [id]);
    stopGrace = startTimer(grace, () => peer.forget(id, reason));
  };
  const stopTimer = startTimer(timeout - grace, () =>
    give(new TimeoutError("the reply to the transaction", timeout)),
  );
  const stopListening = onAbort(signal, () => give(signal?.reason));
  options.onServer?.(server);
  try {
    return await reply;
  } catch (error) {
    throw outcome(error, given, operations, server);
  } finally {
    stopTimer();
    stopGrace?.();
    stopListening();
  }
}

/** What to throw when a `transact` got no result: did it happen or not? */
function outcome(
  error: unknown,
  given: { readonly reason: unknown } | undefined,
  operations: readonly Json[],
  { remote, isAlone }: TransactServer,
): unknown {
  if (error instanceof RpcError) {
    if (error.error !== "canceled") return error;
    // The answer to our own cancel; or the server's own doing, as when the database gets another schema.
    if (isAlone) return given === undefined ? error : given.reason;
  }
  const why = given === undefined ? error : given.reason;
  return new OutcomeUnknownError(
    `the transaction was sent and its reply never came (${why instanceof Error ? why.message : String(why)}): it may have been committed`,
    { operations, remote, lost: given === undefined, cause: why },
  );
}
