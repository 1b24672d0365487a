import { TextKeys } from "./text-keys.ts";

/** Slots of the rows that an index has found. */
export interface Found extends Iterable<number> {
  readonly size: number;
}

const NONE: Found = new Set<number>();

/** Cheaper than a set, and what nearly every look-up gives. */
class One implements Found {
  readonly size = 1;
  readonly #slot: number;

  constructor(slot: number) {
    this.#slot = slot;
  }

  [Symbol.iterator](): Iterator<number> {
    return [this.#slot][Symbol.iterator]();
  }
}

/**
 * Keys to the slots of the rows that have them. Several rows may share a key: uniqueness is the server's business.
 *
 * Most keys have one row, and a `Set` for each, or even a place in a `Map`, would take several times the memory. So there are
 * two places, and each key is in one of them: text with one row that was loaded, or was there when the index was built, is in
 * `#texts`, all else in `#map`.
 */
export class Buckets {
  readonly #map = new Map<unknown, number | Set<number>>();
  #texts: TextKeys | undefined;

  /** As `add`, with a string that lies between two offsets. */
  addText(bytes: Buffer, from: number, to: number, slot: number): void {
    this.#texts ??= new TextKeys();
    if (!this.#texts.add(bytes, from, to, slot)) this.add(bytes.toString("latin1", from, to), slot);
  }

  /** As `add`, for a row that is there when the index is built. */
  build(key: unknown, slot: number): void {
    if (typeof key === "string") {
      this.#texts ??= new TextKeys();
      if (this.#texts.addText(key, slot)) return;
    }
    this.add(key, slot);
  }

  add(key: unknown, slot: number): void {
    if (typeof key === "string" && this.#texts !== undefined) {
      const sole = this.#texts.find(key);
      if (sole === slot) return;
      if (sole !== -1) {
        // Shared from now on.
        this.#texts.remove(key);
        this.#map.set(key, sole);
      }
    }
    const bucket = this.#map.get(key);
    if (bucket === undefined) this.#map.set(key, slot);
    else if (typeof bucket === "number") {
      if (bucket !== slot) this.#map.set(key, new Set([bucket, slot]));
    } else bucket.add(slot);
  }

  remove(key: unknown, slot: number): void {
    if (typeof key === "string" && this.#texts?.find(key) === slot) {
      this.#texts.remove(key);
      return;
    }
    const bucket = this.#map.get(key);
    if (bucket === slot) this.#map.delete(key);
    else if (bucket instanceof Set) {
      bucket.delete(slot);
      if (bucket.size === 0) this.#map.delete(key);
    }
  }

  /** The slot of the only row with that key, or those of several. */
  bucket(key: unknown): number | ReadonlySet<number> | undefined {
    const sole = typeof key === "string" ? (this.#texts?.find(key) ?? -1) : -1;
    return sole === -1 ? this.#map.get(key) : sole;
  }

  get(key: unknown): Found {
    const bucket = this.bucket(key);
    if (bucket === undefined) return NONE;
    return typeof bucket === "number" ? new One(bucket) : bucket;
  }
}
