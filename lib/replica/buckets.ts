const NONE: ReadonlySet<string> = new Set();

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

  get(key: unknown): ReadonlySet<string> {
    const bucket = this.#map.get(key);
    if (bucket === undefined) return NONE;
    return typeof bucket === "string" ? new Set([bucket]) : bucket;
  }
}
