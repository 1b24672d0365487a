import assert from "node:assert/strict";
import {
  ClosedError,
  ConnectionLostError,
  Peer,
  RpcError,
  TimeoutError,
} from "../../../lib/jsonrpc/index.ts";
import { commentOp, WrittenOperations } from "../../../lib/ovsdb/index.ts";
import { type Alarm, Alarms } from "../../../lib/session/alarms.ts";
import { OutcomeUnknownError } from "../../../lib/session/index.ts";
import { sendTransact } from "../../../lib/session/transact.ts";
import { waitFor } from "../../support/index.ts";
import { type FakeServer, type Script, servedBy } from "./fake-server.ts";
import { nothing, open, serverWith, settle, transacting } from "./support.ts";

/** A server that keeps transactions waiting, and does something when asked to cancel. */
function waiting(onCancel: Script[string] = () => undefined): FakeServer {
  return serverWith({ ...transacting(() => undefined), cancel: onCancel });
}

function askedToCancel(server: FakeServer): number {
  return server.methods.filter((method) => method === "cancel").length;
}

/** Answers the one transaction that waits. */
function answer(server: FakeServer, how: "result" | "canceled"): void {
  const { id } = server.connection.asked.filter(({ method }) => method === "transact").at(-1) ?? {};
  if (id === undefined) throw new Error("no transaction");
  server.connection.say(how === "result" ? { id, result: [{ count: 1 }] } : { id, error: "canceled" });
}

/** Rings when it is told to, whatever the time. */
class RungByHand extends Alarms {
  /** Milliseconds from the setting of each alarm to its time. */
  readonly ahead: number[] = [];
  #latest: Alarm | undefined;

  override set(alarm: Alarm): void {
    this.#latest = alarm;
    this.ahead.push(alarm.at - performance.now());
  }

  ring(): void {
    this.#latest?.ring();
  }
}

const stops: readonly (readonly [string, (reason: Error) => { timeout: number; signal?: AbortSignal }])[] = [
  ["a timeout", () => ({ timeout: 20 })],
  [
    "an abort",
    (reason) => {
      const controller = new AbortController();
      setImmediate(() => setImmediate(() => controller.abort(reason)));
      return { timeout: 30_000, signal: controller.signal };
    },
  ],
];

