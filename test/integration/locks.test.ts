import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import {
  ClosedError,
  connectNorthbound,
  type Lock,
  LockLostError,
  OutcomeUnknownError,
  TimeoutError,
  UsageError,
} from "../../lib/index.ts";
import { startCluster, startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };
let locks = 0;

/** A name that no other test uses. */
function fresh(): string {
  locks += 1;
  return `lock_${locks}`;
}

describeWithOvn("locks", () => {
  const ovn = useSandbox({ northbound: true });
  const connect = () => connectNorthbound(ovn.sandbox.northbound.remote, soon);
  const names = (nb: Awaited<ReturnType<typeof connect>>) =>
    [...nb.tables.Logical_Switch].map(({ name }) => name);

  it("are held by one client at a time, in the order of asking", async () => {
    await using a = await connect();
    await using b = await connect();
    const name = fresh();
    const first = await a.lock(name);
    assert.ok(first.held && !first.signal.aborted && first.name === name);
    let got: Lock | undefined;
    const second = b.lock(name).then((lock) => {
      got = lock;
      return lock;
    });
    // An answer that comes after the lock's shows that the server has dealt with the request.
    await b.transact((tx) => tx.comment("in between"));
    assert.equal(got, undefined);
    await first.release();
    assert.ok(!first.held && first.signal.aborted);
    assert.ok((await second).held);
  });

  it("are free for others when the handle is disposed, closed, or its connection breaks", async () => {
    await using other = await connect();
    const name = fresh();
    {
      await using holder = await connect();
      await using lock = await holder.lock(name);
      assert.ok(lock.held);
    }
    const mine = await other.lock(name, { timeout: 30_000 });
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using waiting = await connectNorthbound(proxy.remote, soon);
    const next = waiting.lock(name, { timeout: 30_000 });
    await waiting.transact((tx) => tx.comment("asked"));
    await other.close();
    assert.ok((await next).held);
    assert.ok(mine.signal.reason instanceof LockLostError && !mine.signal.reason.retryable);
    await using heir = await connect();
    const last = heir.lock(name, { timeout: 30_000 });
    proxy.refuse();
    proxy.cut();
    assert.ok((await last).held);
  });

  it("are free for others when the process that holds them is killed", async () => {
    const name = fresh();
    const library = new URL("../../lib/index.js", import.meta.url).href;
    const program = `
      const { connectNorthbound } = await import(${JSON.stringify(library)});
      const nb = await connectNorthbound(${JSON.stringify(ovn.sandbox.northbound.remote)});
      await nb.lock(${JSON.stringify(name)});
      process.stdout.write("held");
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      await using heir = await connect();
      const waiting = heir.lock(name, { timeout: 30_000 });
      await heir.transact((tx) => tx.comment("asked"));
      assert.deepEqual(heir.status().locks, [{ name, held: false }]);
      child.kill("SIGKILL");
      assert.ok((await waiting).held);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("can be stolen; the owner is told, queues again, and has it back later with a new signal", async () => {
    await using owner = await connect();
    await using thief = await connect();
    const name = fresh();
    const lock = await owner.lock(name);
    const { signal } = lock;
    const stolen = await thief.lock(name, { steal: true });
    if (!signal.aborted) await once(signal, "abort");
    assert.ok(!lock.held && stolen.held);
    assert.ok(signal.reason instanceof LockLostError && signal.reason.retryable);
    assert.match(signal.reason.message, /stolen/);
    const again = lock.reacquired({ timeout: 30_000 });
    await stolen.release();
    await again;
    assert.ok(lock.held && !lock.signal.aborted && lock.signal !== signal);
    await lock.reacquired();
  });

  it("are got again after the connection was lost", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, soon);
    await using lock = await nb.lock(fresh());
    for (let round = 0; round < 3; round += 1) {
      const { signal } = lock;
      proxy.cut();
      if (!signal.aborted) await once(signal, "abort");
      assert.ok(signal.reason instanceof LockLostError && signal.reason.cause !== undefined);
      await lock.reacquired({ timeout: 30_000 });
      assert.ok(lock.held);
      await nb.transact((tx) => tx.insert("Logical_Switch", { name: `round ${round}` }), { lock });
    }
  });

  it("do not take turns when two clients steal and are cut off", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using a = await connectNorthbound(proxy.remote, soon);
    await using b = await connect();
    const name = fresh();
    const first = await a.lock(name, { steal: true });
    const second = await b.lock(name, { steal: true });
    await waitFor(() => !first.held);
    const { signal } = second;
    proxy.cut();
    await waitFor(() => proxy.counts.connections === 2);
    await a.synced();
    await a.transact((tx) => tx.comment("the request for the lock went ahead of this"));
    await b.transact((tx) => tx.comment("and whatever it led to, ahead of this"));
    assert.ok(!first.held && second.held && !signal.aborted);
  });

  it("are given up when the wait is aborted or takes too long", async () => {
    await using a = await connect();
    await using b = await connect();
    const name = fresh();
    const lock = await a.lock(name);
    await assert.rejects(b.lock(name, { timeout: 20 }), TimeoutError);
    const controller = new AbortController();
    const waiting = b.lock(name, { signal: controller.signal });
    await b.transact((tx) => tx.comment("asked"));
    controller.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    await assert.rejects(b.lock(name, { signal: AbortSignal.abort(new Error("no")) }), /no/);
    await lock.release();
    // Had b still been in the queue, it would own the lock now, and asking again would be refused.
    assert.ok((await b.lock(name, { timeout: 30_000 })).held);
  });

  it("refuse a bad name, the same name twice, and a closed handle", async () => {
    const nb = await connect();
    await using other = await connect();
    for (const name of ["", "a-b", "1a", "a b", "ä", "a\n"]) {
      await assert.rejects(nb.lock(name), UsageError, JSON.stringify(name));
    }
    await assert.rejects(nb.lock("a", { timeout: -1 }), UsageError);
    const name = fresh();
    const lock = await nb.lock(name);
    await assert.rejects(nb.lock(name), UsageError);
    await lock.release();
    await lock.release();
    await assert.rejects(lock.reacquired(), LockLostError);
    const again = await nb.lock(name);
    const wanted = other.lock(name);
    const waiting = assert.rejects(wanted, ClosedError);
    await other.transact((tx) => tx.comment("asked"));
    await other.close();
    await waiting;
    await nb.close();
    assert.ok(!again.held);
    await assert.rejects(nb.lock(name), ClosedError);
    await assert.rejects(again.reacquired(), ClosedError);
    await again.release();
  });

  it("let a transaction through while they are held, and its results are those of its operations", async () => {
    await using nb = await connect();
    await using lock = await nb.lock(fresh());
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "under lock" }), { lock });
    const [row] = nb.tables.Logical_Switch.find({ name: "under lock" });
    assert.equal(result.uuid(result.value), row?._uuid);
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "tried under lock" }), {
      lock,
      dryRun: true,
    });
    assert.ok(!names(nb).includes("tried under lock"));
  });

  it("refuse a transaction when they are not held, or not any more, or belong to another handle", async () => {
    await using nb = await connect();
    await using thief = await connect();
    const name = fresh();
    const lock = await nb.lock(name);
    const insert = (row: string, on = nb) =>
      on.transact((tx) => tx.insert("Logical_Switch", { name: row }), { lock });
    await assert.rejects(insert("elsewhere", thief), UsageError);
    const stolen = await thief.lock(name, { steal: true });
    await waitFor(() => !lock.held);
    await assert.rejects(insert("stolen"), (error) => error instanceof LockLostError && error.retryable);
    await stolen.release();
    await lock.reacquired({ timeout: 30_000 });
    await insert("held again");
    await lock.release();
    await assert.rejects(insert("released"), (error) => error instanceof LockLostError && !error.retryable);
    await nb.transact((tx) => tx.comment("later than all of these"));
    const found = names(nb).filter((each) =>
      ["elsewhere", "stolen", "held again", "released"].includes(each),
    );
    assert.deepEqual(found, ["held again"]);
  });

  it("refuse a transaction that was begun in an earlier tenure", async () => {
    await using nb = await connect();
    await using thief = await connect();
    const name = fresh();
    const lock = await nb.lock(name);
    const call = nb.transact(
      async (tx) => {
        const stolen = await thief.lock(name, { steal: true });
        await waitFor(() => !lock.held);
        await stolen.release();
        await lock.reacquired({ timeout: 30_000 });
        tx.insert("Logical_Switch", { name: "from before" });
      },
      { lock },
    );
    await assert.rejects(call, LockLostError);
    assert.ok(lock.held && !names(nb).includes("from before"));
  });

  it("find out what became of a transaction whose reply was lost, and never send it again", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, soon);
    await using lock = await nb.lock(fresh());
    const insert = (name: string) => nb.transact((tx) => tx.insert("Logical_Switch", { name }), { lock });
    proxy.setOpenFaults({ dropReply: { method: "transact", cut: true } });
    assert.ok((await insert("done")).settled);
    await lock.reacquired({ timeout: 30_000 });
    proxy.setOpenFaults({ toServer: { hold: true } });
    const { bytesSent } = nb.status().counters;
    const call = insert("never arrived");
    await waitFor(() => nb.status().counters.bytesSent > bytesSent);
    proxy.cut();
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof OutcomeUnknownError && error.cause instanceof LockLostError);
      return true;
    });
    assert.deepEqual(
      names(nb).filter((name) => ["done", "never arrived"].includes(name)),
      ["done"],
    );
  });

  it("let the server decide when a thief is faster than the notification", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, soon);
    await using thief = await connect();
    const name = fresh();
    const lock = await nb.lock(name);
    proxy.setFaults({ toClient: { hold: true } });
    await thief.lock(name, { steal: true });
    const call = nb.transact((tx) => tx.insert("Logical_Switch", { name: "too late" }), { lock });
    // The handle asks for the lock again by itself.
    const refused = assert.rejects(call, (error) => error instanceof LockLostError && error.retryable);
    assert.ok(lock.held);
    proxy.setFaults({});
    await refused;
    assert.ok(!names(nb).includes("too late"));
  });
});

describeWithOvn("locks of a cluster", () => {
  it("are each server's own, and each relay's: docs/connecting.md warns of it", async () => {
    await using cluster = await startCluster({ servers: 3, relays: 1 });
    const servers = [...cluster.servers, ...cluster.relays];
    const handles = await Promise.all(
      servers.map(({ remote }) => connectNorthbound(remote, { leaderOnly: false })),
    );
    try {
      const held = await Promise.all(handles.map((nb) => nb.lock("each_its_own", { timeout: 30_000 })));
      assert.deepEqual(
        held.map((lock) => lock.held),
        [true, true, true, true],
      );
      const written = await Promise.allSettled(
        handles.map((nb, index) => {
          const [lock] = held.slice(index);
          assert.ok(lock !== undefined);
          return nb.transact((tx) => tx.insert("Logical_Switch", { name: `s${index}` }), { lock });
        }),
      );
      // A relay passes the transaction on to a member, of which it does not hold the lock.
      const [last, ...members] = written.reverse();
      assert.ok(members.every(({ status }) => status === "fulfilled"));
      assert.ok(last?.status === "rejected" && last.reason instanceof LockLostError);
    } finally {
      for (const nb of handles) await nb.close();
    }
  });
});
