import assert from "node:assert/strict";
import type { ChangeBatch, ChangeOf } from "../../../lib/database/index.ts";
import { ClosedError, ConnectionLostError, type Json, TimeoutError } from "../../../lib/jsonrpc/index.ts";
import { type DatabaseSchema, schemaToJson } from "../../../lib/ovsdb/index.ts";
import { type NorthboundTables, northbound } from "../../../lib/schemas/index.ts";
import { NotSyncedError, OutcomeUnknownError } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import { standalone } from "../session/fake-server.ts";
import { northboundWith, success, update, uuidA, uuidB, uuidC } from "./support.ts";

type Batch = ChangeBatch<ChangeOf<NorthboundTables, "Logical_Switch">>;

const again = { reconnect: true, minBackoff: 1, maxBackoff: 2 };
const rows = (names: { readonly [uuid: string]: string }): Json => ({
  Logical_Switch: Object.fromEntries(
    Object.entries(names).map(([uuid, name]) => [uuid, { initial: { name } }]),
  ),
});

describe("a Database after a lost connection", () => {
  const opened: AsyncDisposable[] = [];

  // A test that fails must not leave a handle that dials for ever.
  afterEach(() => Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]())));

  async function openNorthbound(
    ...given: Parameters<typeof northboundWith>
  ): ReturnType<typeof northboundWith> {
    const made = await northboundWith(...given);
    opened.push(made.nb);
    return made;
  }

  it("ends a loop over rows in which somebody waits, and gives it no rows of the past", async () => {
    const { nb, server } = await openNorthbound(rows({ [uuidA]: "a", [uuidB]: "b" }), undefined, again);
    const [early, late, over] = [1, 2, 3].map(() => nb.tables.Logical_Switch[Symbol.iterator]());
    assert.ok(early !== undefined && late !== undefined && over !== undefined);
    for (const iterator of [early, late, over]) assert.equal(iterator.next().value?.name, "a");
    server.connection.hangUp();
    assert.throws(() => early.next(), NotSyncedError);
    await nb.synced();
    assert.throws(() => late.next(), NotSyncedError);
    await nb.close();
    assert.throws(() => over.next(), ClosedError);
  });

  it("tells the true difference, deletions included, as one batch, and untouched rows not at all", async () => {
    const { nb, server } = await openNorthbound(rows({ [uuidA]: "a", [uuidB]: "b" }), undefined, again);
    const changes = nb.changes(["Logical_Switch"]);
    update(server, { Logical_Switch: { [uuidA]: { modify: { name: "a2" } } } });
    server.script = { ...server.script, ...standalone(northbound, rows({ [uuidA]: "a3", [uuidC]: "c" })) };
    server.connection.hangUp();
    assert.throws(
      () => nb.tables.Logical_Switch.size,
      (error) => error instanceof NotSyncedError && error.cause instanceof ConnectionLostError,
    );
    await nb.synced();
    assert.deepEqual(
      nb.tables.Logical_Switch.find({}).map(({ name }) => name),
      ["a3", "c"],
    );
    assert.equal((await changes.next()).value?.cause, "update");
    const { value }: IteratorResult<Batch, undefined> = await changes.next();
    assert.equal(value?.cause, "resync");
    assert.deepEqual(
      value?.rows.map(({ kind, old, new: next, columns }) => [kind, old?.["name"], next?.["name"], columns]),
      [
        ["delete", "b", undefined, []],
        ["modify", "a2", "a3", ["name"]],
        ["insert", undefined, "c", []],
      ],
    );
  });

  it("says nothing to readers of changes when nothing changed", async () => {
    const { nb, server } = await openNorthbound(rows({ [uuidA]: "a" }), undefined, again);
    const next = nb.changes().next();
    server.connection.hangUp();
    await nb.synced();
    update(server, { Logical_Switch: { [uuidA]: { modify: { name: "later" } } } });
    assert.equal((await next).value?.cause, "update");
  });

  it("merges what a slow reader has not read with a difference to a changed schema", async () => {
    const { nb, server } = await openNorthbound(rows({ [uuidA]: "a" }), undefined, again);
    const changes = nb.changes(["Logical_Switch"]);
    for (let turn = 0; turn < 600; turn += 1) {
      update(server, { Logical_Switch: { [uuidA]: { modify: { name: `a${turn}` } } } });
    }
    const { Logical_Switch: table } = northbound.tables;
    assert.ok(table !== undefined);
    // What was a map is a text now: the old row is shown as the new schema would have it.
    const other_config = { key: { type: "string" }, min: 1, max: 1 } as const;
    const moved: DatabaseSchema = {
      ...northbound,
      tables: {
        ...northbound.tables,
        Logical_Switch: { ...table, columns: { ...table.columns, other_config } },
      },
    };
    server.script = { ...server.script, ...standalone(moved, rows({ [uuidA]: "end" })) };
    server.script = { ...server.script, get_schema: (asked) => asked.reply(schemaToJson(moved)) };
    server.connection.notify("monitor_canceled", "ovn-northbound");
    await nb.synced();
    const { value } = await changes.next();
    assert.equal(value?.cause, "coalesced");
    const [change] = value.rows;
    assert.equal(change?.old?.["other_config"], "");
    assert.deepEqual([change?.old?.["name"], change?.new?.["name"], change?.columns], ["a", "end", ["name"]]);
  });

  it("lets until() and transact() wait for the connection, within their time", async () => {
    const { nb, server, sent } = await openNorthbound(
      rows({}),
      (operations, _, reply) => reply(success(operations)),
      again,
    );
    const { transact } = server.script;
    server.script = { set_db_change_aware: ({ connection }) => connection.hangUp() };
    server.connection.hangUp();
    await assert.rejects(nb.synced({ timeout: 5 }), TimeoutError);
    // That it is for want of a connection that nothing came, the error tells.
    await assert.rejects(
      nb.until(() => true, { timeout: 5 }),
      ({ cause }) => cause instanceof NotSyncedError,
    );
    await assert.rejects(
      nb.transact((tx) => tx.comment("no"), { timeout: 5 }),
      TimeoutError,
    );
    const waiting = nb.until(() => nb.tables.Logical_Switch.find({ name: "a" })[0]);
    const written = nb.transact((tx) => tx.comment("yes"));
    server.script = { ...standalone(northbound, rows({ [uuidA]: "a" })), ...(transact && { transact }) };
    assert.equal((await waiting).name, "a");
    assert.equal((await written).attempts, 1);
    assert.deepEqual(
      sent.map((operations) => operations.map(({ op }) => op)),
      [["comment"]],
    );
  });

  it("runs the function of a transaction on a whole replica only, be it lost again at once", async () => {
    const { nb, server } = await openNorthbound(
      rows({ [uuidA]: "a" }),
      (operations, _, reply) => reply(success(operations)),
      again,
    );
    const { script } = server;
    const cancel = (id: string): Json => ({ id: null, method: "monitor_canceled", params: [id] });
    server.script = {
      ...script,
      // In one chunk of bytes, so that nobody gets a turn in between.
      monitor_cond_since: ({ id, connection }) => {
        server.script = script;
        const result = [false, uuidC, rows({ [uuidB]: "b" })];
        connection.say({ id, result, error: null }, cancel("ovn-northbound-1"));
      },
    };
    server.connection.say(cancel("ovn-northbound"));
    let runs = 0;
    const { value } = await nb.transact((tx) => {
      runs += 1;
      tx.insert("Logical_Switch", { name: "x" });
      return nb.tables.Logical_Switch.find({}).map(({ name }) => name);
    });
    assert.deepEqual([value, runs], [["a"], 1]);
  });

  it("runs an asynchronous function again when it outlives the connection, also with a wait", async () => {
    const configuration = { NB_Global: { [uuidA]: { initial: { nb_cfg: 0 } } } };
    const { nb, server, sent } = await openNorthbound(
      configuration,
      (operations, at, reply) => {
        update(at, { NB_Global: { [uuidA]: { modify: { nb_cfg: 1, sb_cfg: 1 } } } });
        const [last] = operations.slice(-1);
        reply(
          operations.flatMap((one) =>
            one === last && one.op === "select" ? { rows: [{ nb_cfg: 1 }] } : success([one]),
          ),
        );
      },
      again,
    );
    let runs = 0;
    const result = await nb.transact(
      async (tx) => {
        runs += 1;
        tx.insert("Logical_Switch", { name: "x" });
        if (runs === 1) server.connection.hangUp();
        await new Promise((resolve) => setImmediate(resolve));
      },
      { wait: "sb", timeout: 30_000 },
    );
    assert.deepEqual([runs, sent.length, result.attempts], [2, 1, 2]);
  });

  it("sends nothing twice while it cannot ask what became of a write", async () => {
    const stop = new AbortController();
    const { nb, sent } = await openNorthbound(
      rows({}),
      (_, { connection }) => {
        if (sent.length === 4) stop.abort();
        connection.hangUp();
      },
      again,
    );
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "a" }), { signal: stop.signal }),
      OutcomeUnknownError,
    );
    assert.deepEqual(
      sent.map((operations) => operations.map(({ op }) => op).join()),
      ["insert", "select", "select", "select"],
    );
  });

  it("throws at every read while it dials again after a server that hung up with its snapshot", async () => {
    const { nb, server } = await openNorthbound(rows({ [uuidA]: "a" }), undefined, again);
    const { monitor_cond_since: answer } = server.script;
    let asked = 0;
    server.script = {
      ...server.script,
      monitor_cond_since: (request) => {
        asked += 1;
        answer?.(request);
        request.connection.hangUp();
        server.script = { set_db_change_aware: ({ connection }) => connection.hangUp() };
      },
    };
    server.connection.hangUp();
    await waitFor(() => asked === 1 && server.connections.length > 3);
    assert.throws(() => nb.tables.Logical_Switch.size, NotSyncedError);
    server.script = standalone(northbound, rows({ [uuidA]: "a" }));
    await nb.synced({ timeout: 30_000 });
    assert.equal(nb.tables.Logical_Switch.size, 1);
  });

  it("ends what waits when it is closed meanwhile", async () => {
    const { nb, server } = await openNorthbound(rows({}), undefined, again);
    server.script = {};
    server.connection.hangUp();
    const calls = [nb.synced(), nb.until(() => true), nb.transact((tx) => tx.comment("x"))];
    const ended = Promise.allSettled(calls);
    await nb.close();
    for (const call of await ended)
      assert.ok(call.status === "rejected" && call.reason instanceof ClosedError);
    await assert.rejects(nb.synced(), ClosedError);
  });
});
