import assert from "node:assert/strict";
import { ConnectionLostError, type Endpoint, Peer, RpcError } from "../../../lib/jsonrpc/index.ts";
import { Events, LockLostError, type Log, type WantedLock } from "../../../lib/session/index.ts";
import { Locks } from "../../../lib/session/locks.ts";
import { FakeServer, type Script } from "./fake-server.ts";
import { settle } from "./support.ts";

const granted: Script = {
  lock: (asked) => asked.reply({ locked: true }),
  steal: (asked) => asked.reply({ locked: true }),
  unlock: (asked) => asked.reply({}),
};
const queued: Script = { ...granted, lock: (asked) => asked.reply({ locked: false }) };

interface Fixture {
  readonly server: FakeServer;
  readonly locks: Locks;
  readonly closed: Error[];
  connect(): Promise<void>;
}

async function withServer(script: Script, log?: Log): Promise<Fixture> {
  const server = new FakeServer(script);
  const locks = new Locks(new Events("D", log));
  const closed: Error[] = [];
  const endpoint: Endpoint = { kind: "unix", path: "/x" };
  const connect = async (): Promise<void> => {
    const transport = await server.dial(endpoint, { signal: new AbortController().signal });
    const peer = new Peer(transport, {
      onNotification: (method, params) => void locks.notified(method, params),
      onClose: (error) => {
        if (error !== undefined) closed.push(error);
      },
    });
    locks.connected(peer, "unix:/x");
  };
  await connect();
  return { server, locks, closed, connect };
}

async function held(locks: Locks): Promise<WantedLock> {
  const lock = locks.want("l", false);
  await lock.acquired({});
  return lock;
}

