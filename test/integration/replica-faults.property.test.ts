import assert from "node:assert/strict";
import fc from "fast-check";
import { startSandbox } from "../../lib/testing/index.ts";
import { checkProperty } from "../support/check-property.ts";
import { smallSchema } from "../support/faults/content.ts";
import { runSchedule } from "../support/faults/run-schedule.ts";
import { schedules } from "../support/faults/schedule.ts";
import { describeWithOvn } from "../support/index.ts";

// FAULT_RUNS=5000 tries more; see checkProperty.
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
    const { runs, repeats } = await checkProperty("FAULT", property, 1000);
    // A run in which nothing is written or nothing is lost would show nothing.
    const { done = 0, redials = 0 } = tallies;
    if (!repeats) assert.ok(done > runs && redials > runs, JSON.stringify(tallies));
  });
});
