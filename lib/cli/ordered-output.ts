import type { Writable } from "node:stream";

interface Piece {
  readonly stream: Writable;
  readonly text: string;
}

/**
 * Writes to several streams in the order of the calls, for whoever reads all of them as one (`2>&1 | tee log`).
 *
 * A pipe takes what it has room for, and the rest waits in the process. A text for another stream, whose pipe may be the same,
 * would overtake it, and stand in the middle of a line.
 */
export class OrderedOutput {
  readonly #streams: readonly Writable[];
  /** Where the latest text went. */
  #latest: Writable | undefined;
  readonly #waiting: Piece[] = [];

  constructor(streams: readonly Writable[]) {
    this.#streams = streams;
  }

  /** Writes a text after all those before it. */
  write(stream: Writable, text: string): void {
    const latest = this.#latest;
    const isOvertaking = latest !== undefined && latest !== stream && latest.writableLength > 0;
    if (this.#waiting.length === 0 && !isOvertaking) {
      stream.write(text);
      this.#latest = stream;
      return;
    }
    this.#waiting.push({ stream, text });
    // Called also where the reader has gone: then there is nothing left to overtake.
    if (this.#waiting.length === 1) latest?.write("", () => this.#goOn());
  }

  #goOn(): void {
    this.#latest = undefined;
    for (const { stream, text } of this.#waiting.splice(0)) this.write(stream, text);
  }

  /** Resolves once everything that there is so far is written, or cannot be. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0) await written(this.#latest);
    await Promise.all(this.#streams.map(written));
  }
}

function written(stream: Writable | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (stream === undefined) resolve();
    else stream.write("", () => resolve());
  });
}