describe("Locks", () => {
  it("tell at which server they are wanted, got and lost", async () => {
    const told: unknown[] = [];
    const { locks } = await withServer(granted, ({ fields }) =>
      told.push([fields["change"], fields["remote"]]),
    );
    await held(locks);
    locks.disconnected(new ConnectionLostError("gone"));
    locks.want("m", false);
    await settle();
    assert.deepEqual(told, [
      ["wanted", "unix:/x"],
      ["acquired", "unix:/x"],
      ["lost", "unix:/x"],
      ["wanted", ""],
    ]);
  });

  it("tell of no loss of what they do not hold", async () => {
    const told: unknown[] = [];
    const { locks } = await withServer(queued, ({ fields }) => told.push(fields["change"]));
    locks.want("l", false);
    await settle();
    locks.disconnected(new ConnectionLostError("gone"));
    await settle();
    assert.deepEqual(told, ["wanted"]);
  });

  it("say why at once when what was bound to them is about to be sent", async () => {
    const { locks } = await withServer(granted);
    const lock = await held(locks);
    const tenure = { lock, signal: lock.signal };
    locks.check(tenure);
    locks.disconnected(new ConnectionLostError("gone"));
    assert.ok(!tenure.signal.aborted);
    assert.throws(() => locks.check(tenure), /^LockLostError: the lock l was lost with the connection: gone/);
  });

  it("take no `locked` for a new request that answers one given up before", async () => {
    const { server, locks } = await withServer(queued);
    const first = locks.want("l", false);
    await settle();
    void first.release();
    const second = locks.want("l", false);
    // The server gave the lock to the first request before it saw that this was given up.
    server.connection.notify("locked", "l");
    assert.ok(!second.held);
    await settle();
    assert.deepEqual(server.methods, ["lock", "unlock", "lock"]);
    server.connection.notify("locked", "l");
    assert.ok(second.held && !first.held);
  });

  it("take a `locked` that comes in one piece with the reply", async () => {
    const { server, locks } = await withServer({
      lock: ({ id, connection }) =>
        connection.say(
          { id, result: { locked: false }, error: null },
          { id: null, method: "locked", params: ["l"] },
        ),
    });
    const lock = await held(locks);
    assert.ok(lock.held);
    assert.deepEqual(server.methods, ["lock"]);
  });

  it("ignore what is said of locks that nobody wants", async () => {
    const { server, locks, closed } = await withServer(granted);
    server.connection.notify("locked", "other");
    server.connection.notify("stolen", "other");
    const lock = await held(locks);
    server.connection.notify("locked", "l");
    assert.ok(lock.held);
    assert.deepEqual(closed, []);
  });

  it("unlock before they queue again for what was stolen", async () => {
    const { server, locks } = await withServer(granted);
    const lock = await held(locks);
    server.script = queued;
    server.connection.notify("stolen", "l");
    assert.ok(!lock.held);
    await settle();
    assert.deepEqual(server.methods, ["lock", "unlock", "lock"]);
    assert.ok(lock.signal.aborted);
    // Stolen from somebody else, who was before us in the queue.
    server.connection.notify("stolen", "l");
    await settle();
    assert.deepEqual(server.methods, ["lock", "unlock", "lock"]);
  });

  it("give up a request under way without waiting for its reply", async () => {
    const { server, locks } = await withServer({ ...granted, lock: () => undefined });
    const lock = locks.want("l", false);
    await settle();
    const { id } = server.connection.asked[0] ?? {};
    await lock.release();
    assert.ok(id !== undefined);
    server.connection.say({ id, result: { locked: true }, error: null });
    assert.ok(!lock.held);
    assert.deepEqual(server.methods, ["lock", "unlock"]);
    await assert.rejects(lock.acquired({}), LockLostError);
  });

  it("reject when the server refuses, and can be wanted again", async () => {
    const { server, locks, closed } = await withServer({ ...granted, lock: (asked) => asked.refuse("no") });
    const lock = locks.want("l", false);
    await assert.rejects(lock.acquired({}), RpcError);
    await lock.release();
    assert.deepEqual(server.methods, ["lock"]);
    server.script = granted;
    assert.ok((await held(locks)).held);
    assert.deepEqual(closed, []);
  });

  it("end the connection when a reply makes no sense", async () => {
    const { locks, closed } = await withServer({ lock: (asked) => asked.reply({ locked: 1 }) });
    locks.want("l", false);
    await settle();
    assert.match(String(closed), /reply to lock/);
  });

  it("are not got with a signal that is aborted already, be they held or not", async () => {
    const { locks } = await withServer(granted);
    const signal = AbortSignal.abort(new RangeError("enough"));
    const lock = locks.want("l", false);
    await assert.rejects(lock.acquired({ signal }), /enough/);
    await lock.acquired({});
    await assert.rejects(lock.acquired({ signal }), /enough/);
  });

  it("steal once, and queue on later connections", async () => {
    const { server, locks, connect } = await withServer(granted);
    const lock = locks.want("l", true);
    await lock.acquired({});
    locks.disconnected(new ConnectionLostError("gone"));
    assert.ok(!lock.held);
    await connect();
    await lock.acquired({});
    assert.deepEqual(server.methods, ["steal", "lock"]);
  });

  it("steal on the next connection what was not stolen on this one", async () => {
    const { server, locks, connect } = await withServer({ ...granted, steal: () => undefined });
    const lock = locks.want("l", true);
    await settle();
    locks.disconnected(new ConnectionLostError("gone"));
    server.script = granted;
    await connect();
    await lock.acquired({});
    assert.deepEqual(server.methods, ["steal", "steal"]);
  });

  it("tell of a loss outside of the step in which it happens, and survive what then is done", async () => {
    const { locks } = await withServer(granted);
    const lock = await held(locks);
    const order: string[] = [];
    lock.signal.addEventListener("abort", () => {
      order.push("abort");
      locks.ended(new ConnectionLostError("closed by the listener"));
    });
    locks.disconnected(new ConnectionLostError("gone"));
    order.push("step done");
    await settle();
    assert.deepEqual(order, ["step done", "abort"]);
    await assert.rejects(lock.acquired({}), /closed by the listener/);
    assert.deepEqual(locks.status, []);
  });

  it("do not wait for ever for a server that does not confirm a release", async () => {
    const { locks } = await withServer({ ...granted, unlock: () => undefined });
    const lock = await held(locks);
    await lock.release();
    assert.ok(!lock.held && lock.signal.aborted);
  });
});
