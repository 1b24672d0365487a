import assert from "node:assert/strict";
import {
  type ChangeBatch,
  type ConnectOptions,
  connectNorthbound,
  EndpointError,
  type LogEntry,
} from "../../lib/index.ts";
import { type DatabaseCluster, startCluster, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { describeWithOvn, waitFor } from "../support/index.ts";

const soon = { minBackoff: 10, maxBackoff: 100 };

/** Options with a log, and what it was told. */
function logged(options: ConnectOptions = {}): { options: ConnectOptions; entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return { options: { ...soon, ...options, log: (entry) => entries.push(entry) }, entries };
}

function resyncs(entries: readonly LogEntry[]): unknown[] {
  return entries.flatMap(({ event, fields }) => (event === "resync" ? [fields["kind"]] : []));
}

/** Enough rows for a history: a member keeps none that is larger than the database (ovsdb/transaction.c). */
async function fill(nb: Northbound, rows: number): Promise<void> {
  await nb.transact((tx) => {
    for (let row = 0; row < rows; row += 1) tx.insert("Logical_Switch", { name: `filler ${row}` });
  });
}

async function addSwitch(nb: Northbound, name: string): Promise<void> {
  await nb.transact((tx) => tx.insert("Logical_Switch", { name }), { timeout: 30_000 });
}

async function sees(nb: Northbound, name: string): Promise<void> {
  await nb.until(() => nb.tables.Logical_Switch.find({ name })[0], { timeout: 30_000 });
}

describeWithOvn("a handle on a cluster", () => {
  let cluster: DatabaseCluster;
  before(async () => {
    cluster = await startCluster({ relays: 1 });
    await using nb = await connectNorthbound(cluster.remote);
    await fill(nb, 300);
  });
  after(() => cluster.close());

  it("goes with the leadership, at once, and is asked for what has changed only", async () => {
    const { options, entries } = logged();
    await using nb = await connectNorthbound(cluster.remote, options);
    assert.equal(nb.remote, (await cluster.leader()).remote);
    const changes = nb.changes(["Logical_Switch"]);
    const next = await cluster.transferLeadership();
    await addSwitch(nb, "after the transfer");
    await waitFor(() => nb.remote === next.remote);
    const value = await batch(changes);
    assert.deepEqual(
      value.rows.map(({ kind, new: row }) => [kind, row?.["name"]]),
      [["insert", "after the transfer"]],
    );
    assert.equal(nb.tables.Logical_Switch.size, 301);
    assert.deepEqual(resyncs(entries), ["initial", "fast"]);
    const reasons = entries.flatMap(({ fields }) => fields["reason"] ?? []);
    assert.match(String(reasons[0]), /is not the leader of its cluster/);
  });

  it("stays with a follower when the leader changes, if that may be", async () => {
    const [follower] = await cluster.followers();
    const { options, entries } = logged({ leaderOnly: false });
    await using nb = await connectNorthbound(follower?.remote ?? "", options);
    await cluster.transferLeadership();
    await addSwitch(nb, "through a follower");
    assert.deepEqual(resyncs(entries), ["initial"]);
  });

  it("resumes after a cut with what was missed, deletions too, and is then what the database is", async () => {
    const leader = await cluster.leader();
    await using proxy = await startFaultProxy(leader.remote);
    await using other = await connectNorthbound(cluster.remote, soon);
    const { options, entries } = logged({ leaderOnly: false });
    await using nb = await connectNorthbound(proxy.remote, options);
    const changes = nb.changes(["Logical_Switch"]);
    proxy.refuse();
    proxy.cut();
    await waitFor(() => !isWhole(nb));
    await other.transact((tx) => {
      const [first, second] = ["filler 0", "filler 1"].map(
        (name) => other.tables.Logical_Switch.find({ name })[0],
      );
      assert.ok(first !== undefined && second !== undefined);
      tx.delete(first);
      tx.update(second, { name: "renamed" });
    });
    await proxy.accept();
    await sees(nb, "renamed");
    assert.deepEqual(resyncs(entries), ["initial", "fast"]);
    const value = await batch(changes);
    assert.equal(value.cause, "resync");
    assert.deepEqual(value.rows.map(({ kind, old }) => `${kind} ${String(old?.["name"])}`).sort(), [
      "delete filler 0",
      "modify filler 1",
    ]);
    assert.equal(rows(nb), rows(other));
  });

  it("asks for everything when it replicates something else than before", async () => {
    const leader = await cluster.leader();
    await using proxy = await startFaultProxy(leader.remote);
    const { options, entries } = logged({ tables: { Logical_Switch: ["name"] } });
    await using nb = await connectNorthbound(proxy.remote, options);
    await nb.setConditions({ Logical_Switch: [["name", "==", "renamed"]] }, { timeout: 30_000 });
    assert.deepEqual(
      [...nb.tables.Logical_Switch].map(({ name }) => name),
      ["renamed"],
    );
    // The same as before: what was asked for last is what counts.
    proxy.cut();
    await waitFor(() => resyncs(entries).length === 2);
    proxy.refuse();
    proxy.cut();
    await waitFor(() => !isWhole(nb));
    const changed = nb.setConditions({ Logical_Switch: true }, { timeout: 30_000 });
    await proxy.accept();
    await changed;
    assert.ok(nb.tables.Logical_Switch.size > 300);
    assert.deepEqual(resyncs(entries), ["initial", "fast", "full"]);
  });

  it("leaves a member that is cut off from the others", async () => {
    const leader = await cluster.leader();
    const [victim] = await cluster.followers();
    assert.ok(victim !== undefined);
    const { options, entries } = logged({ leaderOnly: false, shuffle: false });
    await using nb = await connectNorthbound([victim.remote, leader.remote], options);
    await cluster.isolate(victim);
    try {
      await waitFor(() => nb.remote === leader.remote, { timeout: 30_000 });
      await nb.synced({ timeout: 30_000 });
      await addSwitch(nb, "without the victim");
      const reasons = entries.flatMap(({ fields }) => fields["reason"] ?? []);
      assert.match(String(reasons[0]), /is not connected to its cluster/);
      // It is behind now, and says of itself that it is cut off: either is a reason not to go back.
      nb.setRemotes([victim.remote]);
      await waitFor(() => nb.status().lastRefusal !== null);
      assert.equal(isWhole(nb), false);
    } finally {
      await cluster.rejoin(victim);
    }
    await nb.synced({ timeout: 30_000 });
    await sees(nb, "without the victim");
    assert.equal(nb.remote, victim.remote);
  });

  it("uses a relay if it need not be a leader", async () => {
    const [relay] = cluster.relays;
    assert.ok(relay !== undefined);
    await assert.rejects(
      connectNorthbound(relay.remote, { connectTimeout: 60_000 }),
      (error) => error instanceof EndpointError && /is a relay/.test(error.message),
      "no time mends that",
    );
    await using nb = await connectNorthbound(relay.remote, { leaderOnly: false });
    await addSwitch(nb, "through a relay");
    await sees(nb, "through a relay");
  });

  it("is one of several in a process, with parts of the database: each is whole after a transfer", async () => {
    await using all = await connectNorthbound(cluster.remote, soon);
    await using part = await connectNorthbound(cluster.remote, {
      ...soon,
      tables: { Logical_Switch: { columns: ["name"], where: [["name", "==", "filler 7"]] } },
    });
    const size = all.tables.Logical_Switch.size;
    const next = await cluster.transferLeadership();
    await waitFor(() => all.remote === next.remote && part.remote === next.remote, { timeout: 30_000 });
    await Promise.all([all.synced({ timeout: 30_000 }), part.synced({ timeout: 30_000 })]);
    assert.equal(all.tables.Logical_Switch.size, size);
    assert.deepEqual(
      [...part.tables.Logical_Switch].map(({ name }) => name),
      ["filler 7"],
    );
  });
});

async function batch<C>(changes: AsyncIterableIterator<ChangeBatch<C>>): Promise<ChangeBatch<C>> {
  const { done, value } = await changes.next();
  assert.ok(done !== true);
  return value;
}

function isWhole(nb: Northbound): boolean {
  try {
    return nb.tables.Logical_Switch.size >= 0;
  } catch {
    return false;
  }
}

function rows(nb: Northbound): string {
  return JSON.stringify([...nb.tables.Logical_Switch].map(({ _uuid, name }) => [_uuid, name]).sort());
}
