import assert from "node:assert/strict";
import {
  type Dial,
  type Endpoint,
  EndpointError,
  formatEndpoint,
  type Json,
  ProtocolError,
} from "../../../lib/jsonrpc/index.ts";
import { schemaToJson } from "../../../lib/ovsdb/index.ts";
import { NotSyncedError, type Session, type SessionOptions } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import {
  type Asked,
  FakeServer,
  nowServedBy,
  type Script,
  schemaChanged,
  servedBy,
  standalone,
} from "./fake-server.ts";
import { inserted, nothing, open, schema, serverWith, settle, uuid } from "./support.ts";

const again: SessionOptions = { reconnect: true, minBackoff: 1, maxBackoff: 4 };
const cid = ["uuid", "5e5e5e5e-0000-4000-8000-00000000000c"];
const member = { name: "D", model: "clustered", connected: true, leader: true, cid };

/** Servers by the path of their remote; absent ones refuse. */
function servers(scripts: { readonly [path: string]: Script }): {
  readonly at: { readonly [path: string]: FakeServer };
  readonly dialled: string[];
  readonly dial: Dial;
} {
  const at = Object.fromEntries(
    Object.entries(scripts).map(([path, script]) => [
      path,
      new FakeServer({ ...standalone(schema), ...script }),
    ]),
  );
  const dialled: string[] = [];
  return {
    at,
    dialled,
    dial: (endpoint, options) => {
      const path = endpoint.kind === "unix" ? endpoint.path : "";
      dialled.push(path);
      const server = at[path];
      return server === undefined
        ? Promise.reject(new EndpointError(path, "nobody there", { retryable: true }))
        : server.dial(endpoint, options);
    },
  };
}

function serving(row: { readonly [column: string]: Json }): Script {
  return {
    monitor_cond: servedBy({ ...member, ...row }),
    transact: (asked) => asked.reply([{ rows: [{ index: row["index"] ?? 1 }] }]),
  };
}

async function live(session: Session): Promise<void> {
  await waitFor(() => session.state === "live");
}

