/** One for each process, so that nobody can choose keys that all meet in one place. */
const SEED = Math.trunc(Math.random() * 2 ** 31);
/** Words of a record before the characters: its number, and how many characters there are. */
const HEAD = 2;

/**
 * Plain ASCII strings, each with a number, taken from bytes: no string is ever made of them. A `Map` with 100,000 strings
 * takes ten times as long to fill, and several times the memory.
 *
 * What a look-up costs is memory that is not in the cache. So the table tells by itself of nearly every other string that it is
 * another, and what belongs to a string lies in one place.
 */
export class TextKeys {
  /** Records, one behind the other, with four characters in a word. Behind the last is what is looked for. */
  #words = new Int32Array(256);
  /** Where the next record begins. */
  #end = 0;
  #count = 0;
  /** Characters of the longest: nobody need look for a longer one. */
  #longest = 0;
  /** Two words for each place: the hash, and one more than where the record begins, or 0. At most half full. */
  #table = new Int32Array(256);

  /** Takes the string between two offsets, unless it is there already: says whether it took it. */
  add(bytes: Uint8Array, from: number, to: number, number: number): boolean {
    this.#makeRoom(to - from);
    const words = this.#words;
    let hash = SEED;
    let word = this.#end + HEAD;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const packed =
        (bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24);
      words[word++] = packed;
      hash = mixed(hash, packed);
    }
    if (at < to) {
      let packed = 0;
      for (let shift = 0; at < to; at++, shift += 8) packed |= (bytes[at] ?? 0) << shift;
      words[word] = packed;
      hash = mixed(hash, packed);
    }
    return this.#take(mixed(hash, to - from), to - from, number);
  }

  /** The same of a string; one that is not plain ASCII is not taken. */
  addText(text: string, number: number): boolean {
    this.#makeRoom(text.length);
    const hash = this.#pack(text);
    return hash !== undefined && this.#take(hash, text.length, number);
  }

  /** The number of a string; -1 when it is not there. */
  find(text: string): number {
    const record = this.#find(text);
    return record === -1 ? -1 : (this.#words[record] ?? -1);
  }

  /** From now on it is not there, and cannot be added again. */
  remove(text: string): void {
    const record = this.#find(text);
    if (record !== -1) this.#words[record] = -1;
  }

  #find(text: string): number {
    if (text.length > this.#longest) return -1;
    this.#makeRoom(text.length);
    const hash = this.#pack(text);
    return hash === undefined ? -1 : (this.#table[this.#placeOf(hash, text.length) + 1] ?? 0) - 1;
  }

  /** Takes what lies behind the last record for another. */
  #take(hash: number, length: number, number: number): boolean {
    const place = this.#placeOf(hash, length);
    if (this.#table[place + 1]) return false;
    this.#table[place] = hash;
    this.#table[place + 1] = this.#end + 1;
    this.#words[this.#end] = number;
    this.#words[this.#end + 1] = length;
    this.#end += HEAD + wordsFor(length);
    this.#count += 1;
    if (length > this.#longest) this.#longest = length;
    return true;
  }

  /** Puts a string behind the last record, and tells its hash; `undefined` when it is not plain ASCII. */
  #pack(text: string): number | undefined {
    const words = this.#words;
    const { length } = text;
    let hash = SEED;
    let word = this.#end + HEAD;
    let at = 0;
    let all = 0;
    for (; at + 4 <= length; at += 4) {
      const first = text.charCodeAt(at);
      const second = text.charCodeAt(at + 1);
      const third = text.charCodeAt(at + 2);
      const fourth = text.charCodeAt(at + 3);
      all |= first | second | third | fourth;
      const packed = first | (second << 8) | (third << 16) | (fourth << 24);
      words[word++] = packed;
      hash = mixed(hash, packed);
    }
    if (at < length) {
      let packed = 0;
      for (let shift = 0; at < length; at++, shift += 8) {
        const code = text.charCodeAt(at);
        all |= code;
        packed |= code << shift;
      }
      words[word] = packed;
      hash = mixed(hash, packed);
    }
    return all > 0x7f ? undefined : mixed(hash, length);
  }

  /** Where what lies behind the last record is in the table, or else where it belongs. */
  #placeOf(hash: number, length: number): number {
    const table = this.#table;
    const last = table.length - 1;
    let place = (2 * hash) & last;
    for (let entry = table[place + 1]; entry; entry = table[place + 1]) {
      if (table[place] === hash && this.#same(entry - 1, length)) return place;
      place = (place + 2) & last;
    }
    return place;
  }

  #same(record: number, length: number): boolean {
    const words = this.#words;
    if (words[record + 1] !== length) return false;
    const behind = this.#end - record;
    const end = record + HEAD + wordsFor(length);
    for (let word = record + HEAD; word < end; word++) {
      if (words[word] !== words[word + behind]) return false;
    }
    return true;
  }

  /** Makes room for many strings at once: growing step by step for each costs as much as taking them. */
  reserve(count: number, length: number): void {
    this.#makeRoom(length, count);
  }

  /** For one more string, or for so many. */
  #makeRoom(length: number, count = 1): void {
    const needed = this.#end + count * (HEAD + wordsFor(length));
    if (needed > this.#words.length) {
      const words = new Int32Array(Math.max(needed, 2 * this.#words.length));
      words.set(this.#words);
      this.#words = words;
    }
    const old = this.#table;
    let places = old.length;
    while (4 * (this.#count + count - 1) >= places) places *= 2;
    if (places === old.length) return;
    const table = new Int32Array(places);
    const last = table.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      const entry = old[from + 1];
      if (!entry) continue;
      const hash = old[from] ?? 0;
      let place = (2 * hash) & last;
      while (table[place + 1]) place = (place + 2) & last;
      table[place] = hash;
      table[place + 1] = entry;
    }
    this.#table = table;
  }
}

function wordsFor(length: number): number {
  return (length + 3) >>> 2;
}

/**
 * The hash with four characters more. The lowest bits, which say where to look, depend on the last of them only when it is
 * mixed once more: with the length, at the end.
 */
function mixed(hash: number, packed: number): number {
  const product = Math.imul(hash ^ packed, 0x2c1b3c6d);
  return product ^ (product >>> 15);
}
