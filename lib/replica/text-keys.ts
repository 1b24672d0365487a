/** One for each process, so that nobody can choose keys that all meet in one place. */
const SEED = Math.trunc(Math.random() * 2 ** 31);

/**
 * Plain ASCII strings, each with a number, taken from bytes: no string is ever made of them. A `Map` with 100,000 strings
 * takes ten times as long to fill, and several times the memory.
 */
export class TextKeys {
  /** All strings, one behind the other. */
  #bytes = new Uint8Array(1024);
  /** Where each begins; one more, where the next one will begin. */
  #starts = new Int32Array(64);
  #numbers = new Int32Array(64);
  #hashes = new Int32Array(64);
  #count = 0;
  /** The strings, by their hash: one more than their place in the order, or 0. At most half full. */
  #table = new Int32Array(128);

  /** Takes the string between two offsets, unless it is there already: says whether it took it. */
  add(bytes: Uint8Array, from: number, to: number, number: number): boolean {
    this.#makeRoom(to - from);
    const start = this.#starts[this.#count] ?? 0;
    const own = this.#bytes;
    let hash = SEED;
    let end = start;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      own[end++] = byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    let place = placeOf(hash, this.#table.length);
    for (let entry = this.#table[place]; entry; entry = this.#table[place]) {
      if (this.#hashes[entry - 1] === hash && this.#sameBytes(entry - 1, start, end)) return false;
      place = (place + 1) & (this.#table.length - 1);
    }
    this.#numbers[this.#count] = number;
    this.#hashes[this.#count] = hash;
    this.#count += 1;
    this.#starts[this.#count] = end;
    this.#table[place] = this.#count;
    return true;
  }

  /** The number of a string; -1 when it is not there. */
  find(text: string): number {
    const entry = this.#entry(text);
    return entry === -1 ? -1 : (this.#numbers[entry] ?? -1);
  }

  /** From now on it is not there, and cannot be added again. */
  remove(text: string): void {
    const entry = this.#entry(text);
    if (entry !== -1) this.#numbers[entry] = -1;
  }

  #entry(text: string): number {
    const table = this.#table;
    let hash = SEED;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    let place = placeOf(hash, table.length);
    for (let entry = table[place]; entry; entry = table[place]) {
      if (this.#hashes[entry - 1] === hash && this.#sameText(entry - 1, text)) return entry - 1;
      place = (place + 1) & (table.length - 1);
    }
    return -1;
  }

  #sameText(entry: number, text: string): boolean {
    const start = this.#starts[entry] ?? 0;
    if ((this.#starts[entry + 1] ?? 0) - start !== text.length) return false;
    const own = this.#bytes;
    for (let at = 0; at < text.length; at++) {
      if (own[start + at] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  #sameBytes(entry: number, start: number, end: number): boolean {
    const own = this.#starts[entry] ?? 0;
    if ((this.#starts[entry + 1] ?? 0) - own !== end - start) return false;
    for (let at = 0; at < end - start; at++) {
      if (this.#bytes[own + at] !== this.#bytes[start + at]) return false;
    }
    return true;
  }

  #makeRoom(length: number): void {
    const needed = (this.#starts[this.#count] ?? 0) + length;
    if (needed > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    if (this.#count + 1 < this.#starts.length) return;
    this.#starts = twice(this.#starts);
    this.#numbers = twice(this.#numbers);
    this.#hashes = twice(this.#hashes);
    const table = new Int32Array(2 * this.#table.length);
    for (let entry = 0; entry < this.#count; entry++) {
      let place = placeOf(this.#hashes[entry] ?? 0, table.length);
      while (table[place]) place = (place + 1) & (table.length - 1);
      table[place] = entry + 1;
    }
    this.#table = table;
  }
}

/** Where to look first in a table of that length, a power of two. */
function placeOf(hash: number, length: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (length - 1);
}

function twice(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * numbers.length);
  more.set(numbers);
  return more;
}
