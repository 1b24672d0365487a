import assert from "node:assert/strict";
import { connectNorthbound, type LogEntry, OutcomeUnknownError } from "../../lib/index.ts";
import { applyRows } from "../../lib/reconcile/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import { layer2 } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseReply, loseRequest } from "../support/lose.ts";
import { kinds, wantedSwitch } from "../support/reconcile-fixtures.ts";

describeWithOvn("what is told of a plan whose reply was lost", () => {
  const ovn = useSandbox({ northbound: true });
  const net = layer2({ name: "net", nad: "default/net", subnets: "10.1.0.0/24" });
  const pod = { namespace: "default", name: "web", node: "n1" };
  let proxy: FaultProxy;
  let nb: Awaited<ReturnType<typeof connectNorthbound>>;
  let entries: LogEntry[];

  beforeEach(async () => {
    entries = [];
    proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    const log = (entry: LogEntry): void => void entries.push(entry);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50, log });
    await net.plan(nb).apply();
  });
  afterEach(async () => {
    await proxy.accept();
    await net.delete(nb);
    await nb.close();
    await proxy.close();
  });

  /** What the calls of `transact` since then came to, as the log has it and as the counters have it. */
  async function told(work: () => Promise<unknown>): Promise<readonly [string[], Record<string, number>]> {
    const { counters: before } = nb.status();
    entries = [];
    await work();
    const { committed, unchanged, failed, unknown, settled } = nb.status().counters;
    // The log is told in a microtask of its own.
    await Promise.resolve();
    return [
      entries.flatMap(({ event, level, fields }) =>
        event === "transaction" ? [`${level} ${fields["outcome"]} ${fields["code"] ?? ""}`.trim()] : [],
      ),
      {
        committed: committed - before.committed,
        unchanged: unchanged - before.unchanged,
        failed: failed - before.failed,
        unknown: unknown - before.unknown,
        settled: settled - before.settled,
      },
    ];
  }

  it("is that it is settled, where the next plan finds it done", async () => {
    const [log, counters] = await told(async () => {
      loseReply(proxy);
      await net.attach(nb, pod);
    });
    assert.deepEqual(log, ["debug unchanged", "debug settled"]);
    assert.deepEqual(counters, { committed: 1, unchanged: 1, failed: 0, unknown: 0, settled: 1 });
    const settled = entries.find(({ fields }) => fields["outcome"] === "settled")?.fields;
    assert.ok(settled?.["attempts"] === 1 && Number(settled["operations"]) >= 2);
  });

  it("is that it failed, where the next plan has it to do", async () => {
    const [log, counters] = await told(async () => {
      loseRequest(proxy, "insert");
      await net.attach(nb, pod);
    });
    assert.deepEqual(log, ["debug committed", "debug failed ERR_CONNECTION_LOST"]);
    assert.deepEqual(counters, { committed: 1, unchanged: 0, failed: 1, unknown: 0, settled: 0 });
  });

  it("is the same of rows that are applied", async () => {
    const [log, counters] = await told(async () => {
      loseReply(proxy);
      await applyRows(nb, kinds, () => ({ rows: [wantedSwitch()] }));
    });
    assert.deepEqual(log, ["debug unchanged", "debug settled"]);
    assert.equal(counters["settled"], 1);
  });

  it("is that it is unknown, once and as a warning, where the call ends without having learned it", async () => {
    const [log, counters] = await told(async () => {
      using clock = new Clock();
      loseReply(proxy);
      proxy.refuse();
      const gone = assert.rejects(net.attach(nb, pod, { timeout: 20_000 }), OutcomeUnknownError);
      await waitFor(() => !nb.status().synced);
      // It plans anew after a pause, and waits for a connection then: neither is to take all of the time at once.
      for (let second = 0; second < 20; second += 1) {
        clock.pass(1000);
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      await gone;
    });
    assert.deepEqual(log, ["debug failed ERR_TIMEOUT", "warn unknown ERR_OUTCOME_UNKNOWN"]);
    assert.deepEqual([counters["unknown"], counters["settled"], counters["committed"]], [1, 0, 0]);
  });

  it("is told at once of a transaction of one's own, behind which no plan stands", async () => {
    const [log, counters] = await told(async () => {
      loseReply(proxy);
      const twice = nb.transact((tx) => {
        const [row] = nb.tables.Logical_Switch.find({ name: "net_ovn_layer2_switch" });
        assert.ok(row !== undefined);
        tx.setKeys(row, "external_ids", { own: "1" });
      });
      await assert.rejects(twice, OutcomeUnknownError);
    });
    assert.deepEqual([log, counters["unknown"]], [["warn unknown ERR_OUTCOME_UNKNOWN"], 1]);
    await nb.synced();
  });
});
