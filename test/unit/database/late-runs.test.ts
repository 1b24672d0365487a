import assert from "node:assert/strict";
import { UnconfirmedError } from "../../../lib/database/index.ts";
import { everyRow, updateOp } from "../../../lib/ovsdb/index.ts";
import { OutcomeUnknownError } from "../../../lib/session/index.ts";
import { nowServedBy } from "../session/fake-server.ts";
import { again, failed, first, isWrite, leader, relay, served } from "./served.ts";
import { northboundWith, success, uuidA } from "./support.ts";

const found = [{ rows: [{ _uuid: ["uuid", uuidA] }] }, {}];
const nothing = [{ rows: [] }, {}];

/** A transaction whose server may still carry out one of its runs, and that has run again. */
describe("a transaction with a run that may come late", () => {
  it("is unknown when a later run was refused and the row is there: it may be of either", async () => {
    let writes = 0;
    const { nb } = await served(relay, (operations, reply, server) => {
      if (!isWrite(operations)) {
        reply(writes === 3 ? found : nothing);
        return;
      }
      writes += 1;
      if (writes === 1) server.connection.hangUp();
      else reply(failed(operations, "wait", "timed out", writes === 2 ? first : again));
    });
    let runs = 0;
    const call = nb.transact((tx) => {
      tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
      runs += 1;
      tx.insert("Logical_Switch", { name: `new${runs}` });
    });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof OutcomeUnknownError, String(error));
      assert.match(error.message, /^one of several runs/);
      return true;
    });
    assert.deepEqual([runs, writes], [2, 3]);
    await nb.close();
  });

  it("is that run when another server did not know of it, and the row is there in the end", async () => {
    let writes = 0;
    const { nb } = await served(leader, (operations, reply, server) => {
      if (isWrite(operations)) {
        writes += 1;
        if (writes === 1) reply(failed(operations, "wait", "timed out", again));
        else reply(failed(operations, "insert", "duplicate uuid", ""));
      } else if (server.connections.length === 1) {
        nowServedBy(server.connection, { modify: { leader: false } });
      } else reply(success(operations));
    });
    let runs = 0;
    const result = await nb.transact((tx) => {
      tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
      runs += 1;
      tx.insert("Logical_Switch", { name: `new${runs}` });
      return runs;
    });
    assert.deepEqual([result.settled, result.value, result.attempts, runs], [true, 1, 1, 2]);
    await nb.close();
  });

  it("is looked for by the rows of all of its runs before it runs once more", async () => {
    let writes = 0;
    const { nb } = await served(relay, (operations, reply, server) => {
      if (!isWrite(operations)) {
        reply(writes === 4 && operations[0]?.["table"] === "Port_Group" ? found : nothing);
        return;
      }
      writes += 1;
      // Each run is lost, not there, and refused when it is sent again.
      if (writes % 2 === 1) server.connection.hangUp();
      else reply(failed(operations, "wait", "timed out", first));
    });
    let runs = 0;
    const call = nb.transact(
      (tx) => {
        tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
        runs += 1;
        tx.insert(runs === 1 ? "Logical_Switch" : "Port_Group", { name: "new" });
      },
      { timeout: 30_000 },
    );
    await assert.rejects(call, OutcomeUnknownError);
    assert.deepEqual([runs, writes], [2, 4]);
    await nb.close();
  });

  for (const answered of [true, false]) {
    it(`is looked for once more when the connection goes ${answered ? "right behind" : "before"} the answer, and then runs again once`, async () => {
      let [writes, looks] = [0, 0];
      const { nb } = await served(relay, (operations, reply, server) => {
        if (isWrite(operations)) {
          writes += 1;
          // The first is lost, not there, and refused when it is sent again.
          if (writes === 1) server.connection.hangUp();
          else reply(writes === 2 ? failed(operations, "wait", "timed out", first) : success(operations));
          return;
        }
        looks += 1;
        if (looks !== 2 || answered) reply(nothing);
        if (looks === 2) server.connection.hangUp();
      });
      let runs = 0;
      const { attempts } = await nb.transact((tx) => {
        runs += 1;
        tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
        tx.insert("Logical_Switch", { name: "new" });
      });
      assert.deepEqual([runs, attempts, writes, looks], [2, 3, 3, 3]);
      await nb.close();
    });
  }

  it("has none where the server led all the time: a second run is done when the server complains of its row", async () => {
    const { nb, asked } = await served(leader, (operations, reply) => {
      if (!isWrite(operations)) reply(success(operations));
      else if (asked.length === 1) reply(failed(operations, "wait", "timed out", again));
      else reply(failed(operations, "insert", "duplicate uuid", ""));
    });
    let runs = 0;
    const result = await nb.transact((tx) => {
      const [sw] = nb.tables.Logical_Switch;
      assert.ok(sw !== undefined);
      tx.verify(sw, "external_ids");
      runs += 1;
      if (runs === 1) tx.setKeys(sw, "external_ids", { n: "2" });
      else tx.insert("Logical_Switch", { name: "new" });
    });
    assert.deepEqual([result.settled, result.attempts], [true, 2]);
    await nb.close();
  });

  it("is not told which run it was where the outcome of an idempotent one stayed unknown", async () => {
    let writes = 0;
    const { nb } = await served(
      relay,
      (operations, reply, server) => {
        if (isWrite(operations)) {
          writes += 1;
          if (writes === 1) server.connection.hangUp();
          else reply(failed(operations, "insert", "duplicate uuid", ""));
        } else {
          const { id = null } = server.connection.asked.at(-1) ?? {};
          server.connection.say({ id, error: "no" });
        }
      },
      false,
    );
    let runs = 0;
    const call = nb.transact(
      (tx) => {
        runs += 1;
        tx.insert("Logical_Switch", { name: `new${runs}` });
      },
      { idempotent: true },
    );
    await assert.rejects(call, /one of several runs/);
    assert.deepEqual([runs, writes], [2, 2]);
    await nb.close();
  });

  it("is said to be committed where an idempotent one was, in a later run, and its confirmation did not come", async () => {
    const global = { NB_Global: { [uuidA]: { initial: { nb_cfg: 1 } } } };
    const stop = new AbortController();
    const { nb, sent } = await northboundWith(
      global,
      (operations, server, reply) => {
        if (sent.length === 1) {
          server.connection.hangUp();
          return;
        }
        reply(
          operations.flatMap((one) => (one.op === "select" ? { rows: [{ nb_cfg: 2 }] } : success([one]))),
        );
        setImmediate(() => stop.abort());
      },
      { minBackoff: 1, maxBackoff: 2 },
    );
    const call = nb.transact((tx) => tx.raw(updateOp("NB_Global", everyRow, { name: "x" })), {
      wait: "sb",
      idempotent: true,
      signal: stop.signal,
    });
    await assert.rejects(call, UnconfirmedError);
    assert.equal(sent.length, 2);
    await nb.close();
  });
});
