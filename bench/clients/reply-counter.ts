/** Counts ids that are numbers: a reply to a transaction has one, an update has null. */
export class ReplyCounter {
  static readonly #id = Buffer.from('"id":');
  /** The end of the last chunk, in which an id may have begun. */
  #rest: Buffer = Buffer.alloc(0);

  count(chunk: Buffer): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const id = ReplyCounter.#id;
    let found = 0;
    let at = bytes.indexOf(id);
    let done = 0;
    for (; at !== -1 && at + id.length < bytes.length; at = bytes.indexOf(id, done)) {
      const next = bytes[at + id.length] ?? 0;
      if (next >= 0x30 && next <= 0x39) found += 1;
      done = at + id.length;
    }
    this.#rest = bytes.subarray(Math.max(done, bytes.length - id.length));
    return found;
  }
}
