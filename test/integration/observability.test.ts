import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:net";
import {
  ConstraintError,
  type CounterValues,
  connectNorthbound,
  formatLogEntry,
  type LogEntry,
  type ResyncEvent,
  type StateEvent,
  type TransactionEvent,
} from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { layer2 } from "../../lib/topology/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };

describeWithOvn("what a handle tells of itself", () => {
  const ovn = useSandbox({ northbound: true });

  it("is a status in plain data, in every state", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    const nb = await connectNorthbound(proxy.remote, { minBackoff: 60_000, maxBackoff: 60_000 });
    await using lock = await nb.lock("status");
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "a row" }));
    const live = nb.status();
    assert.deepEqual(JSON.parse(JSON.stringify(live)), live);
    assert.ok(live.synced && live.state === "live" && live.inState >= 0 && live.rows >= 1);
    assert.equal(live.database, "OVN_Northbound");
    assert.equal(live.remote, proxy.remote);
    assert.equal(live.server?.model, "standalone");
    assert.deepEqual(live.locks, [{ name: "status", held: true }]);
    assert.deepEqual(
      [live.lastLoss, live.lastRefusal, live.nextDial, live.endedBy],
      [null, null, null, null],
    );

    proxy.refuse();
    proxy.cut();
    const lost = await waitFor(() => {
      const status = nb.status();
      return status.nextDial !== null && status;
    });
    assert.ok(!lost.synced && lost.rows === 0);
    assert.ok(lost.nextDial !== null && lost.nextDial > 1_000 && lost.nextDial <= 60_000);
    assert.equal(lost.lastLoss?.code, "ERR_CONNECTION_LOST");
    assert.ok(lost.lastRefusal !== null);
    assert.deepEqual(lost.locks, [{ name: "status", held: false }]);
    assert.ok(lost.counters.losses === 1 && lost.counters.redials >= 1);

    await nb.close();
    const ended = nb.status();
    assert.ok(ended.state === "ended" && !ended.synced && ended.endedBy?.code === "ERR_CLOSED");
    assert.deepEqual(ended.locks, []);
    assert.deepEqual(JSON.parse(JSON.stringify(ended)), ended);
    assert.ok(!lock.held);
  });

  it("counts how transactions end, and what went over the wire", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const before = nb.status().counters;
    await nb.transact((tx) => tx.insert("Load_Balancer_Group", { name: "counted" }));
    await nb.transact(() => undefined);
    const refused = nb.transact((tx) => tx.insert("Load_Balancer_Group", { name: "counted" }));
    await assert.rejects(refused, ConstraintError);
    let runs = 0;
    await nb.transact(async (tx) => {
      runs += 1;
      const [row] = nb.tables.Load_Balancer_Group;
      assert.ok(row !== undefined);
      tx.verify(row, "name");
      tx.insert("Logical_Switch", { name: "after a conflict" });
      // Somebody else is faster, once.
      if (runs === 1) await nb.transact((other) => other.update(row, { name: "renamed" }));
    });
    assert.equal(runs, 2);
    const after = nb.status().counters;
    assert.equal(after.conflicts - before.conflicts, 1);
    assert.equal(after.unchanged - before.unchanged, 1);
    assert.equal(after.failed - before.failed, 1);
    assert.ok(after.committed - before.committed === 3);
    assert.ok(after.messagesSent > before.messagesSent && after.messagesReceived > before.messagesReceived);
    assert.ok(after.bytesSent > before.bytesSent && after.bytesReceived > before.bytesReceived);
    assert.ok(after.rowsReceived > before.rowsReceived);
  });

  it("counts what only reads as unchanged, and an attachment as what it writes", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const since = (before: CounterValues): number[] => {
      const { committed, unchanged, failed } = nb.status().counters;
      return [committed - before.committed, unchanged - before.unchanged, failed - before.failed];
    };
    const start = nb.status().counters;
    await nb.transact((tx) => tx.select("Logical_Switch"));
    assert.deepEqual(since(start), [0, 1, 0]);

    const net = layer2({ name: "counted", nad: "a/counted", subnets: "10.5.0.0/16,fd00:5::/64" });
    await net.plan(nb).apply();
    const before = nb.status().counters;
    for (const name of ["a", "b", "c"]) await net.attach(nb, { namespace: "a", name, node: "n" });
    const [committed, , failed] = since(before);
    assert.deepEqual([committed, failed], [3, 0]);
  });

  it("goes to the log in order, and to the channels", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    const entries: LogEntry[] = [];
    const states: StateEvent[] = [];
    const resyncs: ResyncEvent[] = [];
    const transactions: TransactionEvent[] = [];
    const listeners = [
      ["ovn-northbound:state", (message: unknown) => states.push(message as StateEvent)],
      ["ovn-northbound:resync", (message: unknown) => resyncs.push(message as ResyncEvent)],
      ["ovn-northbound:transaction", (message: unknown) => transactions.push(message as TransactionEvent)],
    ] as const;
    for (const [name, listener] of listeners) subscribe(name, listener);
    try {
      const nb = await connectNorthbound(proxy.remote, { ...soon, log: (entry) => entries.push(entry) });
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: "told" }));
      const refused = nb.transact((tx) => {
        tx.insert("Load_Balancer_Group", { name: "twice" });
        tx.insert("Load_Balancer_Group", { name: "twice" });
      });
      await assert.rejects(refused, { code: "ERR_CONSTRAINT" });
      proxy.cut();
      await waitFor(() => nb.status().counters.losses === 1);
      await nb.synced();
      await nb.close();
      await waitFor(() => states.some(({ state }) => state === "ended"));
    } finally {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    }
    const of = (event: string) => entries.filter((entry) => entry.event === event);
    const inOrder = of("state").map(({ fields }) => fields["state"]);
    assert.deepEqual(
      inOrder,
      states.map(({ state }) => state),
    );
    assert.deepEqual(
      inOrder.filter((state) => state === "live" || state === "waiting" || state === "ended"),
      ["live", "waiting", "live", "ended"],
    );
    const lost = states.find(({ state }) => state === "waiting");
    assert.ok(lost?.reason !== undefined && "code" in lost.reason);
    assert.deepEqual(
      resyncs.map(({ kind }) => kind),
      ["initial", "full"],
    );
    assert.ok(resyncs.every(({ milliseconds, rows }) => milliseconds > 0 && rows > 0));
    assert.deepEqual(
      transactions.map(({ outcome, attempts, operations }) => [outcome, attempts, operations]),
      [
        ["committed", 1, 1],
        ["failed", 0, 0],
      ],
    );
    assert.ok(entries.every((entry) => !formatLogEntry(entry).includes("\n")));
  });

  it("survives a log that throws and closes, and a remote that is none", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const notes: string[] = [];
    let handle: { close(): Promise<void> } | undefined;
    const nb = await connectNorthbound(`tcp:127.0.0.1:${port},${ovn.sandbox.northbound.remote}`, {
      ...soon,
      shuffle: false,
      log: ({ event, fields }) => {
        notes.push(event);
        if (fields["change"] === "acquired") void handle?.close();
        throw new Error("a log without a disk");
      },
    });
    handle = nb;
    const lock = await nb.lock("closed_by_the_log");
    await waitFor(() => nb.status().state === "ended");
    assert.ok(!lock.held && notes.includes("remote-refused"));
    server.close();
  });
});
