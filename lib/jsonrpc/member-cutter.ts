import { type FramerLimits, type LargeFrame, limitsOf, tooDeep, tooLarge } from "./framer.ts";
import { checkUtf8, type MemberTexts } from "./json-text.ts";

/** What is cut out of a large reply, and who takes it. */
export interface Cut {
  /** Members are cut out that look like `"KEY":{"WRAPPER":{...}}`; the inner `{...}` is their text. */
  readonly wrapper: string;
  /** Takes them as they come in, long before the message is whole. What it throws ends the connection. */
  onMembers(members: MemberTexts): unknown;
}

/** What was cut out of a message. */
export interface CutOut {
  /** The names under which the objects stand in the message that members were cut from. */
  readonly objects: ReadonlySet<string>;
  /** How many members that were. */
  readonly members: number;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Bytes that are taken in before room for more is made. Small, as they are kept as long as a quarter of them is in use. */
const BLOCK = 256 * 1024;
/** No key or name is looked for further back than this. */
const LOOK_BACK = 512;
const NONE = -1;

/**
 * Reads one large message as its bytes come in, and takes the members out that {@link Cut} describes.
 *
 * What a monitor sends first is made of them, tens of megabytes in large databases: `"<uuid>":{"initial":{<columns>}}`.
 * Columns hold no objects. So from the brace with which a row's columns begin, the next brace that opens is as a rule that
 * of the next row; when the bytes before and after it say so, there is nothing else in between, and nothing in between is
 * looked at. Everything else is read byte by byte, as {@link Framer} does: the end of the message, rows with a brace in a
 * string, rows that the bytes received so far do not end. What is not as ovsdb-server writes it stays in the message.
 */
export class MemberCutter implements LargeFrame {
  readonly #cut: Cut;
  readonly #maxFrameBytes: number;
  readonly #maxDepth: number;
  /** Between key and text. */
  readonly #marker: Buffer;
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK);
  /** Bytes of the block that have been received. */
  #filled = 0;
  /** Bytes of the message in earlier blocks. */
  #before = 0;
  #at = 0;
  #depth = 0;
  #inString = false;
  /** The bytes of the block up to here are in the skeleton or cut out. */
  #done = 0;
  readonly #skeleton: Buffer[] = [];
  /** Of the object that is being read no member is in the skeleton, so neither may be the next comma. */
  #dropComma = false;
  /** The object that members are being cut from, and the depth inside it. */
  #object: string | undefined;
  #objectDepth = 0;
  /** Where the key of a member begins that is being read, its text, and where the text ends once that is known. */
  #key = 0;
  #text = NONE;
  #textEnd = NONE;
  /** Of what was cut out and not handed over: see {@link MemberTexts.places}. */
  #places: number[] = [];
  readonly #objects = new Set<string>();
  #members = 0;

  constructor(cut: Cut, limits: FramerLimits = {}) {
    const { maxFrameBytes, maxDepth } = limitsOf(limits);
    this.#cut = cut;
    this.#maxFrameBytes = maxFrameBytes;
    this.#maxDepth = maxDepth;
    this.#marker = Buffer.from(`":{"${cut.wrapper}":{`);
  }

  /** What was cut out so far; undefined if nothing was. */
  get cutOut(): CutOut | undefined {
    return this.#members === 0 ? undefined : { objects: this.#objects, members: this.#members };
  }

  get pendingBytes(): number {
    return this.#before + this.#filled;
  }

