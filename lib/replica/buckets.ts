/** Uuids that an index has found. */
export interface Found extends Iterable<string> {
  readonly size: number;
}

const NONE: Found = new Set<string>();

/** Cheaper than a set, and what nearly every look-up gives. */
class One implements Found {
  readonly size = 1;
  readonly #uuid: string;

  constructor(uuid: string) {
    this.#uuid = uuid;
  }

  [Symbol.iterator](): Iterator<string> {
    return [this.#uuid][Symbol.iterator]();
  }
}

/** Keys to the uuids of the rows that have them. Several rows may share a key: uniqueness is the server's business. */
export class Buckets {
  // Most keys have one row; a set for each would take several times the memory.
  readonly #map = new Map<unknown, string | Set<string>>();

  add(key: unknown, uuid: string): void {
    const bucket = this.#map.get(key);
    if (bucket === undefined) this.#map.set(key, uuid);
    else if (typeof bucket === "string") {
      if (bucket !== uuid) this.#map.set(key, new Set([bucket, uuid]));
    } else bucket.add(uuid);
  }

  remove(key: unknown, uuid: string): void {
    const bucket = this.#map.get(key);
    if (bucket === uuid) this.#map.delete(key);
    else if (bucket instanceof Set) {
      bucket.delete(uuid);
      if (bucket.size === 0) this.#map.delete(key);
    }
  }

  /** The uuid of the only row with that key, or those of several. */
  bucket(key: unknown): string | ReadonlySet<string> | undefined {
    return this.#map.get(key);
  }

  get(key: unknown): Found {
    const bucket = this.#map.get(key);
    if (bucket === undefined) return NONE;
    return typeof bucket === "string" ? new One(bucket) : bucket;
  }
}
