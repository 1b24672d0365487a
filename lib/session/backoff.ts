import { onAbort } from "./on-abort.ts";
import { DEFAULT_MAX_BACKOFF, DEFAULT_MIN_BACKOFF, type SessionOptions } from "./options.ts";
import { startTimer } from "./timers.ts";

/** How long to wait before dialling again: not at all after a connection that lived, else ever longer. */
export class Backoff {
  readonly #min: number;
  readonly #max: number;
  #dials = 0;
  #liveSince: number | undefined;

  constructor({ minBackoff = DEFAULT_MIN_BACKOFF, maxBackoff = DEFAULT_MAX_BACKOFF }: SessionOptions) {
    this.#min = minBackoff;
    this.#max = maxBackoff;
  }

  live(): void {
    this.#liveSince = performance.now();
  }

  /** A server that hangs up as soon as it is live is no better than one that is down. */
  lost(): void {
    if (this.#liveSince !== undefined && performance.now() - this.#liveSince >= this.#min) this.#dials = 0;
    this.#liveSince = undefined;
  }

  /** Resolves when it is time for the next dial, or when the signal aborts. */
  pause(signal: AbortSignal): Promise<void> {
    this.#dials += 1;
    if (this.#dials === 1) return Promise.resolve();
    const longest = Math.min(this.#max, this.#min * 2 ** (this.#dials - 2));
    return new Promise((resolve) => {
      const stopTimer = startTimer(longest * (0.5 + Math.random() / 2), () => {
        stopListening();
        resolve();
      });
      const stopListening = onAbort(signal, () => {
        stopTimer();
        resolve();
      });
    });
  }
}
