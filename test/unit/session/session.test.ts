import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  type Json,
  type Peer,
  ProtocolError,
} from "../../../lib/jsonrpc/index.ts";
import { OutcomeUnknownError } from "../../../lib/session/index.ts";
import { Prober } from "../../../lib/session/prober.ts";
import { waitFor } from "../../support/index.ts";
import { watchTimers } from "../../support/watch-timers.ts";
import type { Script } from "./fake-server.ts";
import { inserted, nothing, open, serverWith, settle, transacting, uuid } from "./support.ts";

const monitor = "ovn-northbound";

describe("a live Session", () => {
  it("tells what the server says in its order, before the reply that came after it resolves", async () => {
    const server = serverWith(
      transacting((asked) =>
        asked.connection.say(
          { id: null, method: "update3", params: [monitor, "x", inserted] },
          { id: asked.id, result: [{}], error: null },
          { id: null, method: "update3", params: [monitor, "x", { T: { [uuid]: { delete: null } } }] },
        ),
      ),
    );
    const { session, told } = open(server);
    const live = await session;
    await live.transact(nothing, { timeout: 30_000 });
    // All three came in one chunk; the second update is no part of what the reply promises, but it is not held back.
    assert.deepEqual(
      told.updates.map((updates) => updates[0]?.kind),
      ["insert", "delete"],
    );
    live.close();
  });

  for (const method of ["monitor_cond_since", "monitor_cond"]) {
    it(`leaves the rows of an update as text, as ${method} sends it, and others as they are`, async () => {
      const older: Script = {
        monitor_cond_since: (asked) => asked.refuse("unknown method"),
        monitor_cond: (asked) =>
          asked.params[0] === "_Server" ? asked.refuse("unknown database") : asked.reply({}),
      };
      const server = serverWith(method === "monitor_cond" ? older : {});
      const { session, told } = open(server);
      const live = await session;
      const second = uuid.replaceAll("0", "2");
      const say = (updates: Json): void =>
        method === "monitor_cond"
          ? server.connection.notify("update2", monitor, updates)
          : server.connection.notify("update3", monitor, uuid, updates);
      say({ T: { [uuid]: { insert: { name: "a" } }, [second]: { modify: { name: "b" } } } });
      say({ T: { [uuid]: { insert: { name: "ä" } } } });
      assert.deepEqual(told.updates, [
        [
          { table: "T", uuid, kind: "insert", columns: null, text: '{"name":"a"}' },
          { table: "T", uuid: second, kind: "modify", columns: null, text: '{"name":"b"}' },
        ],
        [{ table: "T", uuid, kind: "insert", columns: { name: "ä" } }],
      ]);
      assert.equal(live.counters.rowsReceived, 3);
      live.close();
    });
  }

  it("passes over notifications of other monitors and of other kinds", async () => {
    const server = serverWith();
    const { session, told } = open(server);
    await session;
    server.connection.notify("update3", "another", "x", inserted);
    server.connection.notify("locked", "a");
    server.connection.notify("update", monitor, { T: { [uuid]: { new: { name: "v1" } } } });
    assert.deepEqual(told.events, ["schema", "snapshot", "update"]);
    (await session).close();
  });

  const fatal: readonly (readonly [
    string,
    (say: (method: string, ...params: Json[]) => void) => void,
    typeof Error,
  ])[] = [["a malformed update", (say) => say("update3", monitor, "x", { T: 5 }), ProtocolError as never]];
  for (const [what, say, kind] of fatal) {
    it(`ends on ${what}, once`, async () => {
      const server = serverWith();
      const { session, told } = open(server);
      const live = await session;
      say((method, ...params) => server.connection.notify(method, ...params));
      assert.equal(live.state, "ended");
      assert.ok(live.endedBy instanceof kind);
      live.close();
      assert.deepEqual(told.ends, [live.endedBy]);
      assert.ok(server.connection.closed);
      await assert.rejects(live.transact(nothing, { timeout: 100 }), live.endedBy);
    });
  }

  it("ends when its owner cannot apply an update", async () => {
    const server = serverWith();
    const { session, told } = open(server);
    const live = await session;
    told.updates.push = () => {
      throw new TypeError("a bug");
    };
    server.connection.notify("update3", monitor, "x", inserted);
    assert.ok(live.endedBy instanceof ProtocolError && live.endedBy.cause instanceof TypeError);
  });

  it("ends when the server hangs up, and says so", async () => {
    const server = serverWith();
    const { session, told } = open(server);
    const live = await session;
    server.connection.hangUp();
    assert.ok(told.ends[0] instanceof ConnectionLostError);
    assert.equal(live.state, "ended");
  });

  it("ends by the signal it was opened with", async () => {
    const controller = new AbortController();
    const { session, told } = open(serverWith(), { signal: controller.signal });
    await session;
    controller.abort(new Error("stop"));
    assert.ok(told.ends[0] instanceof ClosedError);
    assert.match(String(told.ends[0]?.cause), /stop/);
  });

  it("leaves nothing behind when it is closed: no timer, no call under way", async () => {
    using timers = watchTimers();
    const server = serverWith();
    const live = await open(server, {}, "tcp:h:1").session;
    const calls = Promise.allSettled([
      live.transact(nothing, { timeout: 60_000 }),
      live.transact(nothing, { timeout: 60_000, signal: new AbortController().signal }),
    ]);
    assert.notEqual(timers.running.size, 0);
    live.close();
    for (const call of await calls) {
      assert.ok(call.status === "rejected" && call.reason instanceof OutcomeUnknownError);
      assert.ok(call.reason.cause instanceof ClosedError);
    }
    assert.deepEqual([...timers.running], []);
    assert.ok(server.connection.closed);
  });

  it("leaves nothing behind when it could not be opened", async () => {
    using timers = watchTimers();
    await assert.rejects(open(serverWith({ get_schema: (asked) => asked.connection.hangUp() })).session);
    await assert.rejects(open(serverWith(), { dial: () => Promise.reject(new Error("no")) }).session);
    assert.deepEqual([...timers.running], []);
  });
});

