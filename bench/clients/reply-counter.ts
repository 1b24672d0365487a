/**
 * Counts replies that have come to their end. ovsdb-server prints this member last, and only replies have it; data cannot hold
 * it, since quotes are escaped there.
 */
export class ReplyCounter {
  static readonly #end = Buffer.from('"error":null}');
  /** The end of the last chunk, in which one may have begun. */
  #rest: Buffer = Buffer.alloc(0);

  count(chunk: Buffer): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = ReplyCounter.#end;
    let found = 0;
    let done = 0;
    for (let at = bytes.indexOf(end); at !== -1; at = bytes.indexOf(end, done)) {
      found += 1;
      done = at + end.length;
    }
    this.#rest = bytes.subarray(Math.max(done, bytes.length - end.length + 1));
    return found;
  }
}
