import { isAscii, isUtf8 } from "node:buffer";
import { ProtocolError, UsageError } from "./errors.ts";
import { parseJson } from "./exact-json.ts";
import type { Json } from "./json.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
/** The same in latin1 and in UTF-8, and without escapes. */
const plainText = /^[ !#-[\]-~]*$/;

/** Members of one object of a large message, their values being text yet. */
export interface MemberTexts {
  /** The name under which the object stands in the message. */
  readonly object: string;
  /** What keys and texts lie in. Nobody writes here any more where they lie. */
  readonly bytes: Buffer;
  /** Three numbers for each member: where its key begins, which has no escapes; where its text begins, and ends. */
  readonly places: readonly number[];
}

/** Throws `ProtocolError` for bytes that are not UTF-8. */
export function checkUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) throw notUtf8();
}

export function notUtf8(options?: { readonly cause: unknown }): ProtocolError {
  return new ProtocolError("the peer sent a message that is not valid UTF-8", options);
}

/** Bytes as text, if they are ASCII. */
export function asciiText(bytes: Buffer): string | undefined {
  return isAscii(bytes) ? bytes.toString("latin1") : undefined;
}

/**
 * Bytes with many JSON values in them that are still text, each with its key: most rows of a large database are never read,
 * and need never be parsed.
 *
 * When three quarters of the bytes have been released, what is left moves to a smaller block: a few unread rows must not
 * hold on to the whole message that they came in. Not sooner, and not for a few bytes: who reads all rows, one after the
 * other, would else have most of them copied before they are read.
 */
export class TextBlock {
  readonly #places: Int32Array;
  #bytes: Buffer;
  #live = 0;
  /** With fewer bytes alive than this, the rest is given back. */
  #least: number;

  constructor({ bytes, places }: MemberTexts) {
    this.#bytes = bytes;
    this.#places = Int32Array.from(places);
    for (let place = 0; place < places.length; place += 3) this.#live += this.#length(place);
    this.#least = leastOf(bytes);
  }

  /** How many texts there are, released ones included. */
  get count(): number {
    return this.#places.length / 3;
  }

  /** Bytes that it holds on to. */
  get size(): number {
    return this.#bytes.length;
  }

  /** One of the texts. */
  text(index: number): JsonText {
    return new JsonText(this, index);
  }

  /** The key of a text. */
  key(index: number): string {
    const bytes = this.#held(index);
    const start = this.#at(3 * index);
    return bytes.toString("latin1", start, bytes.indexOf(quote, start));
  }

  /** A text as a string of its own. */
  read(index: number): string {
    return this.#held(index).toString("utf8", this.#at(3 * index + 1), this.#at(3 * index + 2));
  }

  /** Throws `ProtocolError` when it is not JSON. */
  parse(index: number): Json {
    return parseText(this.read(index));
  }

  /** See {@link JsonText.member}. */
  member(index: number, name: string): Json | undefined {
    const bytes = this.#held(index);
    const start = this.#at(3 * index + 1);
    const text = bytes.toString("latin1", start, this.#at(3 * index + 2));
    const key = `"${name}":`;
    const found = text.indexOf(key);
    if (found === -1) return undefined;
    const from = found + key.length;
    if (text.charCodeAt(from) === quote) {
      const to = closingQuote(text, from);
      // A piece of `text` would keep all of it alive.
      const value = bytes.toString("latin1", start + from + 1, start + to);
      if (plainText.test(value)) return value;
    }
    return parseText(bytes.toString("utf8", start + from, start + endOfValue(text, from)));
  }

  released(index: number): boolean {
    return this.#at(3 * index) === RELEASED;
  }

  /** Gives the bytes of a text back. It cannot be read any more. */
  release(index: number): void {
    const place = 3 * index;
    if (this.#at(place) === RELEASED) return;
    this.#live -= this.#length(place);
    this.#places[place] = RELEASED;
    if (this.#live < this.#least) this.#shrink();
  }

  /** Whatever the block holds besides its texts goes at the first time. */
  #shrink(): void {
    const places = this.#places;
    const bytes = Buffer.allocUnsafeSlow(this.#live);
    let to = 0;
    for (let place = 0; place < places.length; place += 3) {
      const from = this.#at(place);
      if (from === RELEASED) continue;
      const length = this.#length(place);
      this.#bytes.copy(bytes, to, from, from + length);
      for (let each = place; each < place + 3; each++) places[each] = this.#at(each) - from + to;
      to += length;
    }
    this.#bytes = bytes;
    this.#least = leastOf(bytes);
  }

  /** Bytes of a text with its key and what is in between. */
  #length(place: number): number {
    return this.#at(place + 2) - this.#at(place);
  }

  #at(place: number): number {
    return this.#places[place] ?? RELEASED;
  }

  #held(index: number): Buffer {
    if (this.#at(3 * index) === RELEASED) throw new UsageError("this text has been released");
    return this.#bytes;
  }
}

const RELEASED = -1;

/** Bytes. For less than this, what is left is not worth copying. */
const WORTH_SHRINKING = 32 * 1024;

function leastOf({ length }: Buffer): number {
  return Math.min(length / 4, length - WORTH_SHRINKING);
}

/** A JSON value that is still text: one of those in a {@link TextBlock}. */
export class JsonText {
  readonly #block: TextBlock;
  readonly #index: number;