  /** The message without what was cut out: once it has ended. */
  skeleton(): Uint8Array {
    return Buffer.concat(this.#skeleton);
  }

  /**
   * Takes the next bytes, and tells how many of them the message still had; -1 when it has not ended.
   * Throws `ProtocolError` for bytes cut out that are not UTF-8, and when the message breaks a limit.
   */
  push(bytes: Uint8Array): number {
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#filled === this.#block.length) this.#nextBlock();
      const count = Math.min(this.#block.length - this.#filled, bytes.length - taken);
      this.#block.set(bytes.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      const end = this.#scan();
      if (end === NONE) this.#checkSize(this.#filled);
      else {
        this.#checkSize(end);
        this.#keepUpTo(end);
        this.#handOver();
        return taken - (this.#filled - end);
      }
    }
    return NONE;
  }

  #checkSize(filled: number): void {
    if (this.#before + filled > this.#maxFrameBytes) throw tooLarge(this.#maxFrameBytes);
  }

  /** Reads what the block holds. Returns where the message ends, if it does. */
  #scan(): number {
    const bytes = this.#block;
    const end = this.#filled;
    let at = this.#at;
    while (at < end) {
      const byte = bytes[at++];
      if (this.#inString) {
        // Behind the last byte, it is the first of the next bytes that says nothing.
        if (byte === backslash) at++;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) this.#inString = true;
      else if (byte === openBrace || byte === openBracket) {
        this.#depth++;
        if (this.#depth > this.#maxDepth) throw tooDeep(this.#maxDepth);
        if (byte === openBrace) at = this.#opened(at - 1);
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
        this.#closed(at);
        if (this.#depth === 0) return at;
      }
    }
    this.#at = at;
    return NONE;
  }

  /** An object begins here. Returns where to read on. */
  #opened(at: number): number {
    // What has an object in it is no row.
    this.#text = NONE;
    const keyEnd = at + 1 - this.#marker.length;
    if (
      keyEnd <= this.#done ||
      this.#block.compare(this.#marker, 0, this.#marker.length, keyEnd, at + 1) !== 0
    )
      return at + 1;
    const key = this.#stringBefore(keyEnd);
    const known = this.#object !== undefined && this.#objectDepth === this.#depth - 2;
    if (key === NONE || !(this.#block[key - 2] === comma ? known : this.#objectBefore(key - 2)))
      return at + 1;
    return this.#cutPlain(key, at);
  }

  /** Where the string begins that has its closing quote there, if it is plain and not long. */
  #stringBefore(closing: number): number {
    const bytes = this.#block;
    const least = Math.max(this.#done, closing - LOOK_BACK / 2);
    for (let at = closing - 1; at >= least; at--) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) break;
    }
    return NONE;
  }

  /** Whether it is the brace of an object that is a member of another; members are cut from it then. */
  #objectBefore(open: number): boolean {
    const bytes = this.#block;
    if (bytes[open] !== openBrace || bytes[open - 1] !== colon || bytes[open - 2] !== quote) return false;
    const name = this.#stringBefore(open - 2);
    if (name === NONE || (bytes[name - 2] !== openBrace && bytes[name - 2] !== comma)) return false;
    this.#handOver();
    this.#object = bytes.toString("utf8", name, open - 2);
    this.#objectDepth = this.#depth - 2;
    return true;
  }

  /** Cuts one member after the other, as long as each is followed by another of the same object. Returns where to read on. */
  #cutPlain(firstKey: number, firstText: number): number {
    const bytes = this.#block.subarray(0, this.#filled);
    const marker = this.#marker;
    let key = firstKey;
    let text = firstText;
    for (;;) {
      const wrapper = bytes.indexOf(openBrace, text + 1);
      if (wrapper === NONE || !this.#endsMarker(wrapper)) break;
      const next = this.#stringBefore(wrapper - 2);
      // `}},"KEY":{`, with the braces of the columns and of their wrapper, and not that of the whole object.
      const fits =
        next - 4 >= text &&
        bytes[next - 2] === comma &&
        bytes[next - 3] === closeBrace &&
        bytes[next - 4] === closeBrace &&
        bytes[next - 5] !== closeBrace;
      if (!fits) break;
      this.#take(key, text, next - 3);
      key = next;
      text = wrapper + marker.length - 3;
    }
    this.#key = key;
    this.#text = text;
    this.#textEnd = NONE;
    return text + 1;
  }

  /** Whether the brace is the one in the marker that opens the wrapper. */
  #endsMarker(wrapper: number): boolean {
    const bytes = this.#block;
    const marker = this.#marker;
    if (wrapper - 2 + marker.length > this.#filled) return false;
    for (let index = 0; index < marker.length; index++) {
      if (bytes[wrapper - 2 + index] !== marker[index]) return false;
    }
    return true;
  }

  /** A bracket has been closed, and this is behind it. */
  #closed(at: number): void {
    if (this.#depth < this.#objectDepth && this.#object !== undefined) {
      this.#handOver();
      this.#object = undefined;
    }
    if (this.#text === NONE) return;
    if (this.#depth === this.#objectDepth + 1) this.#textEnd = at;
    else if (this.#depth === this.#objectDepth) {
      if (at === this.#textEnd + 1) this.#take(this.#key, this.#text, this.#textEnd);
      this.#text = NONE;
    }
  }

  /** Cuts a member out whose wrapper ends behind the text. */
  #take(key: number, text: number, end: number): void {
    const first = this.#block[key - 2] !== comma;
    this.#keepUpTo(first ? key - 1 : key - 2);
    if (first) this.#dropComma = true;
    this.#places.push(key, text, end);
    this.#done = end + 1;
  }

  /** What is before this offset, and was not cut out, belongs to the skeleton. */
  #keepUpTo(end: number): void {
    if (end === this.#done) return;
    const from = this.#dropComma && this.#block[this.#done] === comma ? this.#done + 1 : this.#done;
    this.#dropComma = false;
    this.#skeleton.push(this.#block.subarray(from, end));
    this.#done = end;
  }

  #handOver(): void {
    const places = this.#places;
    const object = this.#object;
    const [first] = places;
    if (first === undefined || object === undefined) return;
    checkUtf8(this.#block.subarray(first, places.at(-1)));
    this.#places = [];
    this.#objects.add(object);
    this.#members += places.length / 3;
    this.#cut.onMembers({ object, bytes: this.#block, places });
  }

  /** Makes room: the block belongs to those who got texts in it, and what is not decided moves to the next one. */
  #nextBlock(): void {
    const undecided = Math.max(this.#done, this.#text === NONE ? this.#filled - LOOK_BACK : this.#key - 2);
    this.#keepUpTo(undecided);
    this.#handOver();
    const held = this.#filled - undecided;
    const block = Buffer.allocUnsafeSlow(Math.max(BLOCK, 2 * held));
    this.#block.copy(block, 0, undecided, this.#filled);
    this.#block = block;
    this.#before += undecided;
    this.#filled = held;
    this.#at -= undecided;
    this.#key -= undecided;
    if (this.#text !== NONE) this.#text -= undecided;
    if (this.#textEnd !== NONE) this.#textEnd -= undecided;
    this.#done = 0;
  }
}
