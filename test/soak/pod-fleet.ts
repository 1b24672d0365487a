import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { ClientMessage, ClientTask, PodOrder } from "./pod-protocol.ts";

/** A pod whose attachment was acknowledged. */
export type AttachedPod = Extract<ClientMessage, { readonly type: "attached" }>;

const startPatience = 20_000;
const endPatience = 60_000;

/** Some processes that attach pods. */
export class PodFleet implements AsyncDisposable {
  readonly attached: AttachedPod[] = [];
  readonly violations: string[] = [];
  readonly summaries: Extract<ClientMessage, { readonly type: "summary" }>[] = [];
  readonly #children: ChildProcess[] = [];
  #ordered = 0;
  #closing = false;
  /** When something was acknowledged last, or the first order came after all was done. */
  #movedAt = performance.now();
  #stall = 0;

  /** Starts the processes and resolves when all are connected. */
  static async start(task: ClientTask, size: number): Promise<PodFleet> {
    const fleet = new PodFleet();
    try {
      await Promise.all(Array.from({ length: size }, () => fleet.#startClient(task)));
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** How many ordered pods are not attached yet. */
  get pending(): number {
    return this.#ordered - this.attached.length;
  }

  /** Has one client after the other attach a pod. */
  order(pod: PodOrder): void {
    if (this.pending === 0) this.#movedAt = performance.now();
    const child = this.#children[this.#ordered % this.#children.length];
    this.#ordered += 1;
    child?.send(pod);
  }

  /** The longest time in which nothing was acknowledged although something was ordered, since this was asked last. */
  takeStall(): number {
    const stall = Math.max(this.#stall, this.pending === 0 ? 0 : performance.now() - this.#movedAt);
    this.#stall = 0;
    return stall;
  }

  /** Ends the processes, and has their last words. */
  async end(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.#children.map(async (child) => {
        const heard = this.#hear(child, "summary", endPatience);
        child.send("end");
        await heard;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }),
    );
  }

  async #startClient(task: ClientTask): Promise<void> {
    const child = fork(join(import.meta.dirname, "pod-client.js"), [JSON.stringify(task)]);
    this.#children.push(child);
    const name = `client ${this.#children.length}`;
    child.on("message", (message) => this.#onMessage(name, message as ClientMessage));
    child.on("exit", (code, signal) => {
      if (!this.#closing) this.violations.push(`${name} ended with ${signal ?? code}`);
    });
    await this.#hear(child, "ready", startPatience);
  }

  #onMessage(name: string, message: ClientMessage): void {
    if (message.type === "attached") {
      const now = performance.now();
      this.#stall = Math.max(this.#stall, now - this.#movedAt);
      this.#movedAt = now;
      this.attached.push(message);
    } else if (message.type === "violation") {
      this.violations.push(`${name}: ${message.text}`);
    } else if (message.type === "summary") {
      this.summaries.push(message);
    }
  }

  #hear(child: ChildProcess, type: ClientMessage["type"], patience: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`a client did not say ${type} within ${patience} ms`)),
        patience,
      );
      child.on("message", (message) => {
        if ((message as ClientMessage).type !== type) return;
        clearTimeout(timer);
        resolve();
      });
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`a client ended with ${code} before it said ${type}`));
      });
    });
  }
}