  /** Made by {@link TextBlock.text}. */
  constructor(block: TextBlock, index: number) {
    this.#block = block;
    this.#index = index;
  }

  get released(): boolean {
    return this.#block.released(this.#index);
  }

  /** The text, as a string of its own. */
  read(): string {
    return this.#block.read(this.#index);
  }

  /** Throws `ProtocolError` when it is not JSON. */
  parse(): Json {
    return this.#block.parse(this.#index);
  }

  /**
   * One member of the object that the text is, without parsing the others; undefined when it has no such member.
   *
   * For objects whose members hold no objects themselves, and whose writer puts no space behind keys, as rows of
   * ovsdb-server are: there the quoted name with a colon behind it can be nothing else, since quotes inside strings are escaped.
   */
  member(name: string): Json | undefined {
    return this.#block.member(this.#index, name);
  }

  /** Gives the bytes back. It cannot be read any more. */
  release(): void {
    this.#block.release(this.#index);
  }
}

/** Finds one member in many texts, where it is a string of printable ASCII without escapes. Makes no string for that. */
export class PlainMember {
  /** What the string comes behind. */
  readonly #head: Buffer;
  /** For each byte that may stand under the last one of the head, how far the head can be moved (Horspool's search). */
  readonly #moves: Uint8Array;

  /** Names are those of columns: letters, digits and underscores. */
  constructor(name: string) {
    this.#head = Buffer.from(`"${name}":"`);
    this.#moves = new Uint8Array(256).fill(this.#head.length);
    for (let at = 0; at < this.#head.length - 1; at++) {
      this.#moves[this.#head[at] ?? 0] = this.#head.length - 1 - at;
    }
  }

  /** Tells for each of the texts where the string begins and ends; -1 and -1 where it is not there or not so plain. */
  find({ bytes, places }: MemberTexts): Int32Array {
    const found = new Int32Array((places.length / 3) * 2).fill(-1);
    for (let place = 0, to = 0; place < places.length; place += 3, to += 2) {
      const start = this.#behindHead(bytes, places[place + 1] ?? 0, places[place + 2] ?? 0);
      const end = start === -1 ? -1 : plainEnd(bytes, start);
      if (end === -1) continue;
      found[to] = start;
      found[to + 1] = end;
    }
    return found;
  }

  #behindHead(bytes: Buffer, from: number, to: number): number {
    const head = this.#head;
    const moves = this.#moves;
    const last = head.length - 1;
    for (let at = from + last; at < to; at += moves[bytes[at] ?? 0] ?? 1) {
      if (bytes[at] !== quote || bytes[at - 1] !== colon) continue;
      let same = last - 2;
      while (same >= 0 && bytes[at - last + same] === head[same]) same--;
      // Behind a backslash the quote would be in a string.
      if (same === -1 && bytes[at - last - 1] !== backslash) return at + 1;
    }
    return -1;
  }
}

/** Where the closing quote of a string is that begins there; -1 when it is not plain. */
function plainEnd(bytes: Buffer, from: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at;
    if (byte < 0x20 || byte > 0x7e || byte === backslash) return -1;
  }
}

/** Where the value ends that begins at `from`: before the comma or the bracket that follows it. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = closingQuote(text, at);
    else if (code === comma && depth === 0) return at;
    else if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) {
      if (depth === 0) return at;
      depth--;
    }
  }
  return text.length;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at++;
  }
  return text.length;
}

/** As {@link JsonText.member}, of an object that is text in a string of its own. */
export function memberOfText(text: string, name: string): Json | undefined {
  const key = `"${name}":`;
  const found = text.indexOf(key);
  if (found === -1) return undefined;
  const from = found + key.length;
  return parseText(text.slice(from, endOfValue(text, from)));
}

/** Throws `ProtocolError` when it is not JSON. */
export function parseText(text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new ProtocolError(`the peer sent a message that is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
