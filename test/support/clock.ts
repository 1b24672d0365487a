/** A timer that was started while the clock was watched. */
interface Started {
  /** When it fires, on this clock. */
  readonly at: number;
  readonly call: () => void;
}

/**
 * The clock of this process, `performance.now()`, and the timers of `setTimeout()`, which a test puts forward: time is
 * over when the test says so, on a fast machine and on a slow one. To be made before what it is for begins to wait.
 */
export class Clock implements Disposable {
  readonly #timers = new Map<NodeJS.Timeout, Started>();
  readonly #real: { readonly setTimeout: typeof setTimeout; readonly clearTimeout: typeof clearTimeout };
  #ahead = 0;

  constructor() {
    const now = performance.now.bind(performance);
    performance.now = () => now() + this.#ahead;
    const { setTimeout, clearTimeout } = globalThis;
    this.#real = { setTimeout, clearTimeout };
    const start = (call: () => void, delay = 0): NodeJS.Timeout => {
      const timer = setTimeout(() => this.#fire(timer), delay);
      this.#timers.set(timer, { at: performance.now() + delay, call });
      return timer;
    };
    const stop = (timer?: Parameters<typeof clearTimeout>[0]): void => {
      if (typeof timer === "object") this.#timers.delete(timer);
      clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: start, clearTimeout: stop });
  }

  /** So many milliseconds pass at once. Timers that are due then fire in another turn of the event loop, as timers do. */
  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
    const due = [...this.#timers].filter(([, { at }]) => at <= performance.now());
    due.sort(([, one], [, other]) => one.at - other.at);
    for (const [timer] of due) setImmediate(() => this.#fire(timer));
  }

  #fire(timer: NodeJS.Timeout): void {
    const started = this.#timers.get(timer);
    if (started === undefined) return;
    this.#timers.delete(timer);
    this.#real.clearTimeout(timer);
    started.call();
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    // What is on the prototype is seen again.
    Reflect.deleteProperty(performance, "now");
  }
}
