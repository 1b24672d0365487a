import { type CliOutcome, runCli } from "./run-cli.ts";

/**
 * Seconds for `--timeout`. The first is enough as a rule. A machine may be ten or twenty times slower than that, for a while
 * or always: what a test is about is the step at which the time is over, not how long the way to it takes.
 */
const TIMES = [1.5, 6, 40] as const;

/** The time was over before the command came to the step that a test is about. */
class TooSoon extends Error {}

/** The same for a command that an attempt starts itself. */
export interface Late {
  /** For its `--timeout`. */
  readonly timeout: string;
  /** What it came to, where it came as far as it had to; an attempt that throws otherwise is made again. */
  ended(outcome: CliOutcome): CliOutcome;
}

/**
 * For tests of a command whose time is over at a late step, as waiting for a confirmation: makes `attempt` with a short
 * `--timeout`, and once more with a longer one when the command did not come as far as `reached`, a part of what it prints
 * then. With the longest its outcome is what it is. An attempt begins with a database of its own: at the end of the one before
 * something may have been written.
 */
export async function withLateDeadline(
  reached: RegExp,
  attempt: (runLate: typeof runCli, late: Late) => Promise<void>,
): Promise<void> {
  for (const timeout of TIMES) {
    const ended = (outcome: CliOutcome): CliOutcome => {
      if (timeout !== TIMES.at(-1) && !reached.test(outcome.stdout + outcome.stderr)) throw new TooSoon();
      return outcome;
    };
    const runLate: typeof runCli = async (sandbox, args, options) =>
      ended(await runCli(sandbox, [...args, "--timeout", `${timeout}`], options));
    try {
      await attempt(runLate, { timeout: `${timeout}`, ended });
      return;
    } catch (error) {
      if (!(error instanceof TooSoon)) throw error;
    }
  }
}
