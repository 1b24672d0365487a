import assert from "node:assert/strict";
import { type FailoverSize, failover } from "../soak/failover.ts";
import { describeWithOvn } from "../support/index.ts";

/** A few minutes of `npm run soak -- --scenario failover` in some seconds. */
const size: FailoverSize = { kills: 3, pods: 200, clients: 2, nodes: 20, electionTimer: 300, calm: 300 };

describeWithOvn("clients that attach pods while leaders of the cluster are killed and stopped", () => {
  it("have every acknowledged pod there once, miss no row that is there, and go on by themselves", async () => {
    const report = await failover(
      {
        // With this one leaders are both killed and stopped.
        seed: 2,
        until: Number.POSITIVE_INFINITY,
        signal: AbortSignal.timeout(110_000),
        progress: () => undefined,
      },
      size,
    );
    assert.deepEqual(report.violations, []);
    const { "pods attached": pods, "leaders killed": killed, "leaders stopped": stopped } = report.figures;
    assert.deepEqual([pods, Number(killed) + Number(stopped)], [200, 3]);
    assert.ok(Number(killed) > 0 && Number(stopped) > 0);
    assert.ok(Number(report.figures["looks at rows that are there"]) > 0);
  });
});
