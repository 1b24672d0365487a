/** Ended calls that are kept before the array is shortened: moving the others each time would cost more than the calls. */
const ENDED = 256;

/** Places of the array. A call that is still open when so many came after it goes to where it is in nobody's way. */
const MOST = 4096;

/**
 * Calls under way, by their ids, which count up from 0.
 *
 * An array that is shortened in place, and no `Map`: a map makes itself a new table after every few dozen calls that came and
 * went, and each old one leads to the next one (V8 does so for iterators). Once one of them is old, young garbage that it
 * leads to is not found any more: all calls, with what they sent and got, were copied and kept until all memory was gone
 * through.
 */
export class OpenCalls<C> {
  /** Those from id `#first` on; undefined is one that has ended. */
  readonly #recent: (C | undefined)[] = [];
  #first = 0;
  /** Place of the oldest open one; as many as there are places when none is open. */
  #oldest = 0;
  /** Open ones that were put aside: older than those in the array. */
  readonly #old: Map<number, C> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The id that the next call gets. */
  get nextId(): number {
    return this.#first + this.#recent.length;
  }

  add(call: C): void {
    this.#recent.push(call);
    this.#size += 1;
    if (this.#recent.length - this.#oldest > MOST) this.#putAside();
  }

  /** Takes a call out; `undefined` when there is none with that id. */
  take(id: number): C | undefined {
    const place = id - this.#first;
    const call = place < 0 ? undefined : this.#recent[place];
    if (call === undefined) return this.#takeOld(id);
    this.#recent[place] = undefined;
    this.#size -= 1;
    if (place === this.#oldest) this.#shorten();
    return call;
  }

  #takeOld(id: number): C | undefined {
    const call = this.#old.get(id);
    if (this.#old.delete(id)) this.#size -= 1;
    return call;
  }

  #putAside(): void {
    const call = this.#recent[this.#oldest];
    if (call === undefined) return;
    this.#old.set(this.#first + this.#oldest, call);
    this.#recent[this.#oldest] = undefined;
    this.#shorten();
  }

  /** The oldest has gone. */
  #shorten(): void {
    const recent = this.#recent;
    let oldest = this.#oldest + 1;
    while (oldest < recent.length && recent[oldest] === undefined) oldest += 1;
    if (oldest >= ENDED && 2 * oldest >= recent.length) {
      recent.splice(0, oldest);
      this.#first += oldest;
      oldest = 0;
    }
    this.#oldest = oldest;
  }

  clear(): void {
    this.#first += this.#recent.length;
    this.#recent.length = 0;
    this.#oldest = 0;
    this.#old.clear();
    this.#size = 0;
  }

  /** Those that are open, with their ids, in the order in which they were made. */
  *[Symbol.iterator](): IterableIterator<[id: number, call: C]> {
    yield* this.#old;
    for (const [place, call] of this.#recent.entries()) {
      if (call !== undefined) yield [this.#first + place, call];
    }
  }
}
