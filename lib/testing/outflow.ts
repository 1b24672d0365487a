import type { Socket } from "node:net";
import type { DirectionFaults } from "./faults.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Something that waits to be passed on. */
interface Item {
  /** Bytes; "end" is the sender's orderly end, "cut" ends the whole connection. */
  content: Uint8Array | "end" | "cut";
  /** When it may go, in milliseconds of performance.now(). */
  readonly due: number;
}

/** What an {@link Outflow} tells its connection. */
export interface OutflowEvents {
  /** So many bytes were passed on. */
  onForwarded(bytes: number): void;
  /** The connection is to be ended; what was passed on until now shall still arrive. */
  onCut(): void;
  /** The receiver's buffer is full, or has room again. */
  onRoom(): void;
}

/** The last stretch of one direction: what is to be passed on waits here for its time, its size and its receiver. */
export class Outflow {
  readonly #sink: Socket;
  readonly #random: SeededRandom;
  readonly #events: OutflowEvents;
  #queue: Item[] = [];
  #faults: DirectionFaults = {};
  #sinceSet = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(sink: Socket, random: SeededRandom, events: OutflowEvents) {
    this.#sink = sink;
    this.#random = random;
    this.#events = events;
    sink.on("drain", () => {
      events.onRoom();
      this.#pump();
    });
  }

  /** Whether the receiver takes no more for now. */
  get isFull(): boolean {
    return this.#sink.writableNeedDrain;
  }

  set(faults: DirectionFaults): void {
    this.#faults = faults;
    this.#sinceSet = 0;
    this.#pump();
  }

  /** Queues bytes, or the end of the stream or of the connection, behind all that came before. */
  put(content: Uint8Array | "end" | "cut"): void {
    if (content.length > 0) {
      this.#queue.push({ content, due: performance.now() + (this.#faults.delay ?? 0) });
      this.#pump();
    }
  }

  /** Forgets what waits. */
  discard(): void {
    this.#queue = [];
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#turn !== undefined) {
      return;
    }
    while (this.#step());
  }

  /** Passes on one piece; gives whether to go on at once. */
  #step(): boolean {
    const { cutAfterBytes = Number.POSITIVE_INFINITY, hold = false } = this.#faults;
    if (this.#sinceSet >= cutAfterBytes) {
      this.#events.onCut();
      return false;
    }
    const [head] = this.#queue;
    if (head === undefined || hold || this.isFull) {
      return false;
    }
    const wait = head.due - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait));
      return false;
    }
    if (typeof head.content === "string") {
      this.#queue.shift();
      if (head.content === "cut") {
        this.#events.onCut();
        return false;
      }
      this.#sink.end();
      return true;
    }
    const size = Math.min(head.content.length, this.#chunkSize(), cutAfterBytes - this.#sinceSet);
    this.#send(head.content.subarray(0, size));
    if (size === head.content.length) {
      this.#queue.shift();
    } else {
      head.content = head.content.subarray(size);
    }
    if (this.#faults.chunkBytes === undefined) {
      return true;
    }
    // The receiver gets its turn, else the kernel would join the pieces again.
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#pump();
    });
    return false;
  }

  #chunkSize(): number {
    const { chunkBytes } = this.#faults;
    if (chunkBytes === undefined || typeof chunkBytes === "number") {
      return Math.max(1, chunkBytes ?? Number.POSITIVE_INFINITY);
    }
    return Math.max(1, this.#random.integer(chunkBytes[0], chunkBytes[1]));
  }

  #send(bytes: Uint8Array): void {
    this.#sinceSet += bytes.length;
    if (this.#sink.writable) {
      this.#sink.write(bytes);
      this.#events.onForwarded(bytes.length);
      if (this.isFull) {
        this.#events.onRoom();
      }
    }
  }
}
