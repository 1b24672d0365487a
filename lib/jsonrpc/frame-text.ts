import { readText } from "./message.ts";

/** A message as text that has not been parsed, for those who need little of it. */
export class FrameText {
  readonly text: string;
  readonly #frame: Uint8Array;

  /** Throws `ProtocolError` for bytes that are not UTF-8. */
  constructor(frame: Uint8Array) {
    this.text = readText(frame);
    this.#frame = frame;
  }

  /** Whether it is ASCII as a whole: then an offset in the text is that of a byte, and {@link copy} may be called. */
  get isAscii(): boolean {
    return this.text.length === this.#frame.length;
  }

  /** A piece of the text that may be kept: `slice` gives one that keeps the whole text in memory. */
  copy(start: number, end: number): string {
    const { buffer, byteOffset, length } = this.#frame;
    return Buffer.from(buffer, byteOffset, length).toString("latin1", start, end);
  }
}
