import assert from "node:assert/strict";
import { connectNorthbound, OutcomeUnknownError, TimeoutError } from "../../lib/index.ts";
import { selectOp, type WireRow } from "../../lib/ovsdb/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lib/testing/index.ts";
import type { Northbound } from "../../lib/topology/index.ts";
import { Clock } from "../support/clock.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { loseReply } from "../support/lose.ts";

describeWithOvn("a transaction that may be done twice, whose reply was lost", () => {
  const ovn = useSandbox({ northbound: true });
  let proxy: FaultProxy;
  let nb: Northbound;

  beforeEach(async () => {
    proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    nb = await connectNorthbound(proxy.remote, { minBackoff: 10, maxBackoff: 50 });
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "s" }));
  });
  afterEach(async () => {
    await nb.transact((tx) => tx.delete(theSwitch()));
    await nb.close();
    await proxy.close();
  });

  function theSwitch() {
    const [row] = nb.tables.Logical_Switch.find({ name: "s" });
    assert.ok(row !== undefined);
    return row;
  }

  /** The switch as the server has it, whatever the replica holds. */
  async function onServer(): Promise<WireRow | undefined> {
    await using other = await connectNorthbound(ovn.sandbox.northbound.remote);
    const { results } = await other.transact((tx) =>
      tx.raw(selectOp("Logical_Switch", [["name", "==", "s"]])),
    );
    return results.flatMap((result) => (result.op === "select" ? result.rows : []))[0];
  }

  it("runs again, on what the first run has made of the row", async () => {
    const seen: (string | undefined)[] = [];
    loseReply(proxy);
    const { changed } = await nb.transact(
      (tx) => {
        seen.push(theSwitch().external_ids["n"]);
        tx.setKeys(theSwitch(), "external_ids", { n: "1" });
      },
      { idempotent: true },
    );
    assert.deepEqual(seen, [undefined, "1"]);
    assert.equal(changed, true);
    assert.deepEqual((await onServer())?.["external_ids"], ["map", [["n", "1"]]]);
  });

  it("is done once when nobody said that it may be done twice", async () => {
    let runs = 0;
    loseReply(proxy);
    const step = nb.transact((tx) => {
      runs += 1;
      tx.setKeys(theSwitch(), "external_ids", { n: "1" });
    });
    await assert.rejects(step, OutcomeUnknownError);
    assert.equal(runs, 1);
    await nb.synced({ timeout: 30_000 });
  });

  it("is unknown when its function fails the next time", async () => {
    let runs = 0;
    const enough = new Error("not again");
    loseReply(proxy);
    const step = nb.transact(
      (tx) => {
        runs += 1;
        if (runs > 1) throw enough;
        tx.setKeys(theSwitch(), "external_ids", { n: "1" });
      },
      { idempotent: true },
    );
    await assert.rejects(step, (error) => {
      assert.ok(error instanceof OutcomeUnknownError);
      assert.equal(error.cause, enough);
      assert.match(error.message, /may have been committed; and doing it again failed: not again$/);
      assert.equal(error.operations.length, 1);
      return true;
    });
    assert.deepEqual((await onServer())?.["external_ids"], ["map", [["n", "1"]]]);
  });

  for (const [what, guarded, message] of [
    // Nothing tells what became of it.
    ["to do it again", false, /; and doing it again failed: the connection to the server did not come/],
    [
      "to look for it",
      true,
      /; it could not be looked for \(the connection .* did not come [^;]*\): it may have been committed$/,
    ],
  ] as const) {
    it(`is unknown when there is no other connection in time ${what}`, async () => {
      using clock = new Clock();
      loseReply(proxy);
      proxy.refuse();
      const step = nb.transact(
        (tx) => {
          if (guarded) tx.verify(theSwitch(), "external_ids");
          tx.setKeys(theSwitch(), "external_ids", { n: "1" });
        },
        { idempotent: true, timeout: 20_000 },
      );
      const failed: Promise<unknown> = step.catch((reason: unknown) => reason);
      await waitFor(() => !nb.status().synced);
      clock.pass(20_000);
      const error = await failed;
      // First, so that whatever is wrong the handle can be closed.
      await proxy.accept();
      await nb.synced({ timeout: 30_000 });
      assert.ok(error instanceof OutcomeUnknownError && error.cause instanceof TimeoutError);
      assert.match(error.message, message);
    });
  }
});
