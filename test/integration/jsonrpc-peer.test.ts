import assert from "node:assert/strict";
import { Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import {
  ClosedError,
  ConnectionLostError,
  dialSocket,
  type Json,
  type OvsdbError,
  Peer,
  RpcError,
  UsageError,
} from "../../lib/jsonrpc/index.ts";
import { deadline, probeInterval, RawServer } from "../support/raw-server.ts";
import { waitFor } from "../support/wait-for.ts";

describe("a Peer and a real ovsdb-server", () => {
  let server: RawServer;

  before(async function () {
    server = await RawServer.start(this);
  });

  afterEach(() => server.closePeers());

  after(() => server?.stop());

  it("calls over a Unix socket", async () => {
    const peer = await server.dial(server.unix);
    await assertAnswers(peer);
    const schema = (await peer.call("get_schema", ["OVN_Northbound"])) as { name: Json; tables: Json };
    assert.equal(schema.name, "OVN_Northbound");
    assert.ok(Object.hasOwn(schema.tables as object, "Logical_Switch"));
    assert.deepEqual(await peer.call("echo", ["é", 1, { a: [] }]), ["é", 1, { a: [] }]);
  });

  it("calls over TCP on an IPv6 address", async () => assertAnswers(await server.dial(server.tcp)));

  it("gets an unknown method's error, and goes on", async () => {
    const peer = await server.dial(server.unix);
    await assert.rejects(
      peer.call("nonsense", []),
      (error) => error instanceof RpcError && error.method === "nonsense" && error.error === "unknown method",
    );
    await assert.rejects(
      peer.call("get_schema", ["nowhere"]),
      (error) => error instanceof RpcError && /unknown database/.test(error.message),
    );
    await assertAnswers(peer);
  });

  it("exchanges frames of a megabyte", async () => {
    for (const endpoint of [server.unix, server.tcp, server.ssl]) {
      const peer = await server.dial(endpoint, { tls: server.tls });
      const texts = ["x".repeat(1_000_000), '𝄞é\\"'.repeat(150_000)];
      const replies = await Promise.all(texts.map((text) => peer.call("echo", [text])));
      assert.ok(replies.every((reply, index) => (reply as readonly Json[])[0] === texts[index]));
    }
  });

  it("keeps integers exact both ways", async () => {
    const peer = await server.dial(server.unix);
    const value = 9_223_372_036_854_775_807n;
    const [updated, selected] = (await peer.call("transact", [
      "OVN_Northbound",
      { op: "update", table: "NB_Global", where: [], row: { nb_cfg: value } },
      { op: "select", table: "NB_Global", where: [], columns: ["nb_cfg"] },
    ])) as readonly [Json, Json];
    assert.deepEqual(updated, { count: 1 });
    assert.deepEqual(selected, { rows: [{ nb_cfg: value }] });
  });

  it("matches replies that overtake a blocked request", async () => {
    const peer = await server.dial(server.unix);
    const order: string[] = [];
    const wait = {
      op: "wait",
      table: "DNS",
      where: [],
      columns: ["_uuid"],
      until: "!=",
      rows: [],
      timeout: 5000,
    };
    const blocked = peer.call("transact", ["OVN_Northbound", wait]).then(() => order.push("blocked"));
    await peer.call("echo", []).then(() => order.push("echo"));
    await peer.call("transact", ["OVN_Northbound", { op: "insert", table: "DNS", row: {} }]);
    await blocked;
    assert.deepEqual(order, ["echo", "blocked"]);
  });

  it("joins what is sent in one turn of the event loop into one write", async () => {
    const peer = await server.dial(server.unix);
    await assertAnswers(peer);
    let writes = 0;
    const { _write: write, _writev: writev } = Socket.prototype;
    assert.ok(writev !== undefined);
    Socket.prototype._write = function (...args) {
      writes++;
      write.apply(this, args);
    };
    Socket.prototype._writev = function (...args) {
      writes++;
      writev.apply(this, args);
    };
    try {
      const replies = await Promise.all(
        Array.from({ length: 200 }, async (_, number) => {
          // Some send later in the same turn.
          if (number % 3 === 1) await Promise.resolve();
          if (number % 3 === 2) await new Promise<void>((resolve) => process.nextTick(resolve));
          return peer.call("echo", [number]);
        }),
      );
      assert.deepEqual(
        replies,
        replies.map((_, number) => [number]),
      );
      assert.equal(writes, 1);
    } finally {
      Object.assign(Socket.prototype, { _write: write, _writev: writev });
    }
  });

  it("hands to the server what was sent just before close", async () => {
    for (const endpoint of [server.unix, server.tcp]) {
      const name = `farewell-${endpoint.kind}`;
      const peer = await server.dial(endpoint);
      const row = { name };
      const call = peer.call("transact", ["OVN_Northbound", { op: "insert", table: "Logical_Switch", row }]);
      peer.close();
      await assert.rejects(call, ClosedError);
      const reader = await server.dial(server.unix);
      const select = {
        op: "select",
        table: "Logical_Switch",
        where: [["name", "==", name]],
        columns: ["name"],
      };
      await waitFor(async () => {
        const reply = await reader.call("transact", ["OVN_Northbound", select]);
        return isDeepStrictEqual(reply, [{ rows: [{ name }] }]);
      });
    }
  });

  it("refuses a string that would cost the connection, and keeps the connection", async () => {
    const peer = await server.dial(server.unix);
    await assert.rejects(peer.call("echo", ["\ud834"]), UsageError);
    await assertAnswers(peer);
  });

  it("loses the connection when it is the one to break the rules", async () => {
    const { promise, resolve } = withResolvers<OvsdbError | undefined>();
    const transport = await dialSocket(server.unix, { signal: AbortSignal.timeout(deadline) });
    const peer = new Peer(transport, { onNotification: () => undefined, onClose: resolve });
    const call = peer.call("list_dbs", []);
    // The member that jsonrpc-lite would add; the reason why message.ts takes it off.
    transport.send('{"jsonrpc":"2.0","id":"x","method":"list_dbs","params":[]}');
    await Promise.allSettled([call]);
    assert.ok((await promise) instanceof ConnectionLostError);
    assert.equal(peer.closed, true);
  });

  it("answers the server's probes, so that an idle TCP connection lives on", async () => {
    const peer = await server.dial(server.probing);
    const start = performance.now();
    // The server asks after one interval of silence and hangs up after the next if it gets no answer.
    await waitFor(() => peer.lastReceivedAt > start + 3 * probeInterval);
    await assertAnswers(peer);
  });

  // Mocha runs suites after the tests beside them, in order: this one is last, as it takes the server away.
  describe("a server that is killed", () => {
    it("loses every connection, and nothing is left pending", async () => {
      const ends: (OvsdbError | undefined)[] = [];
      const opened = await Promise.all(
        [server.unix, server.tcp, server.ssl].map((endpoint) =>
          server.dial(endpoint, { tls: server.tls, onClose: (error) => ends.push(error) }),
        ),
      );
      await Promise.all(opened.map(assertAnswers));
      const wait = { op: "wait", table: "Meter", where: [], columns: ["_uuid"], until: "!=", rows: [] };
      const calls = Promise.allSettled(opened.map((peer) => peer.call("transact", ["OVN_Northbound", wait])));
      server.kill();
      for (const outcome of await calls) {
        assert.ok(outcome.status === "rejected" && outcome.reason instanceof ConnectionLostError);
      }
      assert.equal(ends.length, 3);
      assert.ok(ends.every((error) => error instanceof ConnectionLostError));
      assert.ok(opened.every((peer) => peer.pending === 0 && peer.closed));
    });
  });
});

async function assertAnswers(peer: Peer): Promise<void> {
  assert.deepEqual(await peer.call("list_dbs", []), ["OVN_Northbound", "_Server"]);
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
