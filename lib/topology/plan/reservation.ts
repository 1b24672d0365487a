/** By handle, what plans under way are about to take, and which of them it is. */
const underWay = new WeakMap<object, Map<string, Reservation>>();

/**
 * The addresses and subnets that one plan is about to take, so that others under way on the same handle pass them over.
 *
 * Nothing rests on it: the claims in the database decide, as between processes. But of many that are begun at once all would
 * choose the same, one would get it, and the others would begin anew, again and again.
 */
export class Reservation {
  readonly #all: Map<string, Reservation>;
  readonly #isDry: boolean;
  #own: readonly string[] = [];

  /**
   * @param handle what the plan is made on; others on it are heeded.
   * @param isDry nothing will be taken, so that nothing is reserved.
   */
  constructor(handle: object, isDry = false) {
    this.#isDry = isDry;
    this.#all = underWay.get(handle) ?? new Map();
    underWay.set(handle, this.#all);
  }

  /** Tells of a claim whether another plan, and none of these, is about to make it; undefined where no other is under way. */
  others(party?: ReadonlySet<Reservation>): ((claim: string) => boolean) | undefined {
    if (this.#all.size === this.#own.length) return undefined;
    return (claim) => {
      const owner = this.#all.get(claim);
      return owner !== undefined && owner !== this && party?.has(owner) !== true;
    };
  }

  /** Reserves these claims in the place of those that were reserved before. */
  reserve(claims: readonly string[]): void {
    this.release();
    if (this.#isDry) return;
    this.#own = claims.filter((claim) => !this.#all.has(claim));
    for (const claim of this.#own) this.#all.set(claim, this);
  }

  /** Gives all back: they are in the database now, or are not to be. */
  release(): void {
    for (const claim of this.#own) this.#all.delete(claim);
    this.#own = [];
  }
}
