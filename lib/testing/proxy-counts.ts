import type { ProxyMessage } from "./proxy-message.ts";

/** What went through a {@link FaultProxy} in one direction. */
export interface DirectionCounts {
  /** Bytes that the sender sent and the proxy read. */
  readonly bytes: number;
  /** Bytes that the proxy passed on. */
  readonly forwardedBytes: number;
  /** Whole messages that the sender sent; 0 under TLS, which the proxy cannot see into. */
  readonly frames: number;
  /** How many of them were replies. */
  readonly replies: number;
  /** How many requests and notifications there were of each method. */
  readonly methods: Readonly<Record<string, number>>;
}

/** What went through a {@link FaultProxy} so far. */
export interface ProxyCounts {
  /** Connections that clients made. */
  readonly connections: number;
  /** How many of them are not over yet. */
  readonly open: number;
  /** How many of them failed since the target could not be reached. */
  readonly unreachable: number;
  /** Replies that {@link DropReply} lost. */
  readonly droppedReplies: number;
  readonly toServer: DirectionCounts;
  readonly toClient: DirectionCounts;
}

/** Counts one direction of one connection, or of all that are over. */
export class DirectionCounter {
  #bytes = 0;
  #forwardedBytes = 0;
  #frames = 0;
  #replies = 0;
  readonly #methods: Map<string, number> = new Map();

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  forwarded(bytes: number): void {
    this.#forwardedBytes += bytes;
  }

  /** @param message undefined for a frame that is no JSON object. */
  frame(message: ProxyMessage | undefined): void {
    this.#frames++;
    const method = message?.["method"];
    if (typeof method === "string") {
      this.#methods.set(method, (this.#methods.get(method) ?? 0) + 1);
    } else if (message !== undefined) {
      this.#replies++;
    }
  }

  add(counts: DirectionCounts): void {
    this.#bytes += counts.bytes;
    this.#forwardedBytes += counts.forwardedBytes;
    this.#frames += counts.frames;
    this.#replies += counts.replies;
    for (const [method, times] of Object.entries(counts.methods)) {
      this.#methods.set(method, (this.#methods.get(method) ?? 0) + times);
    }
  }

  get counts(): DirectionCounts {
    return {
      bytes: this.#bytes,
      forwardedBytes: this.#forwardedBytes,
      frames: this.#frames,
      replies: this.#replies,
      methods: Object.fromEntries(this.#methods),
    };
  }
}
