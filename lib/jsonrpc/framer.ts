import { ProtocolError } from "./errors.ts";

/** What a peer may send before it is thought broken or hostile. */
export interface FramerLimits {
  /**
   * Bytes in one message.
   * @default 512 MiB - 1 KiB, the longest text that V8 can hold in one string, less some room
   */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Objects and arrays inside each other.
   * @default 1000, as ovsdb-server's own parser has it
   */
  readonly maxDepth?: number | undefined;
}

const defaultMaxFrameBytes: number = 512 * 1024 * 1024 - 1024;
const defaultMaxDepth = 1000;

/** {@link FramerLimits} with the defaults filled in, also where one is `undefined`: that would be no limit at all. */
export function limitsOf({
  maxFrameBytes = defaultMaxFrameBytes,
  maxDepth = defaultMaxDepth,
}: FramerLimits): { readonly [K in keyof FramerLimits]-?: number } {
  return { maxFrameBytes, maxDepth };
}

/** Bytes of a message from which on it pays not to parse all of it. */
export const LARGE = 65_536;

/** Reads one large message as its bytes come in, in place of the framer. */
export interface LargeFrame {
  /** Bytes of the message so far. */
  readonly pendingBytes: number;
  /**
   * Takes the next bytes, and tells how many of them the message still had; -1 when it has not ended.
   * Throws `ProtocolError` when the stream breaks the rules.
   */
  push(bytes: Uint8Array): number;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Finds the JSON objects in a stream of bytes (RFC 7047 section 4: messages follow each other with nothing between them).
 *
 * It looks for braces, brackets and strings only; whether a frame is JSON is found when it is parsed. Time is linear in the
 * number of bytes however they are cut, and cutting inside a multi-byte character does no harm.
 */
export class Framer<L extends LargeFrame = never> {
  readonly #maxFrameBytes: number;
  readonly #maxDepth: number;
  #depth = 0;
  #inString = false;
  /** The last byte was a backslash in a string, so the next one says nothing. */
  #escaped = false;
  /** A `Buffer` as what sockets give is: who reads frames is quicker when all are of one kind. */
  #kept: Buffer = NOTHING;
  #keptBytes = 0;
  #failure: ProtocolError | undefined;
  readonly #large: () => L | undefined;
  /** What reads the present frame in place of this. */
  #reader: L | undefined;

  /**
   * `large` may give what reads a frame that has become {@link LARGE}, or begins a chunk that is; it stands for the frame
   * then, which may turn out to be a small one.
   */
  constructor(limits: FramerLimits = {}, large: () => L | undefined = () => undefined) {
    const { maxFrameBytes, maxDepth } = limitsOf(limits);
    this.#maxFrameBytes = maxFrameBytes;
    this.#maxDepth = maxDepth;
    this.#large = large;
  }

  /** Bytes of a frame that has begun and not ended; 0 between frames. */
  get pendingBytes(): number {
    return this.#reader?.pendingBytes ?? this.#keptBytes;
  }

  /**
   * Why the stream cannot be read on, known as soon as the offending byte is in.
   *
   * It is set also when `push` returned, which it does if whole frames came before the offence: what they say happened.
   */
  get failure(): ProtocolError | undefined {
    return this.#failure;
  }

