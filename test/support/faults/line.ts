import { type FaultProxy, type Faults, startFaultProxy } from "../../../lib/testing/index.ts";
import type { LineFault } from "./schedule.ts";

/** The way of one client to the server, through a fault proxy. */
export class Line implements AsyncDisposable {
  readonly #proxy: FaultProxy;
  /** Bytes may be missing on the open connections: they must never be heard of again, as no network swallows some and goes on. */
  #lossy = false;

  private constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
  }

  static async open(
    target: string,
    options: { readonly listen: "tcp" | "unix"; readonly seed: number },
  ): Promise<Line> {
    return new Line(await startFaultProxy(target, options));
  }

  get remote(): string {
    return this.#proxy.remote;
  }

  /** How many connections the client has made. */
  get connections(): number {
    return this.#proxy.counts.connections;
  }

  async break(fault: LineFault): Promise<void> {
    switch (fault.kind) {
      case "cut":
        return this.#proxy.cut();
      case "cut after":
        return this.#setOpen({ [fault.direction]: { cutAfterBytes: fault.bytes } });
      case "cut next":
        this.#proxy.setNextFaults({ [fault.direction]: { cutAfterBytes: fault.bytes } });
        return this.#proxy.cut();
      case "chunks":
        return this.#set({ both: { chunkBytes: [1, fault.most] } });
      case "delay":
        return this.#set({ [fault.direction]: { delay: fault.milliseconds } });
      case "hold":
        return this.#set(
          Object.fromEntries(fault.directions.map((direction) => [direction, { hold: true }])),
        );
      case "stall":
        return this.#set({ [fault.direction]: { stall: true } });
      case "drop reply": {
        const { nth, from, cut } = fault;
        this.#setOpen({ dropReply: { method: "transact", nth, from, cut } });
        this.#lossy = true;
        return;
      }
      case "refuse":
        this.#proxy.refuse();
        return this.#proxy.cut();
      case "heal":
        return this.heal();
    }
  }

  /** Takes all faults back: what was held arrives. */
  async heal(): Promise<void> {
    this.#set({});
    await this.#proxy.accept();
  }

  /** Resolves when no connection is left but the present one: nothing that was given up can reach the server any more. */
  async quiet(): Promise<void> {
    await this.#proxy.until(({ open }) => open <= 1, { timeout: 30_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy.close();
  }

  #set(faults: Faults): void {
    this.#cutLossy();
    this.#proxy.setFaults(faults);
  }

  #setOpen(faults: Faults): void {
    this.#cutLossy();
    this.#proxy.setOpenFaults(faults);
  }

  #cutLossy(): void {
    if (this.#lossy) this.#proxy.cut();
    this.#lossy = false;
  }
}
