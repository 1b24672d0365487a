import { ProtocolError } from "./errors.ts";
import type { Json } from "./json.ts";
import { asciiText } from "./json-text.ts";
import { decodeMessage } from "./message.ts";

/** What a peer says unasked. */
export interface Notification {
  readonly method: string;
  readonly params: readonly Json[];
}

/**
 * A message as text that has not been parsed, for those who need little of it. It is plain ASCII, so that an offset in the
 * text is that of a byte.
 */
export class FrameText {
  readonly text: string;
  /** The same as bytes: to look at one of these is less code for V8 to compile than to look at a character. */
  readonly bytes: Buffer;

  private constructor(text: string, bytes: Buffer) {
    this.text = text;
    this.bytes = bytes;
  }

  /** Undefined when it is not ASCII as a whole. */
  static of(frame: Uint8Array): FrameText | undefined {
    const bytes = Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length);
    const text = asciiText(bytes);
    return text === undefined ? undefined : new FrameText(text, bytes);
  }

  /** Parses all of it. Throws `ProtocolError` when it is no notification. */
  notification(): Notification {
    const message = decodeMessage(this.bytes);
    if (message.kind === "notification") return message;
    throw new ProtocolError("the peer sent a message that begins as a notification and is none");
  }

  /** A piece of the text that may be kept: `slice` gives one that keeps the whole text in memory. */
  copy(start: number, end: number): string {
    return this.bytes.toString("latin1", start, end);
  }
}
