import { TimeoutError } from "../jsonrpc/index.ts";
import { onAbort } from "./on-abort.ts";
import { startTimer } from "./timers.ts";

/** Bounds of a wait. */
export interface WaitBounds {
  /** Milliseconds. @default no limit */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  go(): void;
  fail(reason: unknown): void;
}

/** Those who wait for the same thing, in the order in which they came; each for as long as it likes. */
export class WaitList<T> {
  readonly #waiters: Set<Waiter> = new Set();
  /** Stands at the one that waits longest: from the beginning it is a way past the places of all that were before. */
  #inOrder = this.#waiters.values();

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits for its turn, which {@link next} gives, and resolves with what `go` then returns. `go` runs within `next` and
   * is told how many milliseconds are left.
   *
   * Rejects with `TimeoutError`, which names `what` was waited for, with the signal's reason, or what {@link fail} says.
   */
  wait(bounds: WaitBounds, what: string, go: (left: number) => T | PromiseLike<T>): Promise<T> {
    const { signal, timeout = Number.POSITIVE_INFINITY } = bounds;
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const done = (): void => {
        this.#waiters.delete(waiter);
        stopTimer();
        stopListening();
      };
      const expired = (): void => waiter.fail(new TimeoutError(what, timeout));
      const waiter: Waiter = {
        go: () => {
          const left = timeout - (performance.now() - begun);
          if (left <= 0) {
            expired();
            return;
          }
          done();
          try {
            resolve(go(left));
          } catch (error) {
            reject(error);
          }
        },
        fail: (reason) => {
          done();
          reject(reason);
        },
      };
      this.#waiters.add(waiter);
      const stopTimer = startTimer(timeout, expired);
      const stopListening = onAbort(signal, () => waiter.fail(signal?.reason));
    });
  }

  /** It is the turn of the one that waits longest. */
  next(): void {
    const first = this.#inOrder.next();
    // Nobody waits. Once at its end an iterator stays there, whoever comes after.
    if (first.done) this.#inOrder = this.#waiters.values();
    first.value?.go();
  }

  /** It is the turn of all that wait now. */
  all(): void {
    for (const waiter of [...this.#waiters]) waiter.go();
  }

  /** Nobody's turn will come. */
  fail(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.fail(reason);
  }
}
