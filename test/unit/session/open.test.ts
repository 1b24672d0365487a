import assert from "node:assert/strict";
import {
  ConnectionLostError,
  type Dial,
  EndpointError,
  type Json,
  ProtocolError,
  RpcError,
  TimeoutError,
  UsageError,
} from "../../../lib/jsonrpc/index.ts";
import { SchemaError } from "../../../lib/ovsdb/index.ts";
import { connectNorthbound } from "../../../lib/schemas/index.ts";
import { waitFor } from "../../support/index.ts";
import { type Asked, FakeServer, type Script, servedBy, standalone } from "./fake-server.ts";
import { inserted, open, schema, serverWith, settle } from "./support.ts";

const unknownMethod: Script[string] = (asked) => asked.refuse("unknown method");

/** One result for the monitor of this database, another one for that of `_Server`. */
function of(database: string, result: Json, other: Json): Script[string] {
  return (asked) => asked.reply(asked.params[0] === database ? result : other);
}

const steps = ["set_db_change_aware", "monitor_cond", "monitor", "get_schema", "monitor_cond_since"];

describe("Session.open", () => {
  it("opens one monitor and hands over the snapshot before it resolves", async () => {
    const server = new FakeServer(standalone(schema, inserted));
    const { session, told } = open(server);
    assert.equal((await session).state, "live");
    assert.equal((await session).remote, "unix:/x");
    assert.deepEqual(told.events, ["schema", "snapshot"]);
    assert.equal(told.snapshots[0]?.length, 1);
    assert.deepEqual(server.methods, steps);
    (await session).close();
  });

  it("asks what the server is without waiting for the first answer", async () => {
    const script = standalone(schema, inserted);
    let first: Asked | undefined;
    const server = new FakeServer({
      ...script,
      set_db_change_aware: (asked) => {
        first = asked;
      },
      monitor_cond: (asked) => {
        first?.reply({});
        script["monitor_cond"]?.(asked);
      },
    });
    const session = await open(server).session;
    assert.equal(session.state, "live");
    session.close();
  });

  it("falls back to monitor_cond, then to monitor, and reads what each sends", async () => {
    const cond = serverWith({
      monitor_cond_since: unknownMethod,
      monitor_cond: of("D", { T: { a: { initial: { name: "x" } } } }, { Database: {} }),
    });
    const first = open(cond);
    const second = open(
      serverWith({
        monitor_cond_since: unknownMethod,
        monitor_cond: unknownMethod,
        monitor: of(
          "D",
          { T: { a: { new: { name: "x" } } } },
          { Database: { u: { new: { name: "D", model: "standalone" } } } },
        ),
      }),
    );
    await Promise.all([first.session, second.session]);
    assert.deepEqual(
      [first, second].map(({ told }) => told.snapshots[0]?.map(({ uuid, columns }) => [uuid, columns])),
      [[["a", { name: "x" }]], [["a", { name: "x" }]]],
    );
    const monitors = cond.connection.asked.slice(-2).map(({ method, params }) => [method, params.length]);
    assert.deepEqual(monitors, [
      ["monitor_cond_since", 4],
      ["monitor_cond", 3],
    ]);
    cond.connection.notify("update2", "ovn-northbound", { T: { a: { modify: { name: "y" } } } });
    assert.deepEqual(
      first.told.updates[0]?.map(({ kind }) => kind),
      ["modify"],
    );
    for (const { session } of [first, second]) (await session).close();
  });

  it("does not fall back on any other error", async () => {
    const server = serverWith({ monitor_cond_since: (asked) => asked.refuse({ error: "unknown column" }) });
    await assert.rejects(open(server).session, { code: "ERR_RPC", method: "monitor_cond_since" });
    assert.ok(server.connection.closed);
  });

  it("does without what old servers lack: set_db_change_aware and the database _Server", async () => {
    const { session } = open(
      serverWith({
        set_db_change_aware: unknownMethod,
        monitor_cond: (asked) => asked.refuse("unknown database"),
      }),
    );
    (await session).close();
  });

  for (const [remotes, what] of [
    [null, "null"],
    [[], "[]"],
    [["unix:/x", undefined], "[unix:/x, undefined]"],
    [6641, "6641"],
  ] as const) {
    it(`refuses ${what} for the remotes, by name`, async () => {
      await assert.rejects(
        open(serverWith(), {}, remotes as never).session,
        (error) =>
          error instanceof EndpointError && !error.retryable && error.message.includes(`addresses ${what}:`),
      );
    });
  }

  it("refuses a variable that is not set", async () => {
    await assert.rejects(connectNorthbound(undefined as never), /server addresses undefined: .*tcp:/);
  });

  it("names the databases that there are when the one wanted is unknown", async () => {
    const server = serverWith({
      get_schema: (asked) => asked.refuse({ error: "unknown database", details: "get_schema" }),
      list_dbs: (asked) => asked.reply(["Other", "_Server"]),
    });
    await assert.rejects(open(server).session, (error) => {
      assert.ok(error instanceof EndpointError && !error.retryable);
      assert.match(error.message, /serves no database D \(it serves: Other\)/);
      return true;
    });
  });

  const model = (row: { [column: string]: Json }): Script => ({
    monitor_cond: servedBy({ name: "D", ...row }),
  });

  it("refuses a member that is no leader, a relay, and one cut off from its cluster", async () => {
    const member = { model: "clustered", connected: true, leader: false };
    for (const [row, why] of [
      [member, /^EndpointError: unix:\/x is not the leader of its cluster; say leaderOnly: false to use it$/],
      [{ ...member, connected: false, leader: true }, /not connected to its cluster/],
      [{ ...member, model: "relay" }, /is a relay, .*; say leaderOnly: false to use it$/],
    ] as const) {
      await assert.rejects(open(serverWith(model(row))).session, why);
    }
    for (const [row, options] of [
      [{ ...member, leader: true }, {}],
      [member, { leaderOnly: false }],
      [{ ...member, model: "relay" }, { leaderOnly: false }],
    ] as const) {
      (await open(serverWith(model(row)), options).session).close();
    }
  });

  const faults: readonly (readonly [string, Script[string], new (...args: never[]) => Error])[] = [
    ["garbage", (asked) => asked.connection.sayText("HTTP/1.1 400 Bad Request\r\n"), ProtocolError],
    ["JSON that is no message", (asked) => asked.connection.sayText('{"hello":1}'), ProtocolError],
    ["bytes that are no UTF-8", (asked) => asked.connection.sayText('{"id":\u0001}'), ProtocolError],
    ["half a message and a hang-up", (asked) => half(asked.connection), ConnectionLostError],
    ["half a message and silence", (asked) => asked.connection.sayText('{"id":1,"res'), TimeoutError],
    ["nothing at all", () => undefined, TimeoutError],
    ["a hang-up", (asked) => asked.connection.hangUp(), ConnectionLostError],
    ["too large a message", (asked) => asked.reply("x".repeat(200_000)), ProtocolError],
    ["two replies", (asked) => twice(asked), ProtocolError],
    ["a reply to nobody", (asked) => asked.connection.say({ id: 77, result: {} }), ProtocolError],
  ];

  function twice(asked: Asked): void {
    const reply = { id: asked.id, result: {} };
    asked.connection.say(reply, reply);
  }

  function half(connection: { sayText(text: string): void; hangUp(): void }): void {
    connection.sayText('{"id":1,"res');
    connection.hangUp();
  }

  for (const [what, fault, kind] of faults) {
    it(`fails with a typed error, in time and with everything closed, on ${what}, at every step`, async () => {
      await Promise.all(
        steps.map(async (step) => {
          const server = serverWith({ [step]: fault });
          // Short where silence is the fault; elsewhere a busy machine must not look like one.
          const syncIdleTimeout = kind === TimeoutError ? 60 : 30_000;
          const options = { syncIdleTimeout, limits: { maxFrameBytes: 100_000 } };
          await assert.rejects(open(server, options).session, kind, `${what} to ${step}`);
          assert.ok(server.connection.closed);
        }),
      );
    });
  }

  it("fails with a typed error on results that make no sense", async () => {
    for (const [step, result, kind] of [
      ["get_schema", [], SchemaError],
      ["get_schema", { name: "D", tables: 5 }, SchemaError],
      ["monitor_cond_since", {}, ProtocolError],
      ["monitor_cond_since", [true, "x", { T: 5 }], ProtocolError],
      ["monitor_cond_since", [false, "x", { T: { a: { novelty: {} } } }], ProtocolError],
    ] as const) {
      const server = serverWith({ [step]: (asked) => asked.reply(result) });
      await assert.rejects(open(server).session, kind, `${step} ${JSON.stringify(result)}`);
      assert.ok(server.connection.closed);
    }
  });

  it("waits for a server that is slow, as long as it sends something", async () => {
    const schemaText = JSON.stringify({
      name: "D",
      version: "1.0.0",
      tables: {},
      comment: "x".repeat(400_000),
    });
    const { session } = open(
      serverWith({
        get_schema: (asked) => {
          const text = `{"id":${String(asked.id)},"result":${schemaText}}`;
          let sent = 0;
          const drip = (): void => {
            asked.connection.sayText(text.slice(sent, sent + 5_000));
            sent += 5_000;
            if (sent < text.length) setTimeout(drip, 5);
          };
          drip();
        },
      }),
      { syncIdleTimeout: 250 },
    );
    (await session).close();
  });

  it("gives up a server that only drips, and one whose message does not end", async () => {
    for (const [piece, kind] of [
      ["x", TimeoutError],
      ["x".repeat(5_000), ProtocolError],
    ] as const) {
      const server = serverWith({ get_schema: (asked) => drip(asked, piece) });
      const options = { syncIdleTimeout: 200, limits: { maxFrameBytes: 100_000 } };
      await assert.rejects(open(server, options).session, kind);
      assert.ok(server.connection.closed);
    }
  });

  function drip({ id, connection }: Asked, piece: string): void {
    const more = (): void => {
      if (connection.closed) return;
      connection.sayText(piece);
      setTimeout(more, 5);
    };
    connection.sayText(`{"id":${String(id)},"result":"`);
    more();
  }

  it("reports a hang-up together with the snapshot as that", async () => {
    const { session, told } = open(
      serverWith({
        monitor_cond_since: (asked) => {
          asked.reply([false, "x", {}]);
          asked.connection.hangUp();
        },
      }),
    );
    await assert.rejects(session, ConnectionLostError);
    assert.deepEqual(told.ends, [], "nobody has the session, so nobody is told of its end");
  });

  it("throws a mistake of the caller's at once, however many remotes there are", async () => {
    const server = serverWith();
    for (const options of [{ dialTimeout: -1 }, { syncIdleTimeout: Number.NaN }, { probeInterval: -5 }]) {
      await assert.rejects(open(server, options).session, UsageError);
    }
    assert.equal(server.connections.length, 0);
    await assert.rejects(open(server, {}, "http:/x").session, EndpointError);
  });

  it("ends a dial in time that does not heed its signal, and closes what that brings too late", async () => {
    const server = serverWith();
    let bring: (() => void) | undefined;
    const dial: Dial = (endpoint, options) =>
      new Promise((resolve) => {
        bring = () => resolve(server.dial(endpoint, options));
      });
    await assert.rejects(open(server, { dial, dialTimeout: 20 }).session, TimeoutError);
    bring?.();
    await settle();
    assert.ok(server.connection.closed);
  });

  it("can do without any limit of time", async () => {
    const server = serverWith();
    const never = Number.POSITIVE_INFINITY;
    const options = { dialTimeout: never, syncIdleTimeout: never, probeInterval: never };
    const session = await open(server, options, "tcp:h:1").session;
    await settle();
    assert.equal(session.state, "live");
    assert.ok(!server.methods.includes("echo"));
    session.close();
  });

  for (const step of ["dial", ...steps]) {
    it(`stops with the signal's reason when it aborts during ${step}`, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const server = serverWith({ [step]: () => controller.abort(reason) });
      const dial: Dial = (endpoint, options) => {
        if (step !== "dial") return server.dial(endpoint, options);
        setImmediate(() => controller.abort(reason));
        return new Promise(() => undefined);
      };
      await assert.rejects(open(server, { dial, signal: controller.signal }).session, reason);
      assert.ok(server.connections.every(({ closed }) => closed));
    });
  }

  it("stops with the signal's reason when it aborts in the turn in which the dial is done", async () => {
    const controller = new AbortController();
    const server = serverWith();
    const dial: Dial = async (endpoint, options) => {
      const transport = await server.dial(endpoint, options);
      queueMicrotask(() => queueMicrotask(() => controller.abort(new Error("enough"))));
      return transport;
    };
    await assert.rejects(open(server, { dial, signal: controller.signal }).session, /enough/);
    assert.ok(server.connection.closed);
  });
});

describe("Session.changeConditions", () => {
  it("lets nothing go on from a monitor that the server may have changed in part", async () => {
    const last = "00000000-0000-0000-0000-000000000001";
    const server = serverWith({
      monitor_cond_since: (asked) => asked.reply([false, last, inserted]),
      monitor_cond_change: (asked) => asked.refuse("no"),
    });
    const { session: opening, told } = open(server);
    const session = await opening;
    await assert.rejects(session.changeConditions({ T: { where: [["name", "==", "x"]] } }), RpcError);
    await waitFor(() => told.snapshots.length === 2 && session.state === "live");
    const since = server.connection.asked
      .filter(({ method }) => method === "monitor_cond_since")
      .map(({ params }) => params[3]);
    const nothing = "00000000-0000-0000-0000-000000000000";
    assert.deepEqual(since, [nothing, nothing]);
    session.close();
  });
});
