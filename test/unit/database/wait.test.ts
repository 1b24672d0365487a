import assert from "node:assert/strict";
import { Database, UnconfirmedError } from "../../../lib/database/index.ts";
import { ConnectionLostError, type Json, TimeoutError, UsageError } from "../../../lib/jsonrpc/index.ts";
import { ConstraintError } from "../../../lib/ovsdb/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { OutcomeUnknownError } from "../../../lib/session/index.ts";
import { Clock } from "../../support/clock.ts";
import { waitFor } from "../../support/index.ts";
import { type Script, standalone } from "../session/fake-server.ts";
import { settle } from "../session/support.ts";
import { northboundWith, type Sent, success, update, uuidA, uuidB } from "./support.ts";

const global = (columns: object) => ({ NB_Global: { [uuidA]: { initial: columns } } }) as never;
const counted = (operations: Sent, counter: number) =>
  operations.map(({ op }) =>
    op === "select" ? { rows: [{ nb_cfg: counter }] } : op === "wait" ? {} : { count: 1 },
  );

/** The answer of a server whose rows are these when it is asked next. */
const initially = (rows: Json): Script => {
  const { monitor_cond_since: answer } = standalone(northbound, rows);
  return answer === undefined ? {} : { monitor_cond_since: answer };
};

describe("a transaction's time", () => {
  it("is the connection's requestTimeout where the call says nothing else", async () => {
    const { nb, sent } = await northboundWith({}, undefined, { requestTimeout: 60 });
    const insert = (options?: { timeout: number }) =>
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "never answered" }), options);
    const long = insert({ timeout: 60_000 });
    const outcome = assert.rejects(long, OutcomeUnknownError);
    await assert.rejects(insert(), OutcomeUnknownError);
    assert.equal(sent.length, 2);
    assert.equal(nb.status().pendingTransactions, 1, "the other one has more time");
    await nb.close();
    await outcome;
  });
});

