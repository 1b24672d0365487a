import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  EndpointError,
  formatEndpoint,
  type Json,
  UsageError,
} from "../../../lib/jsonrpc/index.ts";
import { schemaToJson } from "../../../lib/ovsdb/index.ts";
import { NotSyncedError, type SessionOptions } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import type { FakeServer } from "./fake-server.ts";
import { inserted, nothing, open, schema, serverWith, settle, uuid } from "./support.ts";

const zero = "00000000-0000-0000-0000-000000000000";

/** The last transactions that a server was told of by those who opened a monitor. */
function sinceIds(server: FakeServer): Json[] {
  return server.connections.flatMap(({ asked }) =>
    asked.flatMap(({ method, params }) => (method === "monitor_cond_since" ? (params[3] ?? null) : [])),
  );
}

const again: SessionOptions = { reconnect: true, minBackoff: 1, maxBackoff: 4 };

describe("a Session that has lost its connection", () => {
  it("dials again, and hands over the new snapshot before it is live", async () => {
    const server = serverWith();
    const { session, told } = open(server, again);
    const live = await session;
    server.connection.hangUp();
    assert.equal(live.state, "waiting");
    await assert.rejects(live.transact(nothing, { timeout: 100 }), NotSyncedError);
    await waitFor(() => live.state === "live");
    assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
    server.connection.notify("update3", "ovn-northbound", "x", inserted);
    assert.equal(told.updates.length, 1);
    live.close();
    assert.ok(told.ends[0] instanceof ClosedError);
  });

  it("says at once that it is lost when the connection goes with the new snapshot: who waited for that sends in the same turn", async () => {
    const server = serverWith();
    const { session, told } = open(server, again);
    const live = await session;
    const healthy = server.script;
    let events: readonly string[] = [];
    server.script = {
      ...healthy,
      monitor_cond_since: (asked) => {
        asked.reply([false, "x", inserted]);
        asked.connection.hangUp();
        events = told.events.slice(-2);
        server.script = healthy;
      },
    };
    server.connection.hangUp();
    await waitFor(() => server.connections.length === 3 && live.state === "live");
    assert.deepEqual(events, ["snapshot", "lost"]);
    assert.equal(told.events.filter((event) => event === "lost").length, 2);
    live.close();
  });

  it("asks for what has changed since the last transaction that it was told of", async () => {
    const [second, third] = ["2", "3"].map((digit) => uuid.replaceAll("0", digit)) as [string, string];
    const server = serverWith();
    server.script = {
      ...server.script,
      monitor_cond_since: (asked) => {
        asked.reply([asked.params[3] !== zero, "first", {}]);
        // In the chunk of bytes after it, and that is later.
        if (asked.params[3] === zero) server.connection.notify("update3", "ovn-northbound", second, inserted);
      },
    };
    const { session, told } = open(server, again);
    const live = await session;
    for (const [last, next] of [
      [second, third],
      [third, undefined],
    ] as const) {
      // Members come in any order.
      const reversed = Object.fromEntries(
        Object.entries(schemaToJson(schema) as { readonly [member: string]: Json }).reverse(),
      );
      server.script = { ...server.script, get_schema: (asked) => asked.reply(reversed) };
      server.connection.hangUp();
      await waitFor(() => live.state === "live");
      assert.deepEqual(sinceIds(server).at(-1), last);
      if (next !== undefined) server.connection.notify("update3", "ovn-northbound", next, {});
    }
    assert.deepEqual(sinceIds(server), [zero, second, third]);
    assert.equal(told.events.filter((event) => event === "snapshot").length, 1);
    assert.deepEqual([live.counters.resyncsFast, live.counters.resyncsFull], [2, 0]);
    live.close();
  });

  it("asks for everything when what has changed since cannot be applied, and not for the same again and again", async () => {
    const server = serverWith();
    const { script } = server;
    const { session, told } = open(server, again);
    const live = await session;
    server.connection.notify("update3", "ovn-northbound", uuid, inserted);
    server.script = {
      ...script,
      monitor_cond_since: (asked) => {
        if (asked.params[3] === uuid) asked.reply([true, uuid, { T: 5 }]);
        else script["monitor_cond_since"]?.(asked);
      },
    };
    server.connection.hangUp();
    await waitFor(() => live.state === "live");
    assert.deepEqual(sinceIds(server), [zero, uuid, zero]);
    assert.equal(told.events.at(-1), "snapshot");
    live.close();
  });

  for (const none of ["\u0000", "g".repeat(zero.length), "", 5]) {
    it(`does not ask for what has changed since ${JSON.stringify(none)}, which is no transaction`, async () => {
      const server = serverWith();
      const { session, told } = open(server, again);
      const live = await session;
      server.connection.notify("update3", "ovn-northbound", none, inserted);
      assert.equal(told.updates.length, 1);
      server.connection.hangUp();
      await waitFor(() => live.state === "live");
      assert.deepEqual(sinceIds(server), [zero, zero]);
      live.close();
    });
  }

  it("goes on for as long as nobody answers, over all remotes, with pauses that grow up to a bound", async () => {
    const server = serverWith();
    let up = true;
    const { session } = open(
      server,
      {
        ...again,
        minBackoff: 10,
        maxBackoff: 20,
        dial: async (endpoint, options) => {
          const transport = await server.dial(endpoint, options);
          if (!up) throw new Error("no");
          return transport;
        },
      },
      "unix:/x,unix:/y",
    );
    const live = await session;
    up = false;
    server.dialled.length = 0;
    const began = performance.now();
    server.connection.hangUp();
    await waitFor(() => server.dialled.length >= 12);
    // Six rounds have at least four pauses between them: of 5, 10, 10, 10 ms at the least.
    assert.ok(performance.now() - began >= 30, "it did not pause");
    // First the one after that which was lost.
    assert.deepEqual(server.dialled.slice(0, 4), [
      { kind: "unix", path: "/y" },
      { kind: "unix", path: "/x" },
      { kind: "unix", path: "/y" },
      { kind: "unix", path: "/x" },
    ]);
    up = true;
    await waitFor(() => live.state === "live");
    live.close();
  });

  it("says why each remote cannot be used, once", async () => {
    const server = serverWith();
    let up = true;
    const lines: string[] = [];
    const { session } = open(
      server,
      {
        ...again,
        log: ({ level, event, fields: { state, remote, reason, code } }) => {
          if (level !== "debug") lines.push([level, event, state, remote, reason, code].join(" ").trim());
        },
        dial: (endpoint, options) =>
          up
            ? server.dial(endpoint, options)
            : Promise.reject(new EndpointError("", `no ${formatEndpoint(endpoint)}`)),
      },
      "unix:/x,unix:/y",
    );
    const live = await session;
    up = false;
    server.connection.hangUp();
    await waitFor(() => lines.length >= 7);
    up = true;
    assert.match(lines[2] ?? "", /^warn state waiting unix:\/x .+ ERR_CONNECTION_LOST$/);
    const pass = [
      "info remote-refused  unix:/y no unix:/y",
      "warn state waiting unix:/x no unix:/x ERR_ENDPOINT",
    ];
    assert.deepEqual(lines.slice(3, 7), [...pass, ...pass]);
    await waitFor(() => live.state === "live");
    live.close();
    await settle();

    lines.length = 0;
    up = false;
    const never = open(server, {
      log: ({ event }) => lines.push(event),
      dial: () => Promise.reject(new Error("no")),
    });
    await assert.rejects(never.session, /no/);
    await settle();
    assert.deepEqual(lines, ["state", "remote-refused", "state"], "connecting, why not, ended");
  });

  it("resyncs by itself after an update that could not be applied", async () => {
    const server = serverWith();
    const warnings: unknown[] = [];
    const { session, told } = open(server, {
      ...again,
      log: ({ level, event, fields: { remote, reason } }) => {
        if (level === "warn" && event !== "state") warnings.push([event, remote, reason]);
      },
    });
    const live = await session;
    server.connection.notify("update3", "ovn-northbound", uuid, { T: 5 });
    await waitFor(() => live.state === "live");
    assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
    assert.deepEqual(sinceIds(server), [zero, zero]);
    const { impossibleUpdates, resyncsFull, resyncsFast, losses } = live.counters;
    assert.deepEqual([impossibleUpdates, resyncsFull, resyncsFast, losses], [1, 1, 0, 1]);
    assert.equal(warnings.length, 1);
    assert.match(String(warnings), /^impossible-update,unix:\/x,.*\bT\b/);
    live.close();
  });

  it("ends when it is closed while it dials, and closes what the dial brings", async () => {
    const server = serverWith();
    const { session, told } = open(server, again);
    const live = await session;
    server.script = {};
    server.connection.hangUp();
    await settle();
    assert.equal(live.state, "connecting");
    live.close();
    await settle();
    assert.equal(live.state, "ended");
    assert.ok(server.connection.closed);
    assert.equal(told.ends.length, 1);
    assert.equal(server.connections.length, 2);
  });

  it("stays ended when whoever waited for the content closes it as that comes", async () => {
    const server = serverWith();
    const states: unknown[] = [];
    const { session, told } = open(server, {
      ...again,
      log: ({ event, fields }) => void (event === "state" && states.push(fields["state"])),
    });
    const live = await session;
    told.snapshots.push = () => {
      live.close();
      return 0;
    };
    server.connection.hangUp();
    await waitFor(() => told.ends.length === 1);
    await settle();
    assert.deepEqual([live.state, states.at(-1)], ["ended", "ended"]);
    assert.equal(live.counters.connections, 1);
  });

  it("waits for no dial any more when whoever is told of the loss closes it", async () => {
    const server = serverWith();
    const { session, told } = open(server, { reconnect: true, minBackoff: 60_000, maxBackoff: 60_000 });
    const live = await session;
    server.connection.hangUp();
    await waitFor(() => live.state === "live");
    told.events.push = () => {
      live.close();
      return 0;
    };
    server.connection.hangUp();
    assert.equal(live.state, "ended");
    assert.equal(live.details.nextDial, undefined, "it would keep the process alive");
  });

  it("ends when its signal aborts while it pauses", async () => {
    const stop = new AbortController();
    const server = serverWith();
    let up = true;
    const { session, told } = open(server, {
      ...again,
      minBackoff: 60_000,
      maxBackoff: 60_000,
      signal: stop.signal,
      dial: (endpoint, options) => (up ? server.dial(endpoint, options) : Promise.reject(new Error("no"))),
    });
    const live = await session;
    up = false;
    server.connection.hangUp();
    await settle();
    stop.abort();
    assert.equal(live.state, "ended");
    assert.ok(told.ends[0] instanceof ClosedError);
  });

  it("keeps nothing over a thousand losses", async () => {
    const server = serverWith();
    const stop = new AbortController();
    const { session, told } = open(server, { ...again, minBackoff: 0, maxBackoff: 0, signal: stop.signal });
    const live = await session;
    for (let loss = 0; loss < 1_000; loss += 1) {
      server.connection.hangUp();
      while (live.state !== "live") await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(told.snapshots.length, 1_001);
    assert.equal(server.connections.filter(({ closed }) => !closed).length, 1);
    live.close();
  });

  it("dials at once after each loss of a connection that had lived for a while, and pauses after one that had not", async () => {
    for (const minBackoff of [1, 60_000]) {
      const server = serverWith();
      const { session } = open(server, { reconnect: true, minBackoff, maxBackoff: 60_000 });
      const live = await session;
      for (const loss of [1, 2, 3]) {
        const began = performance.now();
        await waitFor(() => performance.now() - began >= 2);
        server.connection.hangUp();
        assert.deepEqual(
          [live.state, live.details.nextDial === undefined],
          ["waiting", loss === 1 || minBackoff === 1],
        );
        if (live.details.nextDial !== undefined) break;
        await waitFor(() => live.state === "live");
      }
      live.close();
    }
  });

  it("does not dial again without `reconnect`", async () => {
    const server = serverWith();
    const { session } = open(server);
    const live = await session;
    server.connection.hangUp();
    assert.ok(live.endedBy instanceof ConnectionLostError);
    await settle();
    assert.equal(server.connections.length, 1);
  });

  it("goes on trying while its owner refuses the new schema: the next one may suit again", async () => {
    const server = serverWith();
    const { session, told } = open(server, again);
    const live = await session;
    const { push } = told.events;
    let refusals = 0;
    told.events.push = (...events) => {
      if (events[0] !== "schema") return push.apply(told.events, events);
      refusals += 1;
      throw new UsageError("there is no table T any more");
    };
    server.connection.hangUp();
    await waitFor(() => refusals >= 3);
    assert.equal(live.endedBy, undefined);
    told.events.push = push;
    await waitFor(() => live.state === "live");
    live.close();
  });
});
