import { LONGEST_DELAY } from "./timers.ts";

/** What is to happen at some time, unless it is taken back before. */
export interface Alarm {
  /** When, on the clock of `performance.now()`; `Infinity` is never. Must not change while it is set. */
  readonly at: number;
  ring(): void;
}

/**
 * Many alarms on one timer. Each transaction under way has an alarm, which hardly ever rings: timers of their own would be
 * set and cleared for nothing.
 */
export class Alarms {
  readonly #set = new Set<Alarm>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires, which may be before anything is due: those that were taken back do not move it. */
  #firesAt = Number.POSITIVE_INFINITY;
  #closed = false;

  /** How many are set. */
  get size(): number {
    return this.#set.size;
  }

  set(alarm: Alarm): void {
    this.#set.add(alarm);
    if (alarm.at < this.#firesAt) this.#fireAt(alarm.at);
    // Only what may still ring keeps the process alive.
    else if (this.#set.size === 1) this.#timer?.ref();
  }

  /** Takes an alarm back. Does nothing for one that has rung. */
  unset(alarm: Alarm): void {
    this.#set.delete(alarm);
    this.#rest();
  }

  /** Nothing will be set any more: gives the timer up, as soon as nothing is. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  /** Nothing is set: the timer may stay for those to come, but must not keep the process alive. */
  #rest(): void {
    if (this.#set.size > 0) return;
    if (this.#closed) clearTimeout(this.#timer);
    else this.#timer?.unref();
  }

  #fireAt(time: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = time;
    const delay = Math.max(0, Math.ceil(time - performance.now()));
    this.#timer = setTimeout(() => this.#fired(), Math.min(delay, LONGEST_DELAY));
  }

  #fired(): void {
    this.#timer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    // A copy: what rings may set others, and take others back.
    for (const alarm of [...this.#set]) {
      if (!this.#set.has(alarm)) continue;
      if (alarm.at > now) {
        if (alarm.at < this.#firesAt) this.#fireAt(alarm.at);
      } else if (this.#set.delete(alarm)) {
        alarm.ring();
      }
    }
    this.#rest();
  }
}
