import { LONGEST_DELAY } from "./timers.ts";

/** What is to happen at some time, unless it is taken back before. */
export interface Alarm {
  /** When, on the clock of `performance.now()`; `Infinity` is never. Must not change while it is set. */
  readonly at: number;
  /** Where the alarms have it; for {@link Alarms} to say. */
  place: number;
  ring(): void;
}

/**
 * Many alarms on one timer. Each transaction under way has an alarm, which hardly ever rings: timers of their own would be
 * set and cleared for nothing.
 */
export class Alarms {
  /** No `Set`, for the reason that calls under way are in no `Map` (jsonrpc/open-calls.ts). */
  readonly #set: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires, which may be before anything is due: those that were taken back do not move it. */
  #firesAt = Number.POSITIVE_INFINITY;
  #closed = false;

  /** How many are set. */
  get size(): number {
    return this.#set.length;
  }

  set(alarm: Alarm): void {
    alarm.place = this.#set.length;
    this.#set.push(alarm);
    if (alarm.at < this.#firesAt) this.#fireAt(alarm.at);
    // Only what may still ring keeps the process alive.
    else if (this.#set.length === 1) this.#timer?.ref();
  }

  /** Takes an alarm back. Does nothing for one that has rung. */
  unset(alarm: Alarm): void {
    this.#remove(alarm);
    this.#rest();
  }

  /** Says whether it was set. The last one takes its place. */
  #remove(alarm: Alarm): boolean {
    const { place } = alarm;
    if (this.#set[place] !== alarm) return false;
    const last = this.#set.pop();
    if (last !== undefined && last !== alarm) {
      this.#set[place] = last;
      last.place = place;
    }
    return true;
  }

  /** Nothing will be set any more: gives the timer up, as soon as nothing is. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  /** Nothing is set: the timer may stay for those to come, but must not keep the process alive. */
  #rest(): void {
    if (this.#set.length > 0) return;
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
    for (const alarm of this.#set.toSorted((a, b) => a.at - b.at)) {
      if (alarm.at > now) {
        if (this.#set[alarm.place] === alarm && alarm.at < this.#firesAt) this.#fireAt(alarm.at);
      } else if (this.#remove(alarm)) {
        alarm.ring();
      }
    }
    this.#rest();
  }
}
