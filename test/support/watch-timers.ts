/** Timers that were started and are not yet over. */
export interface WatchedTimers extends Disposable {
  readonly running: ReadonlySet<NodeJS.Timeout>;
  /** How many of them keep the process alive. */
  readonly alive: number;
}

/** Knows the timers that are started from now on; those of the process at large, Mocha's among them, are no help. */
export function watchTimers(): WatchedTimers {
  const running = new Set<NodeJS.Timeout>();
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const start =
    (original: typeof setTimeout) =>
    (call: () => void, delay?: number): NodeJS.Timeout => {
      const timer = original(() => {
        if (original === setTimeout) running.delete(timer);
        call();
      }, delay);
      running.add(timer);
      return timer;
    };
  const stop = (original: typeof clearTimeout) => (timer?: Parameters<typeof clearTimeout>[0]) => {
    if (typeof timer === "object") running.delete(timer);
    original(timer);
  };
  Object.assign(globalThis, {
    setTimeout: start(setTimeout),
    setInterval: start(setInterval as typeof setTimeout),
    clearTimeout: stop(clearTimeout),
    clearInterval: stop(clearInterval),
  });
  return {
    running,
    get alive() {
      return [...running].filter((timer) => timer.hasRef()).length;
    },
    [Symbol.dispose]: () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    },
  };
}
