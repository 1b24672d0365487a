import assert from "node:assert/strict";
import type { Database } from "../../../lib/database/index.ts";
import type { Json } from "../../../lib/jsonrpc/index.ts";
import { ConflictError, ConstraintError } from "../../../lib/ovsdb/index.ts";
import type { NorthboundTables } from "../../../lib/schemas/index.ts";
import { OutcomeUnknownError } from "../../../lib/session/index.ts";
import { type FakeConnection, type FakeServer, nowServedBy } from "../session/fake-server.ts";
import {
  type Answer,
  again,
  failed,
  first,
  follower,
  isWrite,
  leader,
  relay,
  row,
  served,
} from "./served.ts";
import { success, update, uuidA } from "./support.ts";

function raise(nb: Database<NorthboundTables>) {
  return nb.transact((tx) => {
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw !== undefined);
    tx.verify(sw, "external_ids");
    tx.setKeys(sw, "external_ids", { n: String(Number(sw.external_ids["n"]) + 1) });
  });
}

/** Says that the switch has another number now, whoever has set it. */
function raised(server: FakeServer): void {
  const external_ids = ["map", [["n", "2"]]];
  update(server, { Logical_Switch: { [uuidA]: { modify: { external_ids } } } });
}

describe("a transaction that a cluster may have carried out twice", () => {
  it("is done when the row is there that it inserts, although it was refused", async () => {
    for (const [error, details] of [
      ["timed out", again],
      ["constraint violation", "an index"],
      ["duplicate uuid", ""],
    ] as const) {
      const { nb, asked } = await served(relay, (operations, reply) => {
        if (!isWrite(operations)) reply([{ rows: [{ _uuid: ["uuid", uuidA] }] }, {}]);
        else reply(failed(operations, error === "timed out" ? "wait" : "insert", error, details));
      });
      const result = await nb.transact((tx) => {
        tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
        return tx.insert("Logical_Switch", { name: "new" });
      });
      assert.deepEqual([result.settled, result.changed, result.attempts], [true, true, 1], error);
      // The relay may be behind: the last operation has it pass on the question.
      const looked = asked.slice(1).map((operations) => operations.map(({ op }) => op));
      assert.deepEqual(looked, error === "duplicate uuid" ? [] : [["select", "commit"]]);
      await nb.close();
    }
  });

  it("runs again when that row is not there", async () => {
    const { nb, asked } = await served(relay, (operations, reply) => {
      if (!isWrite(operations)) reply([{ rows: [] }, {}]);
      else reply(asked.length === 1 ? failed(operations, "wait", "timed out", again) : success(operations));
    });
    const result = await nb.transact((tx) => {
      tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
      return tx.insert("Logical_Switch", { name: "new" });
    });
    assert.deepEqual([result.settled, result.attempts, asked.length], [false, 2, 3]);
    await nb.close();
  });

  it("runs again when its first execution was refused: nothing is looked up", async () => {
    for (const server of [leader, follower, relay]) {
      const { nb, asked } = await served(server, (operations, reply) =>
        reply(asked.length === 1 ? failed(operations, "wait", "timed out", first) : success(operations)),
      );
      assert.deepEqual([(await raise(nb)).attempts, asked.length], [2, 2]);
      await nb.close();
    }
  });

  it("runs again at a server alone, whatever that says", async () => {
    const alone = { ...row, model: "standalone", leader: true };
    const { nb, asked } = await served(alone, (operations, reply) =>
      reply(asked.length === 1 ? failed(operations, "wait", "timed out", again) : success(operations)),
    );
    assert.deepEqual([(await raise(nb)).attempts, asked.length], [2, 2]);
    await nb.close();
  });

  it("runs again when the server has led all the time, after one look", async () => {
    const { nb, asked } = await served(leader, (operations, reply) => {
      if (!isWrite(operations)) reply([{ rows: [{ external_ids: ["map", [["n", "2"]]] }] }]);
      else reply(asked.length === 1 ? failed(operations, "wait", "timed out", again) : success(operations));
    });
    assert.deepEqual([(await raise(nb)).attempts, asked.length], [2, 3]);
    await nb.close();
  });

  for (const [what, leave] of [
    ["the leadership went", (at: FakeConnection) => nowServedBy(at, { modify: { leader: false } })],
    ["the leader went", (at: FakeConnection) => at.hangUp()],
  ] as const) {
    it(`is unknown when ${what} meanwhile, and is not carried out by us once more`, async () => {
      let writes = 0;
      const { nb } = await served(leader, (operations, reply, server) => {
        if (isWrite(operations)) {
          writes += 1;
          if (writes === 1) raised(server);
          // The second sending is of the same operations, and their guard does not hold any more.
          reply(failed(operations, "wait", "timed out", writes === 1 ? again : first));
        } else if (server.connections.length === 1) {
          leave(server.connection);
        } else {
          reply([{ rows: [{ external_ids: ["map", [["n", "2"]]] }] }]);
        }
      });
      await assert.rejects(raise(nb), (error) => {
        assert.ok(error instanceof OutcomeUnknownError, String(error));
        assert.deepEqual([error.lost, error.lookedUp], [true, true]);
        assert.deepEqual(error.rows, [{ external_ids: ["map", [["n", "2"]]] }]);
        return true;
      });
      assert.equal(writes, 2);
      await nb.close();
    });
  }

  it("is unknown when the same server led before and leads again, but not in between", async () => {
    const answer: Answer = (operations, reply, { connection }) => {
      if (isWrite(operations)) {
        reply(failed(operations, "wait", "timed out", again));
        return;
      }
      nowServedBy(connection, { modify: { leader: false } });
      nowServedBy(connection, { modify: { leader: true } });
      reply([{ rows: [{ external_ids: ["map", [["n", "2"]]] }] }]);
    };
    const { nb, asked } = await served(leader, answer, false);
    await assert.rejects(raise(nb), OutcomeUnknownError);
    assert.equal(asked.filter(isWrite).length, 1);
    await nb.close();
  });

  it("is sent again to the next leader as long as its own guard holds", async () => {
    let writes = 0;
    const { nb } = await served(leader, (operations, reply, server) => {
      if (isWrite(operations)) {
        writes += 1;
        reply(writes === 1 ? failed(operations, "wait", "timed out", again) : success(operations));
      } else if (server.connections.length === 1) {
        nowServedBy(server.connection, { modify: { leader: false } });
      } else {
        reply([{ rows: [{ external_ids: ["map", [["n", "1"]]] }] }]);
      }
    });
    assert.deepEqual([(await raise(nb)).attempts, writes], [1, 2]);
    await nb.close();
  });

  it("runs again when the row is gone that all of it was about, wherever the leadership is: so is what was done to it", async () => {
    for (const lastLook of [true, false]) {
      let writes = 0;
      const { nb } = await served(leader, (operations, reply, server) => {
        if (!isWrite(operations)) {
          nowServedBy(server.connection, { modify: { leader: false } });
          return;
        }
        writes += 1;
        update(server, { Logical_Switch: { [uuidA]: { delete: null } } });
        reply(operations.map(() => ({ count: 0 })));
        if (!lastLook) nowServedBy(server.connection, { modify: { leader: false } });
      });
      const result = await nb.transact((tx) => {
        const [sw] = nb.tables.Logical_Switch;
        if (writes === 0) assert.ok(sw !== undefined);
        else return "looked again";
        return tx.update(sw, { name: "m" });
      });
      assert.deepEqual(
        [result.value, result.attempts, result.changed, writes],
        ["looked again", 2, false, 1],
      );
      await nb.close();
    }
  });

  it("runs again at a server that does not lead, which refuses often for what others did", async () => {
    const { nb, asked } = await served(follower, (operations, reply) =>
      reply(asked.length === 1 ? failed(operations, "wait", "timed out", again) : success(operations)),
    );
    assert.deepEqual([(await raise(nb)).attempts, asked.length], [2, 2]);
    await nb.close();
  });

  it("is unknown when such a server is late, unless its own guard holds there", async () => {
    const late = '"wait" timed out after 2003 ms';
    for (const [n, hasLed] of [
      ["1", false],
      ["2", false],
      ["2", true],
    ] as const) {
      const answer: Answer = (operations, reply) => {
        if (!isWrite(operations)) reply([{ rows: [{ external_ids: ["map", [["n", n]]] }] }]);
        else reply(asked.length === 1 ? failed(operations, "wait", "timed out", late) : success(operations));
      };
      const { nb, asked, server } = await served(hasLed ? leader : follower, answer, false);
      if (hasLed) nowServedBy(server.connection, { modify: { leader: false } });
      if (n === "1") assert.equal((await raise(nb)).attempts, 2);
      else await assert.rejects(raise(nb), OutcomeUnknownError);
      await nb.close();
    }
  });

  it("runs again when it changes nothing, be such a server as late as it likes", async () => {
    const late = '"wait" timed out after 2003 ms';
    const { nb, asked } = await served(follower, (operations, reply) =>
      reply(asked.length === 1 ? failed(operations, "wait", "timed out", late) : success(operations)),
    );
    const { attempts } = await nb.transact((tx) => {
      tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
      tx.select("Logical_Switch", { name: "n" });
    });
    assert.deepEqual([attempts, asked.length], [2, 2]);
    await nb.close();
  });

  it("runs again when it is a dry run, of which nothing stays, be such a server as late as it likes", async () => {
    const late = '"wait" timed out after 2003 ms';
    const { nb, asked } = await served(follower, (operations, reply) =>
      reply(
        asked.length === 1
          ? failed(operations, "wait", "timed out", late)
          : [...(success(operations.slice(0, -1)) as Json[]), { error: "aborted", details: "" }],
      ),
    );
    const { attempts } = await nb.transact(
      (tx) => {
        tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
        tx.insert("Logical_Switch", { name: "new" });
      },
      { dryRun: true },
    );
    assert.deepEqual([attempts, asked.length], [2, 2]);
    await nb.close();
  });

  it("is done in its second run, too, when the server complains of the row of that run", async () => {
    const { nb, asked } = await served(relay, (operations, reply) => {
      if (asked.length === 1) reply(failed(operations, "wait", "timed out", first));
      else reply(failed(operations, "insert", "duplicate uuid", ""));
    });
    const result = await nb.transact((tx) => {
      tx.verify(nb.tables.Logical_Switch.only(), "external_ids");
      return tx.insert("Logical_Switch", { name: "new" });
    });
    assert.deepEqual([result.settled, result.attempts, asked.length], [true, 2, 2]);
    await nb.close();
  });

  it("runs again when such a server is late since it was to wait", async () => {
    const { nb, asked } = await served(follower, (operations, reply) =>
      reply(
        asked.length === 1
          ? failed(operations, "wait", "timed out", '"wait" timed out after 2003 ms')
          : success(operations),
      ),
    );
    const wait = {
      op: "wait",
      table: "Logical_Switch",
      where: [["_uuid", "==", ["uuid", uuidA]]],
      columns: ["name"],
      until: "==",
      rows: [{ name: "n" }],
      timeout: 2000,
    } as const;
    const { attempts } = await nb.transact((tx) => {
      tx.raw(wait);
      tx.raw({ op: "update", table: wait.table, where: wait.where, row: { name: "m" } });
    });
    assert.deepEqual([attempts, asked.length], [2, 2]);
    await nb.close();
  });

  it("is refused when a constraint or a chosen uuid refuses it, and nothing tells otherwise", async () => {
    const refusals = [
      ["constraint violation", ConstraintError],
      ["duplicate uuid", ConflictError],
    ] as const;
    for (const [error, type] of refusals) {
      const { nb, asked } = await served(leader, (operations, reply) =>
        reply(
          isWrite(operations)
            ? failed(operations, "insert", error, "")
            : operations.map(() => ({ rows: [] })),
        ),
      );
      const insert = { op: "insert", table: "Logical_Switch", row: { name: "new" }, uuid: uuidA } as const;
      await assert.rejects(
        nb.transact((tx) => tx.raw(insert)),
        type,
      );
      assert.ok(asked.length >= 2, "it was asked whether it still leads");
      await nb.close();
    }
  });
});
