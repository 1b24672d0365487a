/**
 * The clock of this process, `performance.now()`, which a test puts forward: time is over when the test says so, on
 * a fast machine and on a slow one. Timers are not moved.
 */
export class Clock implements Disposable {
  #ahead = 0;

  constructor() {
    const now = performance.now.bind(performance);
    performance.now = () => now() + this.#ahead;
  }

  /** So many milliseconds pass at once. */
  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  [Symbol.dispose](): void {
    // What is on the prototype is seen again.
    Reflect.deleteProperty(performance, "now");
  }
}