describe("a Session's choice of a server", () => {
  const changes: readonly (readonly [string, Json, RegExp])[] = [
    ["leads no more", { modify: { leader: false } }, /is not the leader of its cluster$/],
    ["is cut off", { modify: { connected: false } }, /is not connected/],
    ["serves the database no more", { delete: null }, /does not serve D any more/],
  ];
  for (const [what, change, why] of changes) {
    it(`leaves one that ${what}, at once, for the one after it`, async () => {
      const { at, dial, dialled } = servers({ "/a": serving({}), "/b": serving({}) });
      const { session, told } = open(
        new FakeServer({}),
        { ...again, dial, minBackoff: 60_000 },
        "unix:/a,unix:/b",
      );
      const it = await session;
      const connection = at["/a"]?.connection;
      assert.ok(connection !== undefined);
      nowServedBy(connection, change);
      assert.equal(it.state, "waiting");
      assert.match(String(it.details.lastLoss), why);
      await live(it);
      assert.deepEqual(dialled, ["/a", "/b"]);
      assert.ok(connection.closed);
      assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
      it.close();
    });
  }

  it("asks often while servers answer that they cannot be used, whatever the backoff for dead ones", async () => {
    const { at, dial, dialled } = servers({ "/a": serving({}), "/b": serving({ leader: false }) });
    const { session } = open(new FakeServer({}), { ...again, dial, minBackoff: 60_000, maxBackoff: 60_000 }, [
      "unix:/a",
      "unix:/b",
    ]);
    const it = await session;
    const [a, b] = [at["/a"], at["/b"]];
    assert.ok(a !== undefined && b !== undefined);
    // Also when the last one of a pass is dead.
    a.script = { set_db_change_aware: ({ connection }) => connection.hangUp() };
    a.connection.hangUp();
    await waitFor(() => dialled.length >= 5);
    b.script = { ...b.script, ...serving({}) };
    await live(it);
    it.close();
  });

  it("refuses one that has less than was seen of its cluster, and takes one of another cluster", async () => {
    for (const leaderOnly of [true, false]) {
      const { at, dial } = servers({
        "/a": serving({ index: 7 }),
        "/b": serving({ index: 5 }),
        "/c": serving({ index: 1, cid: ["uuid", uuid] }),
      });
      const { session } = open(new FakeServer({}), { ...again, dial, leaderOnly }, "unix:/a,unix:/b,unix:/c");
      const it = await session;
      at["/a"]?.connection.hangUp();
      await live(it);
      assert.equal(it.remote, "unix:/c");
      // It is compared with what was seen of its own cluster.
      nowServedBy(at["/c"]?.connection ?? assert.fail(), { modify: { connected: true } });
      assert.equal(it.state, "live");
      const { methods = [] } = at["/b"] ?? {};
      assert.ok(!methods.includes("get_schema"));
      it.close();
    }
  });

  for (const [database, port] of [
    ["OVN_Northbound", 6641],
    ["OVN_Southbound", 6642],
    ["Open_vSwitch", 6640],
  ] as const) {
    it(`looks for ${database} at port ${port}, unless another one is given`, async () => {
      const dialled: Endpoint[] = [];
      const dial: Dial = (endpoint) => {
        dialled.push(endpoint);
        return Promise.reject(new Error("nobody there"));
      };
      const { session } = open(new FakeServer({}), { dial }, "tcp:a,ssl:[::1],tcp:b:1", database);
      await assert.rejects(session, EndpointError);
      assert.deepEqual(dialled.map(formatEndpoint), [`tcp:a:${port}`, `ssl:[::1]:${port}`, "tcp:b:1"]);
    });
  }

  it("tries the remotes in an order of its own for each session, and keeps to it", async () => {
    const remotes = Array.from({ length: 20 }, (_, index) => `unix:/${index}`);
    const firsts = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const { dial, dialled } = servers({});
      const options = { dial, shuffle: true, connectTimeout: 60_000, minBackoff: 1 };
      const stop = new AbortController();
      const { session } = open(new FakeServer({}), { ...options, signal: stop.signal }, remotes);
      const ended = assert.rejects(session);
      await waitFor(() => dialled.length >= 40);
      stop.abort();
      await ended;
      const first = dialled.slice(0, 20);
      assert.deepEqual(dialled.slice(20, 40), first);
      assert.deepEqual(first.map((path) => `unix:${path}`).sort(), [...remotes].sort());
      firsts.add(first.join());
    }
    // Of 20! orders.
    assert.equal(firsts.size, 5);
  });

  it("heeds the row of its own database, also where that is another row by now", async () => {
    const { model, cid: own } = member;
    const other = { name: "Other", model, connected: false, leader: false, cid: own };
    const mine = "5e5e5e5e-0000-4000-8000-000000000002";
    const server = serverWith({
      ...serving({}),
      monitor_cond: (asked) =>
        asked.reply({ Database: { [mine]: { initial: member }, [uuid]: { initial: other } } }),
    });
    const { session, told } = open(server, again);
    const it = await session;
    // Servers leave out what is as by default.
    const next = { name: "D", model, connected: true, cid: own };
    server.connection.notify("update2", "ovn-northbound-server", {
      Database: { [mine]: { delete: null }, "5e5e5e5e-0000-4000-8000-000000000003": { insert: next } },
    });
    assert.match(String(it.details.lastLoss), /is not the leader of its cluster$/);
    assert.deepEqual(told.events.slice(-1), ["lost"]);
    it.close();
  });

  it("knows how new its own data is when it need not be a leader's", async () => {
    const { at, dial } = servers({ "/a": serving({ index: 3 }), "/b": serving({ index: 8 }) });
    const { session } = open(new FakeServer({}), { ...again, dial, leaderOnly: false }, "unix:/a,unix:/b");
    const it = await session;
    const a = at["/a"];
    assert.ok(a !== undefined);
    nowServedBy(a.connection, { modify: { index: 9 } });
    assert.equal(it.details.server?.index, 9);
    a.connection.hangUp();
    a.script = { ...a.script, ...serving({ index: 9 }) };
    await live(it);
    assert.equal(it.remote, "unix:/a");
    it.close();
  });

  it("says of garbage in _Server that it is garbage, and goes on to the next", async () => {
    for (const garbage of [5, [], { Database: 5 }, { Database: { a: { novelty: {} } } }, null] as Json[]) {
      const bad: Script = { monitor_cond: (asked) => asked.reply(garbage) };
      await assert.rejects(open(serverWith(bad)).session, ProtocolError, JSON.stringify(garbage));
      const { dial } = servers({ "/a": bad, "/b": {} });
      const it = await open(new FakeServer({}), { dial }, "unix:/a,unix:/b").session;
      assert.equal(it.remote, "unix:/b");
      it.close();
    }
    for (const row of [
      { leader: 1 },
      { connected: "yes" },
      { model: 5, connected: null, leader: [] },
    ] as const) {
      await assert.rejects(open(serverWith(serving(row as never))).session, EndpointError);
    }
    const odd = serving({ cid: 5, index: "x" });
    (await open(serverWith(odd)).session).close();
  });

  it("dials again after garbage in _Server later on", async () => {
    const server = serverWith();
    const it = await open(server, again).session;
    server.connection.notify("update2", "ovn-northbound-server", { Database: 5 });
    await waitFor(() => server.connections.length === 2 && it.state === "live");
    assert.ok(it.details.lastLoss instanceof ProtocolError);
    it.close();
  });
});

