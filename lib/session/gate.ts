import type { Json, OvsdbError, Peer } from "../jsonrpc/index.ts";
import { type WaitBounds, WaitList } from "./wait-list.ts";

/**
 * Lets transactions through to one connection no faster than the server reads, in the order in which they came.
 *
 * What waits here has not been sent, which is the best place to be when the connection is lost.
 */
export class Gate {
  readonly #peer: Peer;
  readonly #limit: number;
  readonly #waiting: WaitList<Json> = new WaitList();
  #watching = false;

  constructor(peer: Peer, limit: number) {
    this.#peer = peer;
    this.#limit = limit;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a transaction may be sent now. */
  get open(): boolean {
    return this.#waiting.size === 0 && this.#peer.unsent <= this.#limit;
  }

  /**
   * Calls `send` as soon as no more than the limit is unsent, and at once when that is so now. `send` is told how many
   * milliseconds are left. While it waits: rejects with `TimeoutError`, the signal's reason, or why the gate was closed.
   */
  pass(
    bounds: WaitBounds & { readonly timeout: number },
    send: (left: number) => Promise<Json>,
  ): Promise<Json> {
    if (this.open || !this.#watch()) return send(bounds.timeout);
    return this.#waiting.wait(bounds, "room to send the transaction", send);
  }

  /** The connection has ended: those who wait are told so. */
  close(reason: OvsdbError): void {
    this.#waiting.fail(reason);
  }

  #watch(): boolean {
    if (this.#watching) return true;
    this.#watching = this.#peer.onDrained(() => {
      this.#watching = false;
      while (this.#waiting.size > 0 && this.#peer.unsent <= this.#limit) this.#waiting.next();
      if (this.#waiting.size > 0) this.#watch();
    });
    return this.#watching;
  }
}
