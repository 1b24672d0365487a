/**
 * Calls `expired` once, when `lastActivity()` is older than `limit` milliseconds.
 *
 * One timer that is moved only when it fires: a busy connection costs nothing per message.
 */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: number, lastActivity: () => number, expired: () => void) {
    const started = performance.now();
    const check = (): void => {
      const idle = performance.now() - Math.max(started, lastActivity());
      if (idle >= limit) {
        this.#timer = undefined;
        expired();
        return;
      }
      this.#timer = setTimeout(check, Math.max(1, limit - idle));
    };
    this.#timer = setTimeout(check, limit);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
