import assert from "node:assert/strict";
import { ClosedError, connectNorthbound, northbound, TimeoutError } from "../../lib/index.ts";
import { startFaultProxy } from "../../lib/testing/index.ts";
import { describeWithOvn, useSandbox, waitFor } from "../support/index.ts";
import { schemaWithout } from "../support/other-schemas.ts";

describeWithOvn("an asynchronous function of a transaction", () => {
  const ovn = useSandbox({ northbound: true });

  it("that never ends holds nobody up: timeout, signal and close() end the call", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const never = (options: { timeout?: number; signal?: AbortSignal }) =>
      nb.transact(async (tx) => {
        tx.insert("Logical_Switch", { name: "never" });
        await new Promise(() => undefined);
      }, options);
    await assert.rejects(never({ timeout: 20 }), TimeoutError);
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const aborted = assert.rejects(never({ signal: controller.signal }), reason);
    controller.abort(reason);
    await aborted;
    const closed = assert.rejects(never({ timeout: Infinity }), ClosedError);
    await nb.close();
    await closed;
  });

  it("may fail when nobody waits for it any more", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    let fail: (() => void) | undefined;
    const late = new Promise<void>((_, reject) => {
      fail = () => reject(new Error("too late"));
    });
    await assert.rejects(
      nb.transact(() => late, { timeout: 20 }),
      TimeoutError,
    );
    fail?.();
    // Were it unhandled, the process would end in this turn.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("runs again when it could not read meanwhile, though all is whole again when it ends", async () => {
    await using proxy = await startFaultProxy(ovn.sandbox.northbound.remote);
    await using nb = await connectNorthbound(proxy.remote, { minBackoff: 5, maxBackoff: 10 });
    const { attempts } = await nb.transact(async (tx) => {
      if (nb.status().counters.losses === 0) {
        proxy.cut();
        await waitFor(() => !nb.status().synced);
      }
      try {
        tx.insert("Logical_Switch", { name: `${nb.tables.Logical_Switch.size}` });
      } finally {
        await nb.synced();
      }
    });
    assert.equal(attempts, 2);
  });

  it("runs again when the schema has changed meanwhile, whether it ended well or not", async () => {
    const { northbound: server } = ovn.sandbox;
    for (const fails of [false, true]) {
      await server.convert(northbound);
      await using nb = await connectNorthbound(server.remote);
      let runs = 0;
      const { attempts } = await nb.transact(async (tx) => {
        runs += 1;
        const other_config = nb.supports("Logical_Switch", "other_config") ? { n: "1" } : undefined;
        tx.insert("Logical_Switch", { name: "converted", ...(other_config && { other_config }) });
        if (runs > 1) return;
        await server.convert(schemaWithout("5.0.0", ["Logical_Switch.other_config"]));
        await nb.until(() => !nb.supports("Logical_Switch", "other_config"));
        if (fails) throw new Error("of what it read before");
      });
      assert.deepEqual([runs, attempts], [2, 2]);
    }
    await using nb = await connectNorthbound(server.remote);
    assert.equal(nb.tables.Logical_Switch.find({ name: "converted" }).length, 2);
  });
});
