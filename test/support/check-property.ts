import assert from "node:assert/strict";
import fc from "fast-check";

/** What was tried. */
export interface Tries {
  readonly runs: number;
  /** Whether one failure was repeated: that says nothing of what is tried as a rule. */
  readonly repeats: boolean;
}

/**
 * Tries a property as often as the environment says, in `<NAME>_RUNS`. A failure prints `<NAME>_SEED` and `<NAME>_PATH`, which
 * run that one again.
 */
export async function checkProperty<T>(
  name: string,
  property: fc.IAsyncPropertyWithHooks<T>,
  usually: number,
): Promise<Tries> {
  const {
    [`${name}_RUNS`]: runs = String(usually),
    [`${name}_SEED`]: seed,
    [`${name}_PATH`]: path,
  } = process.env;
  const details = await fc.check(property, {
    numRuns: Number(runs),
    includeErrorInReport: true,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  });
  if (details.failed) {
    const again = `${name}_SEED=${details.seed} ${name}_PATH=${details.counterexamplePath}`;
    assert.fail(`run it again with ${again}\n${await fc.asyncDefaultReportMessage(details)}`);
  }
  return { runs: details.numRuns, repeats: path !== undefined };
}
