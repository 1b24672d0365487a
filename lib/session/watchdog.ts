import { startTimer } from "./timers.ts";

/**
 * Calls `expired` once, when `lastActivity()` is older than `limit` milliseconds.
 *
 * One timer that is moved only when it fires: a busy connection costs nothing per message.
 */
export class Watchdog {
  #cancel: () => void;

  constructor(limit: number, lastActivity: () => number, expired: () => void) {
    const started = performance.now();
    const check = (): void => {
      const idle = performance.now() - Math.max(started, lastActivity());
      if (idle >= limit) expired();
      else this.#cancel = startTimer(Math.max(1, limit - idle), check);
    };
    this.#cancel = startTimer(limit, check);
  }

  stop(): void {
    this.#cancel();
  }
}
