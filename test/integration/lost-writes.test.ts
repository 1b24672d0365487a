import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, TimeoutError, UsageError } from "../../lib/index.ts";
import { everyRow, insertOp, selectOp, updateOp, type WireRow } from "../../lib/ovsdb/index.ts";
import { type FaultProxy, type ProxyMessage, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { asRelay, hasOperation, loseReply, loseRequest } from "../support/lose.ts";

const soon = { minBackoff: 10, maxBackoff: 50 };

describeWithOvn("promise P4: a write whose reply was lost", () => {
  const ovn = useSandbox({ northbound: true });
  let proxy: FaultProxy;
  let nb: Northbound;
  let other: Northbound;
  let names = 0;

  beforeEach(async () => {
    const { remote } = ovn.sandbox.northbound;
    proxy = await startFaultProxy(remote);
    nb = await connectNorthbound(proxy.remote, soon);
    other = await connectNorthbound(remote);
  });
  afterEach(async () => {
    await nb.close();
    await other.close();
    await proxy.close();
  });

  function newName(prefix: string): string {
    names += 1;
    return `${prefix}${names}`;
  }

  /** Rows as the server has them now, whatever any replica holds. */
  async function onServer(table: string, column: string, value: string): Promise<readonly WireRow[]> {
    const { results } = await other.transact((tx) => tx.raw(selectOp(table, [[column, "==", value]])));
    return results.flatMap((result) => (result.op === "select" ? result.rows : []));
  }

  /** A switch of its own for a test, known to both. */
  async function makeSwitch(): Promise<string> {
    const name = newName("s");
    await other.transact((tx) => tx.insert("Logical_Switch", { name, external_ids: { n: "1" } }));
    await nb.until(() => find(name) !== undefined, { timeout: 30_000 });
    return name;
  }

  /**
   * The next transaction that is not for reading is done, and answered as by a member of a cluster that has lost the leadership
   * between the commit and the reply: it carries the transaction out once more by itself.
   */
  function refuseAfterwards(refusal: ProxyMessage): void {
    let id: unknown;
    proxy.setOpenFaults({
      toServer: {
        rewrite: (message) => {
          const writes = ["insert", "mutate", "update"].some((op) => hasOperation(message, op));
          if (writes) id ??= message["id"];
          return message;
        },
      },
      toClient: {
        rewrite: (message) =>
          id === undefined || message["id"] !== id ? message : { ...message, result: [refusal] },
      },
    });
  }

  /** Lets `nb` take the server for a relay of a cluster. */
  async function behindRelay(): Promise<void> {
    await nb.close();
    proxy.setFaults({ toClient: { rewrite: asRelay } });
    nb = await connectNorthbound(proxy.remote, { ...soon, leaderOnly: false });
  }

  function find(name: string) {
    return nb.tables.Logical_Switch.find({ name })[0];
  }

  function found(name: string) {
    const row = find(name);
    assert.ok(row !== undefined);
    return row;
  }

  describe("with an inserted row", () => {
    it("is found to be done when only the reply was lost", async () => {
      const name = newName("new");
      loseReply(proxy);
      const result = await nb.transact((tx) => {
        const row = tx.insert("Logical_Switch", { name });
        return { row, seen: tx.select("Logical_Switch", { name }) };
      });
      assert.deepEqual([result.settled, result.changed, result.attempts], [true, true, 1]);
      assert.deepEqual(result.results, []);
      assert.throws(() => result.rows(result.value.seen), UsageError);
      const [row, ...more] = await onServer("Logical_Switch", "name", name);
      assert.deepEqual([row?.["_uuid"], more], [["uuid", result.uuid(result.value.row)], []]);
      assert.equal(find(name)?._uuid, result.uuid(result.value.row), "and the replica holds it");
    });

    it("is found to be done when the server itself has done it twice, and complains of the second time", async () => {
      const name = newName("new");
      refuseAfterwards({ error: "duplicate uuid", details: "seen on a cluster" });
      const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name }));
      assert.deepEqual([result.settled, result.changed, result.attempts], [true, true, 1]);
      assert.equal((await onServer("Logical_Switch", "name", name)).length, 1);
      assert.equal(find(name)?._uuid, result.uuid(result.value));
    });

    it("is found to be done when its guard has failed only the second time", async () => {
      const name = newName("new");
      await behindRelay();
      const guarded = await makeSwitch();
      refuseAfterwards({ error: "timed out", details: '"wait" timed out after 906 ms' });
      const result = await nb.transact((tx) => {
        tx.verify(found(guarded), "external_ids");
        tx.setKeys(found(guarded), "external_ids", { n: "2" });
        return tx.insert("Logical_Switch", { name });
      });
      assert.deepEqual([result.settled, result.changed, result.attempts], [true, true, 1]);
      assert.equal((await onServer("Logical_Switch", "name", name)).length, 1);
    });

    it("is sent again when the request was lost", async () => {
      const name = newName("new");
      loseRequest(proxy, "insert");
      const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name }));
      assert.deepEqual([result.settled, result.changed, result.attempts], [false, true, 1]);
      assert.equal(result.results.length, 1);
      assert.equal((await onServer("Logical_Switch", "name", name)).length, 1);
      assert.equal(find(name)?._uuid, result.uuid(result.value));
    });

    it("is done once when the connection is lost again and again, before and after", async () => {
      for (let round = 0; round < 8; round += 1) {
        const name = newName("many");
        let left = 4;
        const lose = (message: Parameters<typeof hasOperation>[0], connection: { cut(): void }) => {
          if (left === 0 || !(hasOperation(message, "insert") || hasOperation(message, "select")))
            return message;
          const isHandshake = JSON.stringify(message).includes("_Server");
          if (isHandshake) return message;
          left -= 1;
          if ((round + left) % 2 === 0) {
            connection.cut();
            return undefined;
          }
          // Delivered; the end follows at once.
          setImmediate(() => connection.cut());
          return message;
        };
        proxy.setFaults({ toServer: { rewrite: lose } });
        await nb.transact((tx) => tx.insert("Logical_Switch", { name }));
        proxy.setFaults({});
        assert.equal(left, 0);
        assert.equal((await onServer("Logical_Switch", "name", name)).length, 1, `round ${round}`);
      }
    });

    it("settles by a port that its switch holds", async () => {
      const name = await makeSwitch();
      loseReply(proxy);
      const result = await nb.transact((tx) => {
        const port = tx.insert("Logical_Switch_Port", { name: `${name}-p` });
        tx.add(found(name), "ports", port);
      });
      assert.equal(result.settled, true);
      assert.equal((await onServer("Logical_Switch_Port", "name", `${name}-p`)).length, 1);
    });

    it("runs the function again when what it was sent for has changed meanwhile", async () => {
      const name = await makeSwitch();
      let changing: Promise<unknown> | undefined;
      loseRequest(proxy, "insert", () => {
        changing = other.transact((tx) => {
          const [row] = other.tables.Logical_Switch.find({ name });
          assert.ok(row !== undefined);
          tx.setKeys(row, "external_ids", { n: "2" });
        });
      });
      const seen: (string | undefined)[] = [];
      const uuids: string[] = [];
      const result = await nb.transact(async (tx) => {
        const row = found(name);
        seen.push(row.external_ids["n"]);
        tx.verify(row, "external_ids");
        await changing;
        const group = tx.insert("Port_Group", { name: `${name}_group` });
        uuids.push(group.ref);
        return group;
      });
      assert.deepEqual([seen, result.settled, result.attempts], [["1", "2"], false, 2]);
      assert.equal(uuids[0], uuids[1], "both runs have one uuid, and so exclude each other");
      const rows = await onServer("Port_Group", "name", `${name}_group`);
      assert.deepEqual(
        rows.map((row) => row["_uuid"]),
        [["uuid", result.uuid(result.value)]],
      );
    });

    it("is settled when the first sending arrives between the look and the second one", async () => {
      const name = newName("late");
      let first: ProxyMessage | undefined;
      // The request is lost; and comes to the server all the same, on a way of its own, just before the second one does.
      proxy.setFaults({
        toServer: {
          rewrite: (message, connection) => {
            if (!hasOperation(message, "insert")) return message;
            if (first !== undefined) return [{ ...first, id: "early" }, message];
            first = message;
            connection.cut();
            return undefined;
          },
        },
        toClient: { rewrite: (message) => (message["id"] === "early" ? undefined : message) },
      });
      const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name }));
      assert.deepEqual([result.settled, result.changed], [true, true]);
      assert.equal((await onServer("Logical_Switch", "name", name)).length, 1);
    });

    it("is not done twice when the first sending arrives after the second one was committed", async () => {
      const name = newName("later");
      await using slow = await startFaultProxy(ovn.sandbox.northbound.remote, { listen: "tcp" });
      await using client = await connectNorthbound(slow.remote, { ...soon, probeInterval: 60 });
      slow.setOpenFaults({ both: { hold: true } });
      const result = await client.transact((tx) => tx.insert("Logical_Switch", { name }));
      assert.equal(result.settled, false);
      const before = slow.counts.toServer.forwardedBytes;
      slow.setOpenFaults({});
      const passed = await slow.until(({ open, toServer }) => open === 1 && toServer.forwardedBytes > before);
      assert.equal(passed.connections, 2);
      assert.equal((await onServer("Logical_Switch", "name", name)).length, 1);
    });

    it("waits for ovn-northd afterwards, if that was asked for", async () => {
      const name = newName("wait");
      loseReply(proxy);
      const options = { wait: "sb", timeout: 30_000 } as const;
      const call = nb.transact((tx) => tx.insert("Logical_Switch", { name }), options);
      await other.until(() => other.tables.Logical_Switch.find({ name }).length === 1, { timeout: 30_000 });
      const global = other.tables.NB_Global.only();
      let isDone = false;
      void call.then(() => {
        isDone = true;
      });
      await nb.synced({ timeout: 30_000 });
      await other.transact((tx) => tx.update(global, { sb_cfg: global.nb_cfg - 1n }));
      assert.equal(isDone, false);
      await other.transact((tx) => tx.update(global, { sb_cfg: global.nb_cfg }));
      assert.equal((await call).settled, true);
    });

    it("is unknown when nobody can be asked in time", async () => {
      const name = newName("gone");
      const { remote } = nb;
      using clock = new Clock();
      loseReply(proxy);
      proxy.refuse();
      const call = nb.transact((tx) => tx.insert("Logical_Switch", { name }), { timeout: 20_000 });
      const gone = assert.rejects(call, (error) => {
        assert.ok(error instanceof OutcomeUnknownError && error.cause instanceof TimeoutError);
        assert.deepEqual([error.lost, error.lookedUp, error.remote], [true, false, remote]);
        assert.equal(error.operations.length, 1);
        return true;
      });
      await waitFor(() => !nb.status().synced);
      clock.pass(20_000);
      await gone;
    });

    it("is unknown at once when the caller gives up while it is looked for", async () => {
      const controller = new AbortController();
      loseReply(proxy);
      proxy.refuse();
      const call = nb.transact((tx) => tx.insert("Logical_Switch", { name: "x" }), {
        signal: controller.signal,
      });
      await proxy.until((counts) => counts.open === 0);
      controller.abort(new Error("enough"));
      await assert.rejects(
        call,
        (error) => error instanceof OutcomeUnknownError && /enough/.test(error.message),
      );
    });
  });

  describe("without one", () => {
    const raise = (name: string) =>
      nb.transact((tx) => {
        const row = found(name);
        tx.verify(row, "external_ids");
        tx.setKeys(row, "external_ids", { n: String(Number(row.external_ids["n"]) + 1) });
      });
    const idsOf = async (name: string): Promise<string> =>
      JSON.stringify((await onServer("Logical_Switch", "name", name))[0]?.["external_ids"]);

    it("is sent again as long as a guard holds that it makes false itself", async () => {
      const name = await makeSwitch();
      loseRequest(proxy, "mutate");
      const result = await raise(name);
      assert.deepEqual([result.settled, result.attempts], [false, 1]);
      assert.equal(await idsOf(name), '["map",[["n","2"]]]');
    });

    it("is unknown when the server has carried it out more than once, and the guard failed the last time", async () => {
      await behindRelay();
      const name = await makeSwitch();
      refuseAfterwards({ error: "timed out", details: '"wait" timed out after 2006 ms' });
      const step = nb.transact((tx) => {
        const row = found(name);
        tx.verify(row, "external_ids");
        tx.setKeys(row, "external_ids", { n: String(Number(row.external_ids["n"]) + 1) });
      });
      await assert.rejects(step, (error) => error instanceof OutcomeUnknownError && error.lookedUp);
      assert.equal(find(name)?.external_ids["n"], "2");
    });

    it("is unknown when that guard does not hold any more, with what is there now", async () => {
      const name = await makeSwitch();
      loseReply(proxy);
      await assert.rejects(raise(name), (error) => {
        assert.ok(error instanceof OutcomeUnknownError);
        assert.deepEqual([error.lost, error.lookedUp], [true, true]);
        assert.deepEqual(error.rows, [{ external_ids: ["map", [["n", "2"]]] }]);
        return true;
      });
      assert.equal(await idsOf(name), '["map",[["n","2"]]]', "once, not twice");
    });

    it("runs again when another guard has failed, and that one holds", async () => {
      const name = await makeSwitch();
      const gate = await makeSwitch();
      let changing: Promise<unknown> | undefined;
      loseRequest(proxy, "mutate", () => {
        changing = other.transact((tx) => {
          const [row] = other.tables.Logical_Switch.find({ name: gate });
          assert.ok(row !== undefined);
          tx.setKeys(row, "external_ids", { n: "9" });
        });
      });
      let runs = 0;
      const result = await nb.transact(async (tx) => {
        runs += 1;
        const [row, guard] = [found(name), found(gate)];
        tx.verify(guard, "external_ids");
        tx.verify(row, "external_ids");
        tx.setKeys(row, "external_ids", { n: String(Number(row.external_ids["n"]) + 1) });
        await changing;
      });
      assert.deepEqual([runs, result.settled], [2, false]);
      assert.equal(await idsOf(name), '["map",[["n","2"]]]');
    });

    it("is unknown without a guard, and is not sent twice", async () => {
      const name = await makeSwitch();
      loseReply(proxy);
      await assert.rejects(
        nb.transact((tx) => tx.setKeys(found(name), "external_ids", { k: "v" })),
        (error) => error instanceof OutcomeUnknownError && error.lost && !error.lookedUp,
      );
      await nb.synced({ timeout: 30_000 });
      assert.equal(proxy.counts.toServer.methods["transact"], 1);
    });

    it("is unknown with raw inserts, whoever chose their uuids", async () => {
      const uuid = "11111111-2222-4333-8444-555555555555";
      loseReply(proxy);
      await assert.rejects(
        nb.transact((tx) => tx.raw(insertOp("Logical_Switch", { name: "raw" }, { uuid }))),
        OutcomeUnknownError,
      );
      await nb.synced({ timeout: 30_000 });
      loseRequest(proxy, "update");
      await assert.rejects(
        nb.transact((tx) => tx.raw(updateOp("NB_Global", everyRow, { name: "x" }))),
        OutcomeUnknownError,
      );
    });

    it("is run again when it only reads", async () => {
      const name = await makeSwitch();
      loseReply(proxy);
      const result = await nb.transact((tx) => tx.select("Logical_Switch", { name }, ["name"]));
      assert.deepEqual([result.rows(result.value).length, result.attempts, result.settled], [1, 2, false]);
    });

    it("is run again when it is a dry run", async () => {
      loseReply(proxy);
      const name = newName("dry");
      const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name }), { dryRun: true });
      assert.equal(result.changed, false);
      assert.deepEqual(await onServer("Logical_Switch", "name", name), []);
    });
  });
});
