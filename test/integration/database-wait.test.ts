import assert from "node:assert/strict";
import { UnconfirmedError } from "../../lib/database/index.ts";
import { connectNorthbound, connectSouthbound } from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

describeWithOvn("waiting for ovn-northd", () => {
  const ovn = useSandbox({ northbound: true, southbound: true, northd: true });

  it("ends when the southbound database has the change", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    await using sb = await connectSouthbound(ovn.sandbox.southbound.remote);
    for (let round = 0; round < 5; round += 1) {
      const name = `sw${round}`;
      await nb.transact((tx) => tx.insert("Logical_Switch", { name }), { wait: "sb" });
      // The southbound client may be a moment behind northd; the server is not.
      const there = await sb.transact((tx) => tx.select("Datapath_Binding", { external_ids: { name } }));
      assert.equal(there.rows(there.value).length, 1);
    }
    const { nb_cfg: nbCfg, sb_cfg: sbCfg } = nb.tables.NB_Global.only();
    assert.equal(typeof nbCfg, "bigint");
    assert.ok(sbCfg >= nbCfg);
  });

  it("ends for `hv` too when there is no chassis to wait for", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const result = await nb.transact(() => undefined, { wait: "hv", timeout: 30_000 });
    assert.deepEqual([result.changed, result.results.length > 0], [false, true]);
    assert.ok(nb.tables.NB_Global.only().hv_cfg >= 1n);
  });

  it("is no change by itself: who asks whether something had to be written hears of that alone", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const round = async (priority: number): Promise<boolean> => {
      const { changed } = await nb.transact(
        (tx) => {
          const [sw] = nb.tables.Logical_Switch.find({ name: "counted" });
          const [acl] = nb.tables.ACL.find({ match: "counted" });
          const columns = { action: "drop", direction: "to-lport", match: "counted", priority } as const;
          if (acl !== undefined) return tx.update(acl, columns);
          if (sw === undefined)
            tx.insert("Logical_Switch", { name: "counted", acls: [tx.insert("ACL", columns)] });
        },
        { wait: "sb", onlyChanges: true },
      );
      return changed;
    };
    assert.deepEqual([await round(1), await round(1), await round(2)], [true, false, true]);
    const read = await nb.transact((tx) => tx.select("Logical_Switch", { name: "counted" }));
    assert.deepEqual([read.rows(read.value).length, read.changed], [1, false]);
  });

  it("serves many clients that wait at once, each for its own change", async () => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => connectNorthbound(ovn.sandbox.northbound.remote)),
    );
    await using sb = await connectSouthbound(ovn.sandbox.southbound.remote);
    await Promise.all(
      clients.map(async (nb, index) => {
        const name = `many${index}`;
        await nb.transact((tx) => tx.insert("Logical_Switch", { name }), { wait: "sb" });
        const there = await sb.transact((tx) => tx.select("Datapath_Binding", { external_ids: { name } }));
        assert.equal(there.rows(there.value).length, 1, name);
        await nb.close();
      }),
    );
  });
});

describeWithOvn("a database that no ovn-northd has met", () => {
  const ovn = useSandbox({ northbound: true });

  it("gets its NB_Global from two clients at once, and both go on", async () => {
    const { remote } = ovn.sandbox.northbound;
    const clients = await Promise.all([connectNorthbound(remote), connectNorthbound(remote)]);
    await using nb = await connectNorthbound(remote);
    const controller = new AbortController();
    const { signal } = controller;
    const outcomes = Promise.allSettled(
      clients.map((client, index) =>
        client.transact((tx) => tx.insert("Logical_Switch", { name: `sw${index}` }), { wait: "sb", signal }),
      ),
    );
    await nb.until((view) => [...view.tables.NB_Global][0]?.nb_cfg === 2n);
    // Both are committed, also as far as they know; it is only that nobody confirms.
    await Promise.all(clients.map((client) => client.until((view) => view.tables.Logical_Switch.size === 2)));
    await Promise.all(clients.map((client) => client.transact((tx) => tx.comment("after the other reply"))));
    controller.abort();
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === "rejected" && outcome.reason instanceof UnconfirmedError);
    }
    assert.deepEqual([...nb.tables.Logical_Switch].map(({ name }) => name).sort(), ["sw0", "sw1"]);
    await Promise.all(clients.map((client) => client.close()));
  });
});
