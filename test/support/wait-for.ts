/** How long and for what {@link waitFor} waits. */
export interface WaitOptions {
  /** Milliseconds. @default 30000 */
  readonly timeout?: number;
  /** What is waited for, for the message. @default the condition's source */
  readonly what?: string;
  /** Milliseconds between two looks. @default 5 */
  readonly interval?: number;
}

/** The time as it is, also while a test has put the clock forward. */
const now = performance.now.bind(performance);

/**
 * Resolves with the condition's value as soon as that is truthy; a throw counts as "not yet".
 * Tests use this in place of sleeping: as fast as the machine, and patient on a slow one.
 *
 * @throws Error that says what was waited for and what was seen last, once the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const { timeout = 30_000, interval = 5, what = String(condition) } = options;
  const deadline = now() + timeout;
  for (;;) {
    let seen: string;
    try {
      const value = await condition();
      if (value) {
        return value as Exclude<T, false | null | undefined | 0 | "">;
      }
      seen = String(value);
    } catch (error) {
      seen = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    if (now() >= deadline) {
      throw new Error(`not so after ${timeout} ms: ${what}\nseen last: ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
