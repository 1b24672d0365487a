import assert from "node:assert/strict";
import { type Json, ProtocolError, RpcError } from "../../../lib/jsonrpc/index.ts";
import type { RowUpdate } from "../../../lib/ovsdb/index.ts";
import { OutcomeUnknownError, type Session } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import type { Asked, FakeServer } from "./fake-server.ts";
import { nothing, open, serverWith, settle, type Told, transacting, uuid } from "./support.ts";

const monitor = "ovn-northbound";

function said(columns: Json): Json {
  return { id: null, method: "update3", params: [monitor, uuid, { T: { [uuid]: columns } }] };
}

const change = (name: string): Json => said({ modify: { name } });

/** What updates said, in short. */
function names(updates: readonly (readonly RowUpdate[])[]): unknown[] {
  return updates.map(([row]) => row?.text ?? row?.columns ?? row?.kind);
}

describe("updates that come while a call is under way", () => {
  /** A session whose owner lets updates wait, on a server that says these before each reply. */
  async function live(
    before: (asked: Asked) => readonly Json[],
    mayWait: () => boolean = () => true,
  ): Promise<{ readonly server: FakeServer; readonly session: Session; readonly told: Told }> {
    const server = serverWith(
      transacting((asked) =>
        asked.connection.say(...before(asked), { id: asked.id, result: [], error: null }),
      ),
    );
    const { session, told } = open(server, {}, undefined, undefined, mayWait);
    return { server, session: await session, told };
  }

  it("wait until somebody asks, and keep their order", async () => {
    const { session, told } = await live(() => [change("a"), change("b")]);
    await session.transact(nothing, { timeout: 30_000 });
    assert.deepEqual(told.updates, []);
    assert.equal(session.counters.rowsReceived, 0);
    session.updates.catchUp();
    assert.deepEqual(names(told.updates), ['{"name":"a"}', '{"name":"b"}']);
    assert.equal(session.counters.rowsReceived, 2);
    session.updates.catchUp();
    assert.equal(told.updates.length, 2);
    session.close();
  });

  it("wait whatever their size when they are alone, and with others only as long as all of them are small", async () => {
    const large = change("a".repeat(1024 * 1024));
    const alone = await live(() => [large]);
    await alone.session.transact(nothing, { timeout: 30_000 });
    assert.equal(alone.told.updates.length, 0);
    alone.session.updates.catchUp();
    assert.equal(alone.told.updates.length, 1);
    // What is taken in counts no more.
    const small = await live(() => [change("a"), change("b")]);
    alone.server.script = small.server.script;
    await alone.session.transact(nothing, { timeout: 30_000 });
    assert.equal(alone.told.updates.length, 1);
    alone.session.close();
    small.session.close();
    const together = await live(() => [change("a"), large]);
    await together.session.transact(nothing, { timeout: 30_000 });
    assert.equal(together.told.updates.length, 2);
    together.session.close();
  });

  it("come by themselves when nobody asks", async () => {
    const { session, told } = await live(() => [change("a")]);
    await session.transact(nothing, { timeout: 30_000 });
    await waitFor(() => told.updates.length === 1);
    session.close();
  });

  it("come when the next transaction was sent", async () => {
    const { server, session, told } = await live(() => [change("a")]);
    await session.transact(nothing, { timeout: 30_000 });
    server.script = { ...server.script, ...transacting(() => undefined) };
    const sent = server.methods.length;
    const next = assert.rejects(session.transact(nothing, { timeout: 500 }), OutcomeUnknownError);
    assert.deepEqual([server.methods.length, told.updates.length], [sent + 1, 0]);
    await settle();
    assert.equal(told.updates.length, 1);
    session.close();
    await next;
  });

  it("do not wait where the owner does not let them, or where no call is under way", async () => {
    const heeded = await live(
      () => [change("a")],
      () => false,
    );
    await heeded.session.transact(nothing, { timeout: 30_000 });
    assert.equal(heeded.told.updates.length, 1);
    heeded.session.close();
    const idle = await live(() => []);
    idle.server.connection.say(change("a"));
    assert.equal(idle.told.updates.length, 1);
    idle.session.close();
    const busy = await live(() => [change("a")]);
    const calls = Array.from({ length: 6 }, () => busy.session.transact(nothing, { timeout: 30_000 }));
    await calls[1];
    // Those before the replies to the first two calls, with six and five under way.
    assert.equal(busy.told.updates.length, 2);
    await Promise.all(calls);
    busy.session.close();
  });

  it("are told before one that cannot wait, and before the connection is lost", async () => {
    // What is not ASCII is parsed at once.
    const { server, session, told } = await live(() => [change("a"), change("ä"), change("b")]);
    await session.transact(nothing, { timeout: 30_000 });
    assert.deepEqual(names(told.updates), ['{"name":"a"}', { name: "ä" }]);
    server.connection.hangUp();
    assert.equal(names(told.updates)[2], '{"name":"b"}');
    assert.deepEqual(told.events.slice(-2), ["update", "end"]);
  });

  it("are told before all is read anew, as when the server refuses conditions", async () => {
    const { server, session, told } = await live(() => []);
    const monitor_cond_change = ({ id, connection }: Asked): void =>
      connection.say(change("a"), { id, error: "no" });
    server.script = { ...server.script, monitor_cond_change };
    const conditions = { T: { where: [["name", "==", "a"]] } } as const;
    await assert.rejects(session.changeConditions(conditions), RpcError);
    assert.deepEqual(told.events.slice(-2), ["update", "lost"]);
    session.close();
  });

  it("are told before the session is closed", async () => {
    const { session, told } = await live(() => [change("a")]);
    await session.transact(nothing, { timeout: 30_000 });
    session.close();
    assert.deepEqual(told.events.slice(-2), ["update", "end"]);
  });

  it("are parsed as a whole where they are not written as ovsdb-server does", async () => {
    const server = serverWith(
      transacting((asked) => {
        const text = JSON.stringify(change("a")).replace('{"modify":', '{ "modify":');
        asked.connection.sayText(`${text}${JSON.stringify({ id: asked.id, result: [], error: null })}`);
      }),
    );
    const { session, told } = open(server, {}, undefined, undefined, () => true);
    const opened = await session;
    await opened.transact(nothing, { timeout: 30_000 });
    opened.updates.catchUp();
    assert.deepEqual(told.updates, [[{ table: "T", uuid, kind: "modify", columns: { name: "a" } }]]);
    opened.close();
  });

  it("end the session when they are no updates, and those behind them are not told", async () => {
    for (const wrong of [{ T: 5 }, { T: { [uuid]: { insert: { name: "a" }, other: 5 } } }]) {
      const message = { id: null, method: "update3", params: [monitor, uuid, wrong] };
      const { session, told } = await live(() => [change("a"), message, change("b")]);
      await session.transact(nothing, { timeout: 30_000 });
      session.updates.catchUp();
      assert.deepEqual(names(told.updates), ['{"name":"a"}']);
      assert.ok(told.ends[0] instanceof ProtocolError);
      assert.equal(session.counters.impossibleUpdates, 1);
    }
    // Also where the one behind it cannot wait, and has the others taken in.
    const { session, told } = await live(() => [said({ insert: {}, other: 5 }), change("ä")]);
    await session.transact(nothing, { timeout: 30_000 }).catch(() => undefined);
    assert.deepEqual([told.updates, told.ends.length], [[], 1]);
  });

  it("end it when they are no JSON, as any such message does", async () => {
    const server = serverWith(
      transacting((asked) => {
        const text = JSON.stringify(change("a")).replace(/\{"T":.*(?=\]\})/, '{"T":{x}}');
        const behind = [change("b"), { id: asked.id, result: [], error: null }].map((one) =>
          JSON.stringify(one),
        );
        asked.connection.sayText([text, ...behind].join(""));
      }),
    );
    const { session, told } = open(server, {}, undefined, undefined, () => true);
    const opened = await session;
    await opened.transact(nothing, { timeout: 30_000 });
    opened.updates.catchUp();
    assert.deepEqual(told.updates, []);
    assert.ok(told.ends[0] instanceof ProtocolError);
    assert.equal(opened.counters.impossibleUpdates, 0);
  });

  it("end it also when a member at their end makes requests of them", async () => {
    const server = serverWith(
      transacting((asked) => asked.connection.sayText(`${JSON.stringify(change("a")).slice(0, -1)},"id":7}`)),
    );
    const { session, told } = open(server, {}, undefined, undefined, () => true);
    const opened = await session;
    await assert.rejects(opened.transact(nothing, { timeout: 30_000 }), OutcomeUnknownError);
    assert.ok(told.ends[0] instanceof ProtocolError);
  });

  it("tell whether a row may have gone by them", async () => {
    const messages = [change("a"), change('"delete":null'), said({ delete: null })];
    const { session } = await live(() => [messages.shift() ?? null]);
    for (const deletes of [false, false, true]) {
      await session.transact(nothing, { timeout: 30_000 });
      assert.equal(session.updates.deletes, deletes);
    }
    session.updates.catchUp();
    assert.equal(session.updates.deletes, false);
    session.close();
  });
});
