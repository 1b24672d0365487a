import { TimeoutError } from "../jsonrpc/index.ts";
import { checkMilliseconds, onAbort, startTimer } from "../session/index.ts";

/** A point in time after which a call gives up. */
export class Deadline {
  readonly #at: number;
  readonly timeout: number;

  /**
   * `timeout` in milliseconds from `begun`, a time of `performance.now()`; `Infinity` is never. Throws `UsageError` for what
   * is no such number.
   */
  constructor(timeout: number, begun: number = performance.now()) {
    checkMilliseconds("timeout", timeout);
    this.timeout = timeout;
    this.#at = begun + timeout;
  }

  /** Milliseconds left, at least 0. */
  get left(): number {
    return Math.max(0, this.#at - performance.now());
  }

  get passed(): boolean {
    return this.left === 0;
  }

  /** A `TimeoutError` about what did not come in time. */
  error(what: string, cause?: unknown): TimeoutError {
    return new TimeoutError(what, this.timeout, { cause });
  }
}

/** When a call that has begun gives up, whatever steps it takes. */
export interface Until {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
}

/** The same as options of one of its steps. */
export function boundsOf({ deadline, signal }: Until): {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
} {
  return { timeout: deadline.left, signal };
}

/** Resolves after `milliseconds`, or rejects with the signal's reason. */
export function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stopTimer = startTimer(milliseconds, () => {
      stopListening();
      resolve();
    });
    const stopListening = onAbort(signal, () => {
      stopTimer();
      reject(signal?.reason);
    });
  });
}

/**
 * What a promise gives, if it comes within so many milliseconds and before any of the signals aborts. Rejects as the promise does, with
 * what `late` makes, or with the reason of the signal; what the promise does after that is nobody's any more.
 */
export async function inTime<R>(
  promise: PromiseLike<R>,
  milliseconds: number,
  late: () => unknown,
  signals: readonly (AbortSignal | undefined)[],
): Promise<R> {
  const stops: (() => void)[] = [];
  try {
    return await new Promise<R>((resolve, reject) => {
      promise.then(resolve, reject);
      stops.push(startTimer(milliseconds, () => reject(late())));
      for (const signal of signals) {
        signal?.throwIfAborted();
        stops.push(onAbort(signal, () => reject(signal?.reason)));
      }
    });
  } finally {
    for (const stop of stops) stop();
  }
}

/** Milliseconds to wait before try number `attempt` (1 is the first repetition): grows, capped, at random in its range. */
export function jitter(attempt: number): number {
  return Math.random() * Math.min(250, 2 ** attempt);
}
