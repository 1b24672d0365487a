import type { Transport } from "./transport.ts";

/** Milliseconds of a pause; a timer may add one. */
const PAUSE = 1;

/** So many calls keep a server busy for the length of a pause, and more: none takes it less than some 30 us. */
const BUSY = 32;

/** Bytes of a read that is worth its while. */
const PLENTY = 16_384;

/** After so many pauses in a row that no two messages came together in, */
const VAIN = 4;
/** so many reads go without one. */
const REST = 64;

/**
 * Lets messages that trickle in gather for a millisecond, to be read at once. ovsdb-server sends each update and each reply
 * by itself, and to be woken costs a client more than to deal with one of them; it costs the server as well, which is what
 * all wait for.
 *
 * Never where somebody waits for one of few replies: only while many calls are under way, or when none was, and when
 * messages follow each other within less than a pause. Calls that are under way may wait for something that takes long, while
 * somebody else makes one short call after the other: pauses gather nothing then, and are given up for a while.
 */
export class ReadingPause {
  readonly #transport: Transport;
  /** When reading went on last, by itself or after a pause. */
  #readAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  /** Whether nothing was read since the pause. */
  #isFirst = false;
  /** The latest pauses that gathered nothing. */
  #vain = 0;
  /** Reads yet to come that no pause follows. */
  #rest = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * After so many bytes with so many messages, one at least, were dealt with, at a time of `performance.now()`. `awaited` is
   * whether a call was under way when they came, `underWay` how many are now.
   */
  read(bytes: number, messages: number, awaited: boolean, underWay: number, now: number): void {
    const trickles = bytes < PLENTY && now - this.#readAt < PAUSE;
    this.#readAt = now;
    if (this.#isFirst) this.#judge(messages);
    if (this.#rest > 0) {
      this.#rest -= 1;
      return;
    }
    // Who got the last reply may send the next call at once: to stop and go on costs two calls of the system.
    if (!trickles || (awaited && underWay < BUSY) || this.#timer !== undefined) return;
    if (this.#transport.pause === undefined) return;
    this.#transport.pause();
    this.#timer = setTimeout(() => this.#goOn(), PAUSE);
  }

  /** Of what the first read after a pause brought. */
  #judge(messages: number): void {
    this.#isFirst = false;
    this.#vain = messages === 1 ? this.#vain + 1 : 0;
    if (this.#vain < VAIN) return;
    this.#vain = 0;
    this.#rest = REST;
  }

  /** After a call was sent. */
  sent(underWay: number): void {
    if (this.#timer !== undefined && underWay < BUSY) this.#goOn();
  }

  /** The connection has ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #goOn(): void {
    this.end();
    this.#isFirst = true;
    this.#readAt = performance.now();
    this.#transport.resume?.();
  }
}