  /**
   * Takes the next bytes of the stream and returns the frames that end in them.
   *
   * A frame that lies in one chunk is a view of that chunk, not a copy, so the caller must not write into it again.
   *
   * @throws ProtocolError if the stream breaks the rules and no whole frame came before in this chunk; ever after, always
   */
  push(chunk: Uint8Array): (Uint8Array | L)[] {
    const frames: (Uint8Array | L)[] = [];
    if (this.#failure === undefined) this.#failure = this.#take(chunk, frames);
    if (this.#failure !== undefined && frames.length === 0) throw this.#failure;
    return frames;
  }

  #take(chunk: Uint8Array, frames: (Uint8Array | L)[]): ProtocolError | undefined {
    // Not as soon as it is large: the frames before it are to be dealt with before anything of it is. Of a chunk, those before
    // it are dealt with at its beginning: a frame that begins there, and has all of it as a rule, need not be read twice.
    const begins = this.#depth === 0 && chunk.length >= LARGE && chunk[0] === openBrace;
    if (this.#reader === undefined && (begins || this.#keptBytes >= LARGE)) this.#giveAway();
    const reader = this.#reader;
    if (reader === undefined) return this.#scan(chunk, frames);
    const used = reader.push(chunk);
    if (used === -1) return undefined;
    this.#reader = undefined;
    frames.push(reader);
    return this.#scan(chunk.subarray(used), frames);
  }

  #giveAway(): void {
    const reader = this.#large();
    if (reader === undefined) return;
    this.#reader = reader;
    reader.push(this.#kept.subarray(0, this.#keptBytes));
    this.#kept = NOTHING;
    this.#keptBytes = 0;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
  }

  #scan(chunk: Uint8Array, frames: (Uint8Array | L)[]): ProtocolError | undefined {
    if (chunk.length === 0) return undefined;
    let start = 0;
    let at = this.#inString ? this.#endString(behindString(chunk, this.#escaped ? 1 : 0), chunk.length) : 0;
    while (at < chunk.length) {
      if (this.#depth === 0) {
        const byte = chunk[at];
        if (byte !== openBrace) {
          if (!isWhiteSpace(byte)) return garbage(chunk.subarray(at));
          at++;
          continue;
        }
        start = at;
      }
      at = this.#skipFrame(chunk, at);
      if (this.#depth > this.#maxDepth) return tooDeep(this.#maxDepth);
      if (this.#depth > 0) break;
      if (this.#keptBytes + at - start > this.#maxFrameBytes) return tooLarge(this.#maxFrameBytes);
      frames.push(this.#complete(chunk.subarray(start, at)));
    }
    if (this.#depth === 0) return undefined;
    if (this.#keptBytes + chunk.length - start > this.#maxFrameBytes) return tooLarge(this.#maxFrameBytes);
    this.#keep(chunk.subarray(start));
    return undefined;
  }

  /**
   * Where the present frame has ended, or the chunk; or behind what is nested too deep. Apart from all that happens once for
   * a frame: V8 compiles a loop over bytes at the first large message, when it has not seen the rest often enough.
   */
  #skipFrame(chunk: Uint8Array, from: number): number {
    const end = chunk.length;
    const deepest = this.#maxDepth;
    let depth = this.#depth;
    let at = from;
    while (at < end) {
      const byte = chunk[at++];
      if (byte === quote) {
        at = behindString(chunk, at);
        if (at < 0) at = this.#endString(at, end);
      } else if (byte === openBrace || byte === 0x5b) {
        depth++;
        if (depth > deepest) break;
      } else if (byte === 0x7d || byte === 0x5d) {
        depth--;
        if (depth === 0) break;
      }
    }
    this.#depth = depth;
    return at;
  }

  /** Takes down whether a string goes on behind the chunk; returns where to go on in it. */
  #endString(found: number, end: number): number {
    this.#inString = found < 0;
    this.#escaped = found === ESCAPED;
    return found < 0 ? end : found;
  }

  #complete(tail: Uint8Array): Uint8Array {
    if (this.#keptBytes === 0) return tail;
    this.#keep(tail);
    const frame = this.#kept.subarray(0, this.#keptBytes);
    // The caller owns the bytes now, so the next frame needs a buffer of its own.
    this.#kept = NOTHING;
    this.#keptBytes = 0;
    return frame;
  }

  /** Grows by doubling, so that a frame in a million pieces is still copied in linear time. */
  #keep(bytes: Uint8Array): void {
    const needed = this.#keptBytes + bytes.length;
    if (needed > this.#kept.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, needed, Math.min(needed * 2, this.#maxFrameBytes)));
      grown.set(this.#kept.subarray(0, this.#keptBytes));
      this.#kept = grown;
    }
    this.#kept.set(bytes, this.#keptBytes);
    this.#keptBytes = needed;
  }
}

/** The chunk ends within the string. */
const UNFINISHED = -1;
/** And with a backslash, so the next byte says nothing. */
const ESCAPED = -2;

/** Where a string has ended of which the bytes from `from` on are the rest; {@link UNFINISHED} or {@link ESCAPED} if it has not. */
function behindString(chunk: Uint8Array, from: number): number {
  for (let at = from; at < chunk.length; at++) {
    const byte = chunk[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at++;
    if (at === chunk.length) return ESCAPED;
  }
  return UNFINISHED;
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function garbage(bytes: Uint8Array): ProtocolError {
  const shown = new TextDecoder("latin1").decode(bytes.subarray(0, 32));
  return new ProtocolError(
    `the peer sent ${JSON.stringify(shown)} where a JSON object should begin; is this an OVSDB server, and the right port?`,
  );
}

export function tooDeep(limit: number): ProtocolError {
  return new ProtocolError(`the peer sent a message nested deeper than ${limit}`);
}

export function tooLarge(limit: number): ProtocolError {
  return new ProtocolError(`the peer sent a message of more than ${limit} bytes`);
}
