import assert from "node:assert/strict";
import fc from "fast-check";
import { startSandbox } from "../../lib/testing/index.ts";
import { smallSchema } from "../support/faults/content.ts";
import { runSchedule } from "../support/faults/run-schedule.ts";
import { schedules } from "../support/faults/schedule.ts";
import { describeWithOvn } from "../support/index.ts";

// FAULT_SCHEDULES=5000 runs more; FAULT_SEED and FAULT_PATH, both printed by a failure, run that one again.
const { FAULT_SCHEDULES: runs = "1000", FAULT_SEED: seed, FAULT_PATH: path } = process.env;

describeWithOvn("random transactions under random faults", () => {
  it("leave every replica as the database is, tell every change, and are done once", async function () {
    this.timeout(600_000);
    await using sandbox = await startSandbox({ northbound: smallSchema });
    const { northbound } = sandbox;
    const tallies: Record<string, number> = {};
    const property = fc.asyncProperty(schedules, async (schedule) => {
      for (const [outcome, count] of Object.entries(await runSchedule(northbound, schedule))) {
        tallies[outcome] = (tallies[outcome] ?? 0) + count;
      }
    });
    const details = await fc.check(property, {
      numRuns: Number(runs),
      includeErrorInReport: true,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    });
    if (details.failed) {
      const again = `FAULT_SEED=${details.seed} FAULT_PATH=${details.counterexamplePath}`;
      assert.fail(`run it again with ${again}\n${await fc.asyncDefaultReportMessage(details)}`);
    }
    // A run in which nothing is written or nothing is lost would show nothing.
    const { done = 0, redials = 0 } = tallies;
    if (path === undefined)
      assert.ok(done > details.numRuns && redials > details.numRuns, JSON.stringify(tallies));
  });
});