describe("Session.setRemotes", () => {
  it("keeps a connection to a remote that is still there, and leaves another at once", async () => {
    const { dial, dialled, at } = servers({ "/a": {}, "/b": {} });
    const { session, told } = open(new FakeServer({}), { ...again, minBackoff: 60_000, dial }, "unix:/a");
    const it = await session;
    it.setRemotes("unix:/b,unix:/a");
    assert.equal(it.state, "live");
    assert.throws(() => it.setRemotes("unix:/b,nonsense"), EndpointError);
    it.setRemotes(["unix:/b"]);
    await live(it);
    assert.deepEqual([it.remote, dialled], ["unix:/b", ["/a", "/b"]]);
    assert.ok(at["/a"]?.connection.closed);
    assert.deepEqual(told.events, ["schema", "snapshot", "lost", "schema", "snapshot"]);
    it.close();
    assert.throws(() => it.setRemotes("unix:/a"), /closed/);
  });

  it("ends a pause, and a dial that is of no use any more", async () => {
    const { dial, dialled, at } = servers({ "/a": {}, "/b": {} });
    const { session } = open(
      new FakeServer({}),
      { ...again, minBackoff: 60_000, maxBackoff: 60_000, dial },
      "unix:/a",
    );
    const it = await session;
    it.setRemotes("unix:/dead");
    await waitFor(() => it.details.nextDial !== undefined);
    it.setRemotes("unix:/b");
    await live(it);
    assert.deepEqual(dialled, ["/a", "/dead", "/b"]);
    const a = at["/a"];
    assert.ok(a !== undefined);
    a.script = {};
    it.setRemotes("unix:/a");
    await settle();
    assert.equal(it.state, "connecting");
    it.setRemotes("unix:/b");
    await live(it);
    assert.deepEqual(dialled.slice(3), ["/a", "/b"]);
    assert.ok(a.connection.closed);
    it.close();
  });
});

