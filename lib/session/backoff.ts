import { DEFAULT_MAX_BACKOFF, DEFAULT_MIN_BACKOFF, type SessionOptions } from "./options.ts";

/** Pauses while servers answer and none can be used: an election takes about a second, and asking costs next to nothing. */
const SHORT = { min: 100, max: 1_000 };

/** How long to wait before the next pass over the remotes. */
export class Backoff {
  readonly #min: number;
  readonly #max: number;
  /** Whether the next pass comes at once. */
  #atOnce = true;
  /** Whether a server answered, and asked to be left alone. */
  #answered = false;
  #shortPauses = 0;
  #longPauses = 0;
  #liveSince = 0;

  constructor({ minBackoff = DEFAULT_MIN_BACKOFF, maxBackoff = DEFAULT_MAX_BACKOFF }: SessionOptions) {
    this.#min = minBackoff;
    this.#max = maxBackoff;
  }

  live(): void {
    this.#liveSince = performance.now();
  }

  /**
   * The connection was lost, or a healthy server asked to be left. One that does either as soon as it is live is no
   * better than one that cannot be used in the first place.
   */
  lost(answered: boolean): void {
    const lived = performance.now() - this.#liveSince;
    if (lived >= Math.min(this.#min, answered ? SHORT.min : this.#min)) this.reset();
    this.#answered = answered;
  }

  /** No remote could be used; `answered`: at least one answered, and said why not. */
  failed(answered: boolean): void {
    this.#answered = answered;
  }

  /** The next pass comes at once, and pauses begin anew. */
  reset(): void {
    this.#atOnce = true;
    this.#shortPauses = 0;
    this.#longPauses = 0;
  }

  /** Milliseconds until the next pass: each is longer than the one before, and at random shorter by half at most. */
  next(): number {
    if (this.#atOnce) {
      this.#atOnce = false;
      return 0;
    }
    const longest = this.#answered
      ? Math.min(this.#max, SHORT.max, SHORT.min * 2 ** this.#shortPauses++)
      : Math.min(this.#max, this.#min * 2 ** this.#longPauses++);
    return longest * (0.5 + Math.random() / 2);
  }
}
