import assert from "node:assert/strict";
import { RowGoneError } from "../../../lib/database/index.ts";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { ConflictError, type InsertedRow, type Uuid } from "../../../lib/ovsdb/index.ts";
import { NotSyncedError } from "../../../lib/session/index.ts";
import { Clock } from "../../support/clock.ts";
import { northboundWith, success, update, uuidA, uuidB, uuidC } from "./support.ts";

const initial = { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } };

describe("repetition", () => {
  const conflict = (error: string) => [{ error, details: "" }];

  it("runs the function again after a conflict, until the time is over", async () => {
    using clock = new Clock();
    const { nb, sent } = await northboundWith(initial, (_, __, reply) => {
      if (sent.length === 3) clock.pass(60_000);
      reply(conflict("timed out"));
    });
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined);
    let runs = 0;
    await assert.rejects(
      nb.transact(
        (tx) => {
          runs += 1;
          tx.update(sw, { name: "x" });
        },
        { timeout: 60_000 },
      ),
      ConflictError,
    );
    assert.deepEqual([runs, sent.length], [3, 3]);
    await nb.close();
  });

  it("makes no other attempt when little more time is left than the refused one took", async () => {
    using clock = new Clock();
    const { nb, sent } = await northboundWith(initial, (_, __, reply) => {
      clock.pass(10_000);
      reply(conflict("timed out"));
    });
    const call = nb.transact((tx) => tx.insert("Logical_Switch", {}), { timeout: 20_900 });
    await assert.rejects(call, ConflictError);
    assert.equal(sent.length, 1);
    await nb.close();
  });

  it("runs the function again when the server gives a transaction up, as for a new schema", async () => {
    const { nb, sent } = await northboundWith(initial, (operations, server, reply) => {
      const { id = null } = server.connection.asked.at(-1) ?? {};
      if (sent.length === 1) server.connection.say({ id, error: "canceled" });
      else reply(success(operations));
    });
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "x" }));
    assert.deepEqual([result.attempts, sent.length], [2, 2]);
    await nb.close();
  });

  it("gives the rows of each run the same uuids, and takes the handles of that run alone", async () => {
    const { nb, sent } = await northboundWith(initial, (operations, _, reply) =>
      reply(sent.length === 1 ? conflict("timed out") : success(operations)),
    );
    const handles: InsertedRow<"Logical_Switch">[] = [];
    const refused: unknown[] = [];
    const result = await nb.transact((tx) => {
      const [earlier] = handles;
      for (const name of ["x", "y"]) handles.push(tx.insert("Logical_Switch", { name }));
      try {
        if (earlier !== undefined) tx.update(earlier, { name: "z" });
      } catch (error) {
        refused.push(error);
      }
    });
    const uuids = sent.map((operations) => operations.map(({ uuid }) => uuid));
    assert.equal(new Set(uuids.flat()).size, 2);
    assert.deepEqual(uuids[0], uuids[1]);
    assert.ok(refused[0] instanceof UsageError && refused.length === 1);
    const [first, , third] = handles;
    assert.ok(first !== undefined && third !== undefined);
    assert.throws(() => result.uuid(first), UsageError);
    assert.equal(result.uuid(third), third.ref);
    await nb.close();
  });

  it("does not run again for what another handle cannot read", async () => {
    const { nb } = await northboundWith(initial);
    let runs = 0;
    const other = new NotSyncedError("the other one is not whole");
    for (const isAsync of [false, true]) {
      const call = nb.transact(() => {
        runs += 1;
        if (isAsync) return Promise.reject(other);
        throw other;
      });
      await assert.rejects(call, (error) => error === other);
    }
    assert.equal(runs, 2);
    await nb.close();
  });

  it("runs before the call returns, while the replica is whole", async () => {
    const { nb } = await northboundWith(initial);
    let runs = 0;
    const call = nb.transact(() => {
      runs += 1;
    });
    assert.equal(runs, 1);
    await call;
    await nb.close();
  });

  it("stops in a pause when the signal aborts", async () => {
    const controller = new AbortController();
    const { nb } = await northboundWith(initial, (_, __, reply) => reply(conflict("timed out")));
    const call = nb.transact((tx) => tx.comment("x"), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await assert.rejects(call, /enough/);
    await nb.close();
  });

  it("lets an asynchronous function look again when a row went while it waited, once", async () => {
    const { nb, server, sent } = await northboundWith(initial);
    const [captured] = nb.tables.Logical_Switch;
    assert.ok(captured !== undefined);
    let runs = 0;
    const result = await nb.transact(async (tx) => {
      runs += 1;
      const [row] = nb.tables.Logical_Switch;
      if (row === undefined) return "gone";
      update(server, { Logical_Switch: { [uuidA]: { delete: null } } });
      await Promise.resolve();
      tx.update(row, { name: "x" });
      return "changed";
    });
    assert.deepEqual([result.value, runs, sent], ["gone", 2, []]);
    const stale = nb.transact(async (tx) => {
      runs += 1;
      tx.update(captured, { name: "x" });
    });
    await assert.rejects(stale, RowGoneError);
    assert.equal(runs, 4);
    await nb.close();
  });

  it("stops when the function keeps choosing a uuid that it can see is taken", async () => {
    const { nb, server, sent } = await northboundWith({}, (_, __, reply) => {
      if (sent.length === 1) update(server, { Logical_Switch: { [uuidC]: { insert: {} } } });
      reply(conflict("duplicate uuid"));
    });
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", {}, { uuid: uuidC })),
      ConflictError,
    );
    assert.equal(sent.length, 2);
    await nb.close();
  });

  for (const [what, isBack] of [
    ["free", false],
    ["free for a moment", true],
  ] as const) {
    it(`goes on when the uuid became ${what} while it ran, and somebody else was faster again`, async () => {
      const there = { Logical_Switch: { [uuidC]: { insert: {} } } };
      const { nb, server, sent } = await northboundWith({}, (operations, _, reply) => {
        if (sent.length === 4) {
          reply(success(operations));
          return;
        }
        if (!isBack || sent.length === 1) update(server, there);
        reply(conflict("duplicate uuid"));
      });
      const result = await nb.transact((tx) => {
        if (sent.length > 0) {
          update(server, { Logical_Switch: { [uuidC]: { delete: null } } });
          assert.equal(nb.tables.Logical_Switch.byUuid(uuidC as Uuid<"Logical_Switch">), undefined);
          if (isBack) update(server, there);
        }
        tx.insert("Logical_Switch", {}, { uuid: uuidC });
      });
      assert.equal(result.attempts, 4);
      await nb.close();
    });
  }

  it("goes on when it chooses another, also one that is taken, too", async () => {
    const { nb, sent } = await northboundWith({}, (operations, server, reply) => {
      const uuid = String(operations[0]?.["uuid"]);
      if (sent.length < 3) update(server, { Logical_Switch: { [uuid]: { insert: {} } } });
      reply(sent.length < 3 ? conflict("duplicate uuid") : success(operations));
    });
    const chosen = [uuidA, uuidB, uuidC];
    const result = await nb.transact((tx) =>
      tx.insert("Logical_Switch", {}, { uuid: chosen.shift() ?? uuidA }),
    );
    assert.deepEqual([result.attempts, result.uuid(result.value)], [3, uuidC]);
    await nb.close();
  });

  it("goes on when what was told meanwhile shows that the connection is lost, as it looks for the row", async () => {
    const impossible = { Logical_Switch: { [uuidA]: { modify: { name: "never there" } } } };
    const { nb, sent } = await northboundWith(
      {},
      (operations, server, reply) => {
        if (server.connections.length > 1) reply(success(operations));
        else if (operations[0]?.op === "insert") {
          // Not taken in before somebody asks, as there is another call under way.
          update(server, impossible);
          reply(conflict("duplicate uuid"));
        }
      },
      { minBackoff: 1, maxBackoff: 2 },
    );
    const unanswered = nb.transact((tx) => tx.comment("x"));
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", {}, { uuid: uuidC }));
    await unanswered;
    assert.equal(result.uuid(result.value), uuidC);
    assert.deepEqual([nb.status().counters.losses, sent.length], [1, 4]);
    await nb.close();
  });

  it("has all of its time after a connection that was lost, however long the reply was waited for", async () => {
    using clock = new Clock();
    const { nb, sent } = await northboundWith(
      initial,
      (operations, { connection }, reply) => {
        if (sent.length > 1) {
          reply(success(operations));
          return;
        }
        clock.pass(40_000);
        connection.hangUp();
      },
      { minBackoff: 1, maxBackoff: 2 },
    );
    const { attempts } = await nb.transact((tx) => tx.comment("x"), { timeout: 60_000 });
    assert.deepEqual([attempts, sent.length], [2, 2]);
    await nb.close();
  });

  it("tells all of its time when that is over in a later attempt", async () => {
    using clock = new Clock();
    const { nb } = await northboundWith(
      initial,
      (_, { connection, connections }) => {
        clock.pass(40_000);
        if (connections.length === 1) connection.hangUp();
      },
      { minBackoff: 1, maxBackoff: 2 },
    );
    const call = nb.transact((tx) => tx.comment("x"), { timeout: 60_000 });
    await assert.rejects(call, { code: "ERR_TIMEOUT", message: /the reply .* within 60000 ms/ });
    await nb.close();
  });

  it("sends nothing when the function has used up the time", async () => {
    const { nb, sent } = await northboundWith(initial);
    const slow = nb.transact(
      async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        tx.comment("late");
      },
      { timeout: 10 },
    );
    await assert.rejects(slow, { code: "ERR_TIMEOUT" });
    assert.deepEqual(sent, []);
    await nb.close();
  });

  it("falls back to named uuids on a server that does not know chosen ones, until the connection is lost", async () => {
    const { nb, server, sent } = await northboundWith(
      initial,
      (operations, _, reply) => {
        const index = operations.findIndex((operation) => operation["uuid"] !== undefined);
        const details = "Parsing ovsdb operation 1 of 1: Member 'uuid' is present but not allowed here.";
        reply(
          index === -1
            ? success(operations)
            : operations.map((_operation, at) =>
                at < index ? {} : at === index ? { error: "syntax error", details } : null,
              ),
        );
      },
      {},
    );
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined && nb.takesChosenUuids);
    const insert = () =>
      nb.transact((tx) => {
        const port = tx.insert("Logical_Switch_Port", { name: "q" });
        tx.add(sw, "ports", port);
        return port;
      });
    const first = await insert();
    assert.equal(nb.takesChosenUuids, false);
    assert.equal(first.uuid(first.value), uuidC);
    const named = `row_${first.value.ref.replaceAll("-", "_")}`;
    const mutation = sent[1]?.find(({ op }) => op === "mutate");
    assert.deepEqual(mutation?.["mutations"], [["ports", "insert", ["named-uuid", named]]]);
    await insert();
    assert.equal(sent.length, 3);
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", {}, { uuid: uuidB })),
      /takes no uuids chosen by clients/,
    );
    server.connection.hangUp();
    assert.equal(nb.takesChosenUuids, true);
    await nb.close();
  });

  it("goes on choosing uuids after an insert that is refused for another reason", async () => {
    const { nb, sent } = await northboundWith(initial, (_, __, reply) =>
      reply([{ error: "syntax error", details: "Parsing insert operation failed: 'row' is required" }]),
    );
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "n" })),
      /'row' is required/,
    );
    assert.deepEqual([nb.takesChosenUuids, sent.length], [true, 1]);
    await nb.close();
  });
});
