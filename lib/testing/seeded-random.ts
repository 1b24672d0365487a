/**
 * A source of numbers that look random and are the same for the same seed: a failing run can be run again.
 *
 * The generator is mulberry32: 32 bits of state, which is plenty for choosing sizes and moments of faults.
 */
export class SeededRandom {
  #state: number;

  /** @param seed any integers; their order counts. */
  constructor(...seed: readonly number[]) {
    this.#state = seed.reduce((state, part) => Math.imul(state ^ part, 0x9e3779b1) + 0x7f4a7c15, 0) | 0;
  }

  /** The next integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** The next number from 0 to just below 1. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
