import assert from "node:assert/strict";
import { connectNorthbound, EndpointError, OutcomeUnknownError, TimeoutError } from "../../lib/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

describeWithOvn("remotes", () => {
  const ovn = useSandbox({ northbound: true, tcp: "::1" });
  const dead = "unix:/nonexistent/socket";

  it("may be IPv6 addresses", async () => {
    const { tcp = "" } = ovn.sandbox.northbound;
    assert.match(tcp, /^tcp:\[::1\]:\d+$/);
    await using nb = await connectNorthbound(tcp);
    assert.equal(nb.remote, tcp);
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "six" }));
    assert.equal(nb.tables.Logical_Switch.size, 1);
  });

  it("are tried in order, the dead ones too", async () => {
    const { remote } = ovn.sandbox.northbound;
    await using nb = await connectNorthbound(`${dead},tcp:127.0.0.1:1,${remote}`);
    assert.equal(nb.remote, remote);
    await using same = await connectNorthbound([dead, remote]);
    assert.equal(same.remote, remote);
    await assert.rejects(connectNorthbound(`${dead},${dead}`), EndpointError);
  });

  it("are given up after dialTimeout when they accept and stay silent", async () => {
    ovn.sandbox.northbound.signal("SIGSTOP");
    try {
      const options = { syncIdleTimeout: 100 };
      await assert.rejects(connectNorthbound(ovn.sandbox.northbound.remote, options), TimeoutError);
      await assert.rejects(
        connectNorthbound(ovn.sandbox.northbound.remote, { signal: AbortSignal.timeout(50) }),
        { name: "TimeoutError" },
      );
    } finally {
      ovn.sandbox.northbound.signal("SIGCONT");
    }
  });

  it("carry transactions that end in time when the server stops, and tell what became of them", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    ovn.sandbox.northbound.signal("SIGSTOP");
    const insert = (name: string, options: { timeout?: number; signal?: AbortSignal }) =>
      nb.transact((tx) => tx.insert("Logical_Switch", { name }), options);
    await assert.rejects(insert("unknown", { timeout: 200 }), OutcomeUnknownError);
    const controller = new AbortController();
    const { messagesSent } = nb.status().counters;
    const late = insert("late", { signal: controller.signal });
    await waitFor(() => nb.status().counters.messagesSent > messagesSent);
    controller.abort();
    ovn.sandbox.northbound.signal("SIGCONT");
    // The server does what came first: the transaction, then the cancel, which finds nothing to cancel any more.
    assert.equal((await late).changed, true);
    await waitFor(() => nb.tables.Logical_Switch.find({ name: "unknown" }).length === 1);
  });

  it("cancel a transaction that the server holds back, for certain", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const hold = (options: { timeout?: number; signal?: AbortSignal }) =>
      nb.transact((tx) => {
        tx.raw({
          op: "wait",
          table: "Logical_Switch",
          where: [["name", "==", "never"]],
          columns: ["name"],
          until: "==",
          rows: [{ name: "never" }],
          timeout: 60_000,
        });
        tx.insert("Logical_Switch", { name: "held" });
      }, options);
    // The insert comes before raw operations, and all of it waits.
    using clock = new Clock();
    const late = assert.rejects(hold({ timeout: 20_000 }), TimeoutError);
    // A second is left for the reply to the cancel.
    clock.pass(19_000);
    await late;
    const controller = new AbortController();
    const aborted = assert.rejects(hold({ signal: controller.signal }), /changed my mind/);
    setTimeout(() => controller.abort(new Error("changed my mind")), 50);
    await aborted;
    assert.deepEqual(nb.tables.Logical_Switch.find({ name: "held" }), []);
    await nb.transact((tx) => tx.comment("the connection is as good as before"));
  });
});