describe("transact with wait", () => {
  for (const wait of ["SB", "true", true, null]) {
    it(`refuses to wait for ${JSON.stringify(wait)}, before the function runs`, async () => {
      const { nb, sent } = await northboundWith(global({ nb_cfg: 1, sb_cfg: 1 }));
      const call = nb.transact(() => assert.fail("it runs"), { wait: wait as never });
      await assert.rejects(call, (error) => error instanceof UsageError && /^wait: /.test(error.message));
      assert.deepEqual(sent, []);
      await nb.close();
    });
  }

  it("waits for its own step, not for one that another client made first", async () => {
    const { nb, server } = await northboundWith(global({ nb_cfg: 5, sb_cfg: 5 }), (operations, _, reply) => {
      // Somebody has made 6 of it meanwhile, of which this client learns in the update before its reply.
      update(server, { NB_Global: { [uuidA]: { modify: { nb_cfg: 7 } } } });
      reply(counted(operations, 7));
    });
    let done = false;
    const call = nb
      .transact(() => undefined, { wait: "sb" })
      .then(() => {
        done = true;
      });
    await settle();
    update(server, { NB_Global: { [uuidA]: { modify: { sb_cfg: 6 } } } });
    await settle();
    assert.equal(done, false, "6 is the confirmation of the other's step");
    update(server, { NB_Global: { [uuidA]: { modify: { sb_cfg: 7 } } } });
    await call;
    await nb.close();
  });

  it("waits, where its reply was lost and it was committed, for a confirmation of all up to then", async () => {
    const { nb, server, sent } = await northboundWith(
      global({ nb_cfg: 5, sb_cfg: 5 }),
      (_, { connection }, reply) => {
        if (sent.length > 1) {
          reply([{ rows: [{ _uuid: ["uuid", uuidB] }] }]);
          return;
        }
        server.script = { ...server.script, ...initially(global({ nb_cfg: 6, sb_cfg: 5 })) };
        connection.hangUp();
      },
      { minBackoff: 1, maxBackoff: 2 },
    );
    let isDone = false;
    const call = nb
      .transact((tx) => tx.insert("Logical_Switch", { name: "x" }), { wait: "sb" })
      .then(({ settled }) => {
        isDone = settled;
      });
    await waitFor(() => sent.length === 2);
    await settle();
    assert.equal(isDone, false);
    update(server, { NB_Global: { [uuidA]: { modify: { sb_cfg: 6 } } } });
    await call;
    assert.equal(isDone, true);
    await nb.close();
  });

  it("guards the row whose counter it raises", async () => {
    const { nb, sent } = await northboundWith(global({ nb_cfg: 1, sb_cfg: 9 }), (operations, _, reply) =>
      reply(counted(operations, 2)),
    );
    await nb.transact(() => undefined, { wait: "sb" });
    assert.deepEqual(
      sent[0]?.map(({ op }) => op),
      ["wait", "mutate", "select"],
    );
    await nb.close();
  });

  it("starts the counter anew after the largest integer", async () => {
    const largest = "9223372036854775807";
    const { nb, server, sent } = await northboundWith({}, (operations, _, reply) => {
      update(server, { NB_Global: { [uuidA]: { modify: { nb_cfg: 1 } } } });
      reply(counted(operations, 1));
    });
    server.connection.sayText(
      `{"id":null,"method":"update3","params":["ovn-northbound","x",{"NB_Global":{"${uuidA}":{"insert":{"nb_cfg":${largest},"hv_cfg":${largest}}}}}]}`,
    );
    assert.equal(nb.tables.NB_Global.only().nb_cfg, BigInt(largest));
    let done = false;
    const call = nb
      .transact(() => undefined, { wait: "hv" })
      .then(() => {
        done = true;
      });
    await settle();
    assert.deepEqual(
      sent[0]?.map(({ op }) => op),
      ["wait", "update", "select"],
    );
    assert.equal(done, false, "the old counter is no confirmation of the new one");
    update(server, { NB_Global: { [uuidA]: { modify: { hv_cfg: 1 } } } });
    await call;
    await nb.close();
  });

  it("inserts the row that is missing, and steps it when another client was faster", async () => {
    const { nb, server, sent } = await northboundWith({}, (operations, _, reply) => {
      if (sent.length === 1) {
        update(server, { NB_Global: { [uuidB]: { insert: { nb_cfg: 1, sb_cfg: 1 } } } });
        reply([...(success(operations) as never[]), { error: "constraint violation", details: "maxRows" }]);
      } else {
        update(server, { NB_Global: { [uuidB]: { modify: { nb_cfg: 2, sb_cfg: 2 } } } });
        reply(counted(operations, 2));
      }
    });
    const result = await nb.transact(() => undefined, { wait: "sb" });
    assert.equal(result.attempts, 2);
    assert.deepEqual(
      sent.map((operations) => operations.map(({ op }) => op)),
      [["insert"], ["wait", "mutate", "select"]],
    );
    assert.equal(sent[0]?.[0]?.["uuid"], undefined, "servers that take no chosen uuids have to take this");
    await nb.close();
  });

  it("throws a violated constraint at once that has nothing to do with that row", async () => {
    const violation = { error: "constraint violation", details: "" };
    for (const [isThereNow, results] of [
      [false, (operations: Sent) => [...(success(operations) as Json[]), violation]],
      // Of an operation, where the row may be there once only as a whole.
      [true, () => [violation, null]],
    ] as const) {
      const { nb, sent } = await northboundWith({}, (operations, server, reply) => {
        if (isThereNow) update(server, { NB_Global: { [uuidB]: { insert: { nb_cfg: 1 } } } });
        reply(results(operations));
      });
      await assert.rejects(
        nb.transact((tx) => tx.insert("Logical_Switch", { name: "x" }), { wait: "sb" }),
        ConstraintError,
      );
      assert.equal(sent.length, 1);
      await nb.close();
    }
  });

  const committed = () =>
    northboundWith(global({ nb_cfg: 1 }), (operations, _, reply) => reply(counted(operations, 2)));

  it("says that the transaction was committed when the confirmation does not come in time", async () => {
    using clock = new Clock();
    const { nb } = await committed();
    const failing = assert.rejects(
      nb.transact(() => "what was described", { wait: "sb", timeout: 20_000 }),
      (error) => {
        assert.ok(error instanceof UnconfirmedError && error.cause instanceof TimeoutError);
        assert.match(
          error.message,
          /^the transaction was committed; but ovn-northd's confirmation \(NB_Global\.sb_cfg\) did not come within \d+ ms$/,
        );
        assert.equal(error.result.value, "what was described");
        return true;
      },
    );
    await settle();
    clock.pass(20_000);
    await failing;
    const { committed: done, failed } = nb.status().counters;
    assert.deepEqual([done, failed], [1, 0]);
    await nb.close();
  });

  it("says so too when the signal aborts, or the connection is lost, after the commit", async () => {
    for (const cause of ["signal", "connection"] as const) {
      const { nb, server } = await committed();
      const controller = new AbortController();
      const call = nb.transact(() => undefined, { wait: "hv", signal: controller.signal });
      const failed = assert.rejects(call, (error) => {
        assert.ok(error instanceof UnconfirmedError && !error.retryable);
        assert.ok(error.cause instanceof (cause === "signal" ? DOMException : ConnectionLostError));
        return true;
      });
      await settle();
      if (cause === "signal") controller.abort();
      else server.connection.hangUp();
      await failed;
      await nb.close();
    }
  });

  it("says before anything is sent that the counter is not monitored", async () => {
    const { server } = await northboundWith({});
    for (const tables of [{ Logical_Switch: true }, { NB_Global: ["nb_cfg"] }] as const) {
      const nb = await Database.connect(northbound, "unix:/x", { dial: server.dial, tables });
      const before = server.methods.length;
      await assert.rejects(
        nb.transact(() => undefined, { wait: "sb" }),
        UsageError,
      );
      assert.equal(server.methods.length, before);
      await nb.close();
    }
  });
});
