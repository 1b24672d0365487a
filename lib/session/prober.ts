import type { Peer } from "../jsonrpc/index.ts";

/**
 * Notices that the server has gone without saying so: `echo` after `interval` milliseconds of silence, `lost` after as
 * much silence again, as the C client does.
 */
export class Prober {
  readonly #timer: NodeJS.Timeout;
  #probedAt: number | undefined;
  #stopped = false;

  constructor(peer: Peer, interval: number, lost: (silence: number) => void) {
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (this.#probedAt !== undefined && peer.lastReceivedAt >= this.#probedAt) this.#probedAt = undefined;
      if (this.#probedAt === undefined) {
        if (now - peer.lastReceivedAt < interval) return;
        this.#probedAt = now;
        // Whatever the answer is, it is a sign of life; its absence is noticed by the next ticks.
        peer.call("echo", []).catch(() => undefined);
      } else if (now - this.#probedAt >= interval) {
        // When our own process was busy or asleep, the answer may lie unread in the socket: it is read before this runs.
        setImmediate(() => {
          const probedAt = this.#probedAt;
          if (this.#stopped || probedAt === undefined || peer.lastReceivedAt >= probedAt) return;
          lost(performance.now() - peer.lastReceivedAt);
        });
      }
    }, interval / 2);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }
}
