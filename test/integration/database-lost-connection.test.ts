import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  ClosedError,
  ConnectionLostError,
  connectNorthbound,
  EndpointError,
  NotSyncedError,
  OutcomeUnknownError,
  type Uuid,
} from "../../lib/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";

describeWithOvn("promise P2: never a false not-found, without reconnect", () => {
  const ovn = useSandbox({ northbound: true, tcp: true });

  afterEach(() => ovn.sandbox.northbound.start());

  it("throws at every read, and ends every wait, once the server was killed", async () => {
    const { northbound } = ovn.sandbox;
    await using nb = await connectNorthbound(northbound.remote, { reconnect: false });
    const made = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "there" }));
    const sw = nb.tables.Logical_Switch.byUuid(made.uuid(made.value));
    assert.ok(sw !== undefined);
    const never = assert.rejects(
      nb.until(() => false),
      ConnectionLostError,
    );
    const changes = assert.rejects(nb.changes().next(), ConnectionLostError);
    // The server is stopped, so that these are sent and not answered.
    northbound.signal("SIGSTOP");
    const pending = Array.from({ length: 5 }, () =>
      assert.rejects(
        nb.transact((tx) => tx.setKeys(sw, "external_ids", { k: "v" })),
        OutcomeUnknownError,
      ),
    );
    northbound.signal("SIGKILL");
    await Promise.all([...pending, never, changes]);
    await waitFor(() => northbound.pid === undefined);
    const reads: readonly (() => unknown)[] = [
      () => nb.tables.Logical_Switch.find({ name: "there" }),
      () => nb.tables.Logical_Switch.find({ name: "not there" }),
      () => nb.tables.Logical_Switch.byUuid(sw._uuid),
      () => nb.tables.Logical_Switch.size,
      () => [...nb.tables.Logical_Switch],
      () => nb.tables.NB_Global.only(),
      () => nb.tables.Address_Set.get({ name: "x" }),
      () => nb.deref(sw, "ports"),
      () => nb.has(sw, "ports", sw._uuid),
      () => nb.referrers(sw as { _uuid: Uuid }, "Port_Group", "ports"),
      () => nb.changes(),
      () => nb.view.rows("Logical_Switch"),
      () => nb.view.byUuid("Logical_Switch", sw._uuid),
      () => nb.view.find("Logical_Switch", {}),
      () => nb.view.has("Logical_Switch", sw._uuid, "ports", ""),
      () => nb.view.referrers(sw._uuid, "Port_Group", "ports"),
    ];
    for (const read of reads) {
      assert.throws(read, (error) => error instanceof NotSyncedError && error.retryable, String(read));
    }
    await assert.rejects(
      nb.until(() => nb.tables.Logical_Switch.find({})),
      NotSyncedError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.comment("x")),
      NotSyncedError,
    );
    assert.equal(sw.name, "there", "a row that was read stays readable");
  });

  it("gives an end that the server makes in order the same meaning", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.tcp, { reconnect: false });
    await ovn.sandbox.northbound.appctl("ovsdb-server/reconnect");
    await waitFor(() => {
      try {
        return nb.tables.Logical_Switch.size < 0;
      } catch (error) {
        return error instanceof NotSyncedError;
      }
    });
  });

  it("does not call a server dead that was stopped for a shorter time than two probes", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.tcp, { probeInterval: 500 });
    ovn.sandbox.northbound.signal("SIGSTOP");
    const { messagesSent } = nb.status().counters;
    await waitFor(() => nb.status().counters.messagesSent > messagesSent);
    ovn.sandbox.northbound.signal("SIGCONT");
    await nb.transact((tx) => tx.comment("still there"));
  });

  it("notices a server on tcp that has stopped without closing anything", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.tcp, {
      probeInterval: 60,
      reconnect: false,
    });
    ovn.sandbox.northbound.signal("SIGSTOP");
    await assert.rejects(
      nb.until(() => false, { timeout: 30_000 }),
      /has been silent for/,
    );
    ovn.sandbox.northbound.signal("SIGCONT");
  });

  it("throws ClosedError after close, and ends what waits", async () => {
    const nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const waiting = assert.rejects(
      nb.until(() => false),
      ClosedError,
    );
    const changes = nb.changes();
    const next = changes.next();
    await nb.close();
    await nb.close();
    await waiting;
    assert.equal((await next).done, true);
    assert.throws(() => nb.tables.Logical_Switch.size, ClosedError);
    await assert.rejects(
      nb.until(() => true),
      ClosedError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.comment("x")),
      ClosedError,
    );
  });

  it("throws an EndpointError when nobody listens", async () => {
    const { remote } = ovn.sandbox.northbound;
    await ovn.sandbox.northbound.stop();
    await assert.rejects(
      connectNorthbound(remote),
      (error) => error instanceof EndpointError && error.retryable,
    );
  });

  it("lets a process exit that has connected and closed 200 times, with nothing left open", async () => {
    const { remote, tcp = "" } = ovn.sandbox.northbound;
    const script = `
      import { readdirSync } from "node:fs";
      const { connectNorthbound } = await import(process.argv[1]);
      const descriptors = () => readdirSync("/proc/self/fd").length;
      let before;
      for (let cycle = 0; cycle < 200; cycle += 1) {
        const nb = await connectNorthbound(cycle % 2 === 0 ? process.argv[2] : process.argv[3]);
        const open = nb.transact((tx) => tx.comment("cycle"));
        if (cycle % 3 === 0) await open;
        else open.catch(() => undefined);
        nb.until(() => false, { timeout: 60_000 }).catch(() => undefined);
        nb.changes();
        await nb.close();
        before ??= descriptors();
      }
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      const resources = process.getActiveResourcesInfo().filter((kind) => !/^(Pipe|TTY)Wrap$/.test(kind));
      const leaked = descriptors() - before;
      process.stdout.write(JSON.stringify({ resources, leaked }));
    `;
    const library = new URL("../../lib/index.js", import.meta.url).href;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script, library, remote, tcp],
      { timeout: 120_000 },
    );
    const { resources, leaked } = JSON.parse(stdout) as { resources: string[]; leaked: number };
    assert.deepEqual(resources, []);
    assert.ok(leaked <= 2, `${leaked} file descriptors more than after the first cycle`);
    assert.equal(stderr, "");
  });
});
