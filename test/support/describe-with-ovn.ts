import type { MissingProgram } from "../../lib/testing/index.ts";
import { describeMissing, missingPrograms } from "../../lib/testing/index.ts";

/**
 * `describe` for tests that need OVN's daemons. Where these are missing, the tests are skipped and the reason is
 * printed; in CI (variable CI set) they fail, since a skipped test proves nothing.
 */
export function describeWithOvn(title: string, body: () => void): void {
  describeUnlessMissing(title, body, missingPrograms(), isCi());
}

/** What is used of Mocha. */
export interface MochaGlobals {
  readonly describe: {
    (title: string, body: () => void): unknown;
    skip(title: string, body: () => void): unknown;
  };
  readonly it: (title: string, body: () => void) => unknown;
}

/** The decision behind {@link describeWithOvn}, apart so that it can be tested on any machine. */
export function describeUnlessMissing(
  title: string,
  body: () => void,
  missing: readonly MissingProgram[],
  ci: boolean,
  mocha: MochaGlobals = globalThis,
): void {
  describeUnlessImpossible(
    title,
    body,
    missing.length === 0 ? undefined : describeMissing(missing),
    ci,
    mocha,
  );
}

/** `describe`, or a skipped one with the reason printed, or in CI one that fails with the reason. */
export function describeUnlessImpossible(
  title: string,
  body: () => void,
  reason: string | undefined,
  ci: boolean = isCi(),
  mocha: MochaGlobals = globalThis,
): void {
  if (reason === undefined) {
    mocha.describe(title, body);
    return;
  }
  if (ci) {
    mocha.describe(title, () => {
      mocha.it("needs what this machine lacks", () => {
        throw new Error(reason);
      });
    });
    return;
  }
  process.stderr.write(`SKIPPED: ${title}: ${reason}\n`);
  mocha.describe.skip(title, body);
}

function isCi(): boolean {
  return !["", "0", "false"].includes(process.env["CI"] ?? "");
}
