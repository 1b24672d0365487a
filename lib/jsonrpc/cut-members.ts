import { type JsonText, TextBlock } from "./json-text.ts";

/** The members of one object of a large message: their values are text yet. */
export interface CutObject {
  readonly keys: readonly string[];
  readonly texts: readonly JsonText[];
}

/** A large message without its bulk. */
export interface CutMessage {
  /** The message's JSON text, in which every object that was taken out is its number in `objects`. */
  readonly skeleton: string;
  readonly objects: readonly CutObject[];
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const backslash = 0x5c;

/**
 * Takes out of a message the objects whose members all look like `"KEY":{"WRAPPER":{...}}`, leaving each `{...}` as text.
 *
 * What a monitor sends first is made of them, tens of megabytes in large databases: `"<uuid>":{"initial":{<columns>}}`.
 * They are found by the bytes between key and columns, which no string can contain, as quotes in strings are escaped;
 * so nothing in between is looked at here. Where the text is not as ovsdb-server writes it (spaces, other members in
 * between) the answer is undefined: such a message has to be parsed as a whole.
 *
 * Throws `ProtocolError` for bytes that are not UTF-8.
 */
export function cutMembers(frame: Uint8Array, wrapper: string): CutMessage | undefined {
  return new Cutter(new TextBlock(frame), `":{"${wrapper}":{`).cut();
}

class Cutter {
  readonly #block: TextBlock;
  readonly #bytes: Buffer;
  readonly #marker: Buffer;
  readonly #objects: { readonly keys: string[]; readonly texts: JsonText[] }[] = [];
  #skeleton = "";
  /** The bytes up to here are in the skeleton or in the objects. */
  #done = 0;

  constructor(block: TextBlock, marker: string) {
    this.#block = block;
    this.#bytes = block.bytes;
    this.#marker = Buffer.from(marker);
  }

  cut(): CutMessage | undefined {
    /** Where the text of the member before begins. */
    let start: number | undefined;
    for (;;) {
      const found = this.#bytes.indexOf(this.#marker, start ?? 0);
      if (found === -1) break;
      const key = this.#bytes.lastIndexOf(quote, found - 1) + 1;
      const before = this.#bytes[key - 2];
      if (before === openBrace) {
        if (start !== undefined && !this.#endObject(start, this.#objectBefore(key - 2))) return undefined;
        this.#beginObject(key - 2);
      } else if (before !== comma || start === undefined || !this.#endMember(start, key - 2)) {
        return undefined;
      }
      const text = this.#bytes.toString("latin1", key, found);
      if (text.includes("\\")) return undefined;
      this.#objects.at(-1)?.keys.push(text);
      start = found + this.#marker.length - 1;
    }
    if (start === undefined || !this.#endObject(start, endOfObject(this.#bytes, start) + 1)) return undefined;
    this.#skeleton += this.#bytes.toString("utf8", this.#done);
    return { skeleton: this.#skeleton, objects: this.#objects };
  }

  /** Where the object's closing brace is, if the next object is the member after it: `},"KEY":{`. */
  #objectBefore(open: number): number {
    const name = this.#bytes.lastIndexOf(quote, open - 3);
    const fits =
      this.#bytes[open - 1] === colon && this.#bytes[open - 2] === quote && this.#bytes[name - 1] === comma;
    return fits ? name - 2 : -1;
  }

  #beginObject(open: number): void {
    this.#skeleton += this.#bytes.toString("utf8", this.#done, open) + String(this.#objects.length);
    this.#objects.push({ keys: [], texts: [] });
  }

  /** The member whose text begins at `start` is the last one of an object that has its closing brace at `end`. */
  #endObject(start: number, end: number): boolean {
    this.#done = end + 1;
    return this.#bytes[end] === closeBrace && this.#endMember(start, end);
  }

  /** The member whose text begins at `start` goes up to `end`, with the brace of its wrapper. */
  #endMember(start: number, end: number): boolean {
    if (end - 2 < start || this.#bytes[end - 1] !== closeBrace || this.#bytes[end - 2] !== closeBrace)
      return false;
    this.#objects.at(-1)?.texts.push(this.#block.text(start, end - 1));
    return true;
  }
}

/** Behind the closing brace of the object that begins at `from`, and of what wraps it. */
function endOfObject(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let inString = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace) depth++;
    else if (byte === closeBrace) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return bytes.length;
}
