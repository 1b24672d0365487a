import { Framer } from "../jsonrpc/index.ts";

/**
 * Sees the messages in a stream of bytes that is passed on: as it comes, or message by message so that they can be
 * replaced. It can go from one to the other at any time, also in the middle of a message: what has begun one way
 * ends that way.
 */
export class FrameTap {
  readonly #framer: Framer = new Framer();
  readonly #onFrame: (frame: Uint8Array, left: Uint8Array) => readonly Uint8Array[];
  #framewise = false;
  /** How much of the unfinished message has been passed on already. */
  #forwarded = 0;

  /**
   * @param onFrame called with each whole message in order, and with what of it was not passed on yet: all, or less
   *   when it began to pass as it came. It gives what is passed on in the place of the latter.
   */
  constructor(onFrame: (frame: Uint8Array, left: Uint8Array) => readonly Uint8Array[]) {
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next bytes and gives what is to be passed on now.
   *
   * @param framewise whether what `onFrame` gives replaces the messages; else it is not looked at. White space
   *   between messages is left out then. Bytes that are no JSON-RPC, such as TLS, pass as they are.
   */
  push(chunk: Uint8Array, framewise: boolean): readonly Uint8Array[] {
    if (this.#framer.failure !== undefined) {
      return [chunk];
    }
    const pendingBefore = this.#framer.pendingBytes;
    this.#framewise ||= framewise;
    const pieces: Uint8Array[] = [];
    let ended = 0;
    for (const frame of this.#frames(chunk)) {
      pieces.push(...this.#onFrame(frame, frame.subarray(this.#forwarded)));
      this.#forwarded = 0;
      ended++;
    }
    if (!this.#framewise || (this.#framer.failure !== undefined && ended === 0)) {
      this.#forwarded = this.#framer.pendingBytes;
      return [chunk];
    }
    if (!framewise && (ended > 0 || pendingBefore === 0)) {
      // The unfinished message lies in this chunk alone, so from here on bytes can pass as they come.
      this.#framewise = false;
      this.#forwarded = this.#framer.pendingBytes;
      pieces.push(chunk.subarray(chunk.length - this.#forwarded));
    }
    return pieces;
  }

  #frames(chunk: Uint8Array): readonly Uint8Array[] {
    try {
      return this.#framer.push(chunk);
    } catch {
      // What the framer refuses is for the receiver to refuse; its failure is remembered.
      return [];
    }
  }
}