describe("Session.transact", () => {
  for (const [what, stop] of stops) {
    const reason = new Error("stop");
    const isReason = (error: unknown): boolean => error === reason || error instanceof TimeoutError;

    it(`after ${what}, gives the reply that comes all the same`, async () => {
      const server = waiting(() => answer(server, "result"));
      const session = await open(server).session;
      assert.deepEqual(await session.transact(nothing, stop(reason)), [{ count: 1 }]);
      assert.equal(askedToCancel(server), 1);
      session.close();
    });

    it(`after ${what}, throws the reason when the server has cancelled`, async () => {
      const server = waiting(() => answer(server, "canceled"));
      const session = await open(server).session;
      await assert.rejects(session.transact(nothing, stop(reason)), isReason);
      assert.equal(session.state, "live");
      session.close();
    });

    it(`after ${what}, does not know when a member of a cluster has cancelled`, async () => {
      const server = waiting(() => answer(server, "canceled"));
      const member = servedBy({ name: "D", model: "clustered", connected: true, leader: true });
      server.script = { ...server.script, monitor_cond: member };
      const session = await open(server).session;
      await assert.rejects(
        session.transact(nothing, stop(reason)),
        (error) => error instanceof OutcomeUnknownError && !error.lost && isReason(error.cause),
      );
      session.close();
    });

    it(`after ${what}, does not know when the server says nothing, and survives a late reply`, async () => {
      const server = waiting();
      const session = await open(server).session;
      await assert.rejects(session.transact(nothing, stop(reason)), (error) => {
        assert.ok(error instanceof OutcomeUnknownError && isReason(error.cause) && !error.retryable);
        return true;
      });
      answer(server, "result");
      assert.equal(session.state, "live");
      session.close();
    });
  }

  it("takes the wait for the reply to a cancel out of the timeout: a quarter of it, and a second at most", async () => {
    for (const [timeout, first, second] of [
      [200, 150, 50],
      [60_000, 59_000, 1_000],
    ] as const) {
      const transport = { writableLength: 0, start: () => {}, send: () => {}, close: () => {} };
      const peer = new Peer(transport, { onNotification: () => {}, onClose: () => {} });
      const alarms = new RungByHand();
      const server = { remote: "unix:/x", isAlone: true, reign: 0 };
      const call = sendTransact({ peer, server, alarms }, "D", nothing, { timeout });
      alarms.ring();
      alarms.ring();
      await assert.rejects(call, OutcomeUnknownError);
      // The clock goes on between, on a busy machine by more: they are set a little less far ahead, and never further.
      const [one = 0, two = 0] = alarms.ahead;
      assert.ok(one <= first && two <= second, `${one} and ${two} ms`);
      assert.equal(alarms.ahead.length, 2);
    }
  });

  it("is given up once, for the first reason", async () => {
    const server = waiting();
    const session = await open(server).session;
    const controller = new AbortController();
    const { signal } = controller;
    const call = session.transact(nothing, { timeout: 400, signal });
    const failed = assert.rejects(call, ({ cause }) => cause instanceof TimeoutError);
    await waitFor(() => askedToCancel(server) === 1);
    controller.abort();
    await failed;
    assert.equal(askedToCancel(server), 1);
    session.close();
  });

  it("cancels the transaction that was given up, and no other", async () => {
    const server = waiting();
    const session = await open(server).session;
    const first = session.transact(WrittenOperations.of([commentOp("1")]), { timeout: 30_000 });
    const controller = new AbortController();
    const second = session.transact(WrittenOperations.of([commentOp("2")]), {
      timeout: 30_000,
      signal: controller.signal,
    });
    await settle();
    controller.abort();
    await waitFor(() => askedToCancel(server) === 1);
    const [one, two] = server.connection.asked.filter(
      ({ method, params }) => method === "transact" && params[0] === "D",
    );
    const cancel = server.connection.asked.find(({ method }) => method === "cancel");
    assert.deepEqual(cancel?.params, [two?.id]);
    two?.refuse("canceled");
    one?.reply([]);
    await assert.rejects(second, { name: "AbortError" });
    assert.deepEqual(await first, []);
    session.close();
  });

  it("sends nothing when the signal has aborted already", async () => {
    const server = waiting();
    const session = await open(server).session;
    const before = server.methods.length;
    const call = session.transact(nothing, { timeout: 30_000, signal: AbortSignal.abort(new Error("no")) });
    await assert.rejects(call, /no/);
    assert.equal(server.methods.length, before);
    session.close();
  });

  it("does not know the outcome when the connection ends first, whoever ends it", async () => {
    for (const [end, cause] of [
      [(server: FakeServer) => server.connection.hangUp(), ConnectionLostError],
      [(_: FakeServer, close: () => void) => close(), ClosedError],
    ] as const) {
      const server = waiting();
      const session = await open(server).session;
      const call = session.transact(nothing, { timeout: 30_000 });
      end(server, () => session.close());
      await assert.rejects(
        call,
        (error) => error instanceof OutcomeUnknownError && error.cause instanceof cause,
      );
    }
  });

  it("does not know the outcome when a member of a cluster gives a transaction up by itself", async () => {
    const server = serverWith({
      transact: (asked) => asked.refuse("canceled"),
      monitor_cond: servedBy({ name: "D", model: "clustered", connected: true, leader: true }),
    });
    const session = await open(server).session;
    await assert.rejects(
      session.transact(nothing, { timeout: 30_000 }),
      (error) => error instanceof OutcomeUnknownError && error.lost,
    );
    session.close();
  });

  it("throws what it is when a server gives one up that has no word for being alone, as those before 2.9", async () => {
    const server = serverWith({
      transact: (asked) => asked.refuse("canceled"),
      monitor_cond: (asked) => asked.refuse("unknown database"),
    });
    const session = await open(server).session;
    await assert.rejects(session.transact(nothing, { timeout: 30_000 }), RpcError);
    session.close();
  });

  it("throws an error reply as it is: nothing was done", async () => {
    const session = await open(
      serverWith(transacting((asked) => asked.refuse({ error: "unknown database" }))),
    ).session;
    await assert.rejects(session.transact(nothing, { timeout: 30_000 }), RpcError);
    session.close();
  });

  it("may be called a thousand times with one signal, without a warning and without a listener left", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warned);
    const controller = new AbortController();
    const session = await open(serverWith(transacting((asked) => asked.reply([]))), {
      signal: controller.signal,
    }).session;
    const { signal } = controller;
    await Promise.all(
      Array.from({ length: 1_000 }, () => session.transact(nothing, { timeout: 30_000, signal })),
    );
    await settle();
    process.off("warning", warned);
    assert.deepEqual(warnings, []);
    session.close();
  });

  it("ends them all by that signal", async () => {
    const server = waiting(() => undefined);
    const session = await open(server).session;
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 50 }, () => session.transact(nothing, { timeout: 30_000, signal }));
    await settle();
    controller.abort(new Error("all"));
    await settle();
    assert.equal(askedToCancel(server), 50);
    session.close();
    for (const call of await Promise.allSettled(calls)) assert.equal(call.status, "rejected");
  });

  it("leaves nothing behind when that signal is the one that ends the session, too", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const session = await open(waiting(), { signal }).session;
    const call = session.transact(nothing, { timeout: 30_000, signal });
    await settle();
    controller.abort(new Error("all"));
    await assert.rejects(call, OutcomeUnknownError);
    assert.equal(session.details.pending, 0);
  });

  it("has no limit of time with Infinity", async () => {
    const server = waiting();
    const session = await open(server).session;
    const call = session.transact(nothing, { timeout: Number.POSITIVE_INFINITY });
    await settle();
    answer(server, "result");
    assert.deepEqual(await call, [{ count: 1 }]);
    assert.equal(askedToCancel(server), 0);
    session.close();
  });
});
