import { isUtf8 } from "node:buffer";
import { ProtocolError, UsageError } from "./errors.ts";
import { parseJson } from "./exact-json.ts";
import type { Json } from "./json.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
/** The same in latin1 and in UTF-8, and without escapes. */
const plainText = /^[ !#-[\]-~]*$/;

/**
 * The bytes that many {@link JsonText}s lie in.
 *
 * When more than half of them have been released, those that are left move to a smaller block: a few unread rows must not
 * hold on to the whole message that they came in.
 */
export class TextBlock {
  #texts: JsonText[] = [];
  #bytes: Buffer;
  #live = 0;

  /** Throws `ProtocolError` for bytes that are not UTF-8. They belong to the block from now on. */
  constructor(bytes: Uint8Array) {
    if (!isUtf8(bytes)) throw new ProtocolError("the peer sent a message that is not valid UTF-8");
    this.#bytes = viewOf(bytes);
  }

  /** The bytes, for looking around in them; they change when the block shrinks. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The value between two offsets. */
  text(start: number, end: number): JsonText {
    const text = new JsonText(this, start, end);
    this.#texts.push(text);
    this.#live += end - start;
    return text;
  }

  /** Called by a text of this block that will not be read again. */
  released(length: number): void {
    this.#live -= length;
    if (this.#live * 2 < this.#bytes.length) this.#shrink();
  }

  #shrink(): void {
    this.#texts = this.#texts.filter((text) => !text.released);
    const bytes = Buffer.allocUnsafeSlow(this.#live);
    let at = 0;
    for (const text of this.#texts) at = text.moveTo(bytes, at);
    this.#bytes = bytes;
  }
}

/** A JSON value that is still text: most rows of a large database are never read, and need never be parsed. */
export class JsonText {
  #block: TextBlock | undefined;
  #start: number;
  #end: number;

  /** Made by {@link TextBlock.text}. */
  constructor(block: TextBlock, start: number, end: number) {
    this.#block = block;
    this.#start = start;
    this.#end = end;
  }

  get released(): boolean {
    return this.#block === undefined;
  }

  /** Throws `ProtocolError` when it is not JSON. */
  parse(): Json {
    return parseText(this.#bytes.toString("utf8", this.#start, this.#end));
  }

  /**
   * One member of the object that the text is, without parsing the others; undefined when it has no such member.
   *
   * For objects whose members hold no objects themselves, and whose writer puts no space behind keys, as rows of
   * ovsdb-server are: there the quoted name with a colon behind it can be nothing else, since quotes inside strings are escaped.
   */
  member(name: string): Json | undefined {
    const bytes = this.#bytes;
    const text = bytes.toString("latin1", this.#start, this.#end);
    const key = `"${name}":`;
    const found = text.indexOf(key);
    if (found === -1) return undefined;
    const from = found + key.length;
    if (text.charCodeAt(from) === quote) {
      const to = closingQuote(text, from);
      // A piece of `text` would keep all of it alive.
      const value = bytes.toString("latin1", this.#start + from + 1, this.#start + to);
      if (plainText.test(value)) return value;
    }
    const to = endOfValue(text, from);
    return parseText(bytes.toString("utf8", this.#start + from, this.#start + to));
  }

  /** Gives the bytes back. It cannot be read any more. */
  release(): void {
    const block = this.#block;
    this.#block = undefined;
    block?.released(this.#end - this.#start);
  }

  /** Copies itself to the place where it is from now on, and tells where that ends. */
  moveTo(target: Buffer, at: number): number {
    this.#bytes.copy(target, at, this.#start, this.#end);
    this.#end = at + this.#end - this.#start;
    this.#start = at;
    return this.#end;
  }

  get #bytes(): Buffer {
    if (this.#block === undefined) throw new UsageError("this text has been released");
    return this.#block.bytes;
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

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