describe("a Session's probe", () => {
  it("asks a silent server, and takes any answer for a sign of life", async () => {
    const server = serverWith({ echo: (asked) => asked.refuse("unknown method") });
    const session = await open(server, { probeInterval: 20 }, "tcp:h:1").session;
    await waitFor(() => server.methods.filter((method) => method === "echo").length >= 3);
    assert.equal(session.state, "live");
    session.close();
  });

  it("gives a server up that does not answer", async () => {
    const server = serverWith({ echo: () => undefined });
    const session = await open(server, { probeInterval: 40 }, "tcp:h:1").session;
    await waitFor(() => session.state === "ended");
    assert.ok(session.endedBy instanceof ConnectionLostError);
    assert.match(session.endedBy.message, /tcp:h:1 has been silent for \d+ ms/);
    assert.equal(session.counters.probeFailures, 1);
  });

  it("gives a server up that drips a message without an end", async () => {
    const server = serverWith({ echo: (asked) => asked.connection.sayText("x") });
    const session = await open(server, { probeInterval: 40 }, "tcp:h:1").session;
    server.connection.sayText('{"method":"update3","params":["');
    const dripping = setInterval(() => server.connection.sayText("x"), 5);
    await waitFor(() => session.state === "ended").finally(() => clearInterval(dripping));
    assert.ok(session.endedBy instanceof ConnectionLostError);
  });

  for (const [when, probeInterval, remote] of [
    ["on a unix socket", 5, "unix:/x"],
    ["when the interval is 0", 0, "tcp:h:1"],
    ["when it is infinite", Number.POSITIVE_INFINITY, "tcp:h:1"],
  ] as const)
    it(`does not ask ${when}`, async () => {
      const server = serverWith();
      const session = await open(server, { probeInterval }, remote).session;
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.ok(!server.methods.includes("echo"));
      session.close();
    });

  it("has no timer for an interval that none can hold", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warned);
    const session = await open(serverWith(), { probeInterval: 2 ** 33 }, "tcp:h:1").session;
    await settle();
    process.off("warning", warned);
    session.close();
    assert.deepEqual(warnings, []);
  });

  it("says nothing of a server whose connection has ended meanwhile", async () => {
    const interval = 2;
    let probedAt = 0;
    let losses = 0;
    const peer = {
      get lastReceivedAt() {
        // After this look, and before it is said.
        if (probedAt > 0 && performance.now() - probedAt >= interval) queueMicrotask(() => prober.stop());
        return 0;
      },
      call: () => {
        probedAt = performance.now();
        return new Promise<never>(() => {});
      },
    };
    const prober = new Prober(peer as Partial<Peer> as Peer, interval, () => {
      losses += 1;
    });
    await waitFor(() => probedAt > 0 && performance.now() - probedAt > 10);
    await settle();
    assert.equal(losses, 0);
  });

  it("does not take its own busy process for a dead server", async () => {
    let probes = 0;
    const server = serverWith({
      echo: (asked) => {
        probes += 1;
        // The probe is under way, and this process busy for longer than the server is given.
        const until = performance.now() + 60;
        while (performance.now() < until);
        // What the server says meanwhile is delivered only afterwards, as from a socket: timers come first.
        setImmediate(() => asked.reply([]));
      },
    });
    const session = await open(server, { probeInterval: 20 }, "tcp:h:1").session;
    await waitFor(() => probes === 3 || session.state !== "live");
    await settle();
    assert.equal(session.state, "live");
    session.close();
  });
});