describe("the first connection", () => {
  it("is tried for connectTimeout, and no longer", async () => {
    const { dial, dialled } = servers({});
    // Two pauses of 5 ms are to fit in, on a machine that stands still for a while too.
    const options = { dial, minBackoff: 5, maxBackoff: 5, connectTimeout: 400 };
    await assert.rejects(open(new FakeServer({}), options).session, EndpointError);
    assert.ok(dialled.length > 2);
    const late = servers({ "/x": serving({ leader: false }) });
    const { session } = open(new FakeServer({}), { dial: late.dial, connectTimeout: 60_000 });
    await waitFor(() => late.dialled.length >= 2);
    const server = late.at["/x"];
    assert.ok(server !== undefined);
    server.script = { ...server.script, ...serving({}) };
    (await session).close();
  });

  it("is tried again after a server that was too slow", async () => {
    const server = serverWith({ get_schema: () => undefined });
    const { session } = open(server, { connectTimeout: 60_000, minBackoff: 5, syncIdleTimeout: 40 });
    await waitFor(() => server.connections.length >= 2);
    server.script = serverWith().script;
    (await session).close();
  });

  it("is given up when no later try can mend what is wrong, and when the signal aborts in a pause", async () => {
    const { dial, dialled } = servers({ "/x": serving({ model: "relay" }) });
    await assert.rejects(open(new FakeServer({}), { dial, connectTimeout: 60_000 }).session, /is a relay/);
    assert.equal(dialled.length, 1);
    const stop = new AbortController();
    const { session } = open(new FakeServer({}), {
      dial: servers({}).dial,
      connectTimeout: 60_000,
      minBackoff: 60_000,
      maxBackoff: 60_000,
      signal: stop.signal,
    });
    await settle();
    stop.abort(new Error("enough"));
    await assert.rejects(session, /enough/);
  });
});

describe("a Session whose schema changes", () => {
  const newer = { ...schema, version: "2.0.0" };
  const changed: Script[string] = (asked) => asked.reply(schemaToJson(newer));

  it("reads everything anew on the same connection, and keeps replies that are on their way", async () => {
    let pending: Asked | undefined;
    const server = serverWith({
      transact: (asked) => {
        pending = asked;
      },
    });
    const { session, told } = open(server, again);
    const it = await session;
    const reply = it.transact(nothing, { timeout: 30_000 });
    await waitFor(() => pending);
    server.connection.notify("monitor_canceled", "ovn-northbound");
    assert.equal(it.state, "syncing");
    assert.deepEqual(told.events.slice(2), ["lost"]);
    await assert.rejects(it.transact(nothing, { timeout: 100 }), NotSyncedError);
    pending?.reply([{ count: 1 }]);
    assert.deepEqual(await reply, [{ count: 1 }]);
    await live(it);
    assert.equal(server.connections.length, 1);
    assert.deepEqual(told.events.slice(2), ["lost", "schema", "snapshot"]);
    server.connection.notify("update3", "ovn-northbound-1", "x", inserted);
    assert.equal(told.updates.length, 1);
    it.close();
  });

  it("notices a change between the schema and the monitor, when there is nothing to cancel yet", async () => {
    const server = serverWith();
    server.script = {
      ...server.script,
      monitor_cond_since: (asked) => {
        asked.connection.say(schemaChanged);
        server.script = { ...server.script, ...standalone(schema), get_schema: changed };
        asked.reply([false, "x", inserted]);
      },
    };
    const { session, told } = open(server);
    const it = await session;
    assert.deepEqual(told.events, ["schema", "schema", "snapshot"]);
    assert.equal(server.connections.length, 1);
    assert.ok(server.methods.includes("monitor_cancel"));
    it.close();
  });

  it("may be closed, lost or cancelled again meanwhile", async () => {
    for (const [what, meanwhile] of Object.entries({
      close: ({ it }) => it.close(),
      lose: ({ server }) => server.connection.hangUp(),
      cancel: ({ server }) => server.connection.notify("monitor_canceled", "ovn-northbound"),
    } satisfies { [what: string]: (of: { it: Session; server: FakeServer }) => void })) {
      const server = serverWith();
      const { session, told } = open(server, again);
      const it = await session;
      server.connection.notify("monitor_canceled", "ovn-northbound");
      meanwhile({ it, server });
      if (what === "close") {
        await settle();
        assert.deepEqual([it.state, told.ends.length], ["ended", 1]);
      } else {
        await live(it);
        await settle();
        assert.equal(it.state, "live");
        assert.equal(server.connections.filter(({ closed }) => !closed).length, 1);
      }
      it.close();
    }
  });
});
