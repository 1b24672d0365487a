import fc from "fast-check";
import { startSandbox } from "../../lib/testing/index.ts";
import { smallSchema } from "../support/faults/content.ts";
import { runSchedule } from "../support/faults/run-schedule.ts";
import { schedules } from "../support/faults/schedule.ts";
import type { Report, SoakContext } from "./report.ts";

/** The property test of `replica-faults.property.test.ts` for as long as there is time. */
export async function faults({ seed, until, signal, progress }: SoakContext): Promise<Report> {
  const started = performance.now();
  const totals: Record<string, number> = { schedules: 0 };
  await using sandbox = await startSandbox({ northbound: smallSchema, signal });
  const property = fc.asyncProperty(schedules, async (schedule) => {
    signal.throwIfAborted();
    const tally = await runSchedule(sandbox.northbound, schedule);
    for (const [name, count] of Object.entries({ schedules: 1, ...tally })) {
      totals[name] = (totals[name] ?? 0) + count;
    }
    if ((totals["schedules"] ?? 0) % 1_000 === 0) progress(JSON.stringify(totals));
  });
  const details = await fc.check(property, {
    seed,
    numRuns: 10_000_000,
    interruptAfterTimeLimit: until - performance.now(),
    includeErrorInReport: true,
  });
  signal.throwIfAborted();
  // It is always interrupted: that is how it ends.
  const violations =
    details.counterexample !== null
      ? [
          `FAULT_SEED=${details.seed} FAULT_PATH=${details.counterexamplePath}\n${await fc.asyncDefaultReportMessage(details)}`,
        ]
      : [];
  const seconds = (performance.now() - started) / 1_000;
  return { scenario: "faults", seed, seconds, figures: totals, violations };
}
