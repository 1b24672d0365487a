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

/** Keys to the slots of the rows that have them. Several rows may share a key: uniqueness is the server's business. */
export class Buckets {
  // Most keys have one row; a set for each would take several times the memory.
  readonly #map = new Map<unknown, number | Set<number>>();
  /** Keys of rows that were loaded as text, or were there when the index was built: they take less memory than in the map. */
  #texts: TextKeys | undefined;

  /** As `add`, with a string that lies between two offsets. */
  addText(bytes: Buffer, from: number, to: number, slot: number): void {
    this.#texts ??= new TextKeys();
    if (!this.#texts.add(bytes, from, to, slot)) this.add(bytes.toString("latin1", from, to), slot);
  }

  /** As `add`, for a row that is there when the index is built. */
  build(key: unknown, slot: number): void {
    if (typeof key !== "string") {
      this.add(key, slot);
      return;
    }
    this.#texts ??= new TextKeys();
    if (this.#texts.addText(key, slot)) return;
    const other = this.#texts.find(key);
    if (other === slot) return;
    // What several rows have is kept in one place: else each look-up would have to put them together.
    if (other !== -1) {
      this.#texts.remove(key);
      this.add(key, other);
    }
    this.add(key, slot);
  }

  add(key: unknown, slot: number): void {
    if (this.#isText(key, slot)) return;
    const bucket = this.#map.get(key);
    if (bucket === undefined) this.#map.set(key, slot);
    else if (typeof bucket === "number") {
      if (bucket !== slot) this.#map.set(key, new Set([bucket, slot]));
    } else bucket.add(slot);
  }

  remove(key: unknown, slot: number): void {
    if (this.#isText(key, slot)) {
      this.#texts?.remove(key);
      return;
    }
    const bucket = this.#map.get(key);
    if (bucket === slot) this.#map.delete(key);
    else if (bucket instanceof Set) {
      bucket.delete(slot);
      if (bucket.size === 0) this.#map.delete(key);
    }
  }

  /** Whether this row's key is one of those that are kept as text. */
  #isText(key: unknown, slot: number): key is string {
    return this.#texts !== undefined && typeof key === "string" && this.#texts.find(key) === slot;
  }

  /** The slot of the only row with that key, or those of several. */
  bucket(key: unknown): number | ReadonlySet<number> | undefined {
    const loaded = this.#texts === undefined || typeof key !== "string" ? -1 : this.#texts.find(key);
    if (loaded === -1) return this.#map.get(key);
    const others = this.#map.size === 0 ? undefined : this.#map.get(key);
    if (others === undefined) return loaded;
    return new Set(typeof others === "number" ? [loaded, others] : [loaded, ...others]);
  }

  get(key: unknown): Found {
    const bucket = this.bucket(key);
    if (bucket === undefined) return NONE;
    return typeof bucket === "number" ? new One(bucket) : bucket;
  }
}
