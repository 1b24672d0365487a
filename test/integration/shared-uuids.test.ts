import assert from "node:assert/strict";
import { connectNorthbound, UsageError } from "../../lib/index.ts";
import { describeWithOvn, useSandbox } from "../support/index.ts";

// ovsdb-server keeps uuids apart within a table only, and clients choose them.
describeWithOvn("rows of two tables that have one uuid", () => {
  const ovn = useSandbox({ northbound: true });
  const uuid = "0a1b2c3d-0000-4000-8000-00000000beef";

  it("are not taken for each other in one transaction", async () => {
    await using nb = await connectNorthbound(ovn.sandbox.northbound.remote);
    const { Logical_Switch: switches, Logical_Router: routers } = nb.tables;
    await nb.transact((tx) => tx.insert("Logical_Switch", { name: "sw" }, { uuid }));
    await nb.transact((tx) => tx.insert("Logical_Router", { name: "lr" }, { uuid }));
    for (const onlyChanges of [false, true]) {
      const of = String(onlyChanges);
      await nb.transact(
        (tx) => {
          tx.verify(switches.only(), "name");
          tx.setKeys(switches.only(), "external_ids", { of, is: "switch" });
          tx.setKeys(routers.only(), "external_ids", { of, is: "router" });
          tx.update(routers.only(), { name: `lr ${of}` });
        },
        { onlyChanges },
      );
      assert.deepEqual(switches.only().external_ids, { of, is: "switch" });
      assert.deepEqual(routers.only().external_ids, { of, is: "router" });
      assert.deepEqual([switches.only().name, routers.only().name], ["sw", `lr ${of}`]);
    }
    await assert.rejects(
      nb.transact((tx) => {
        tx.update(switches.only(), { name: "changed" });
        tx.delete({ ...routers.only() });
      }),
      UsageError,
      "a copy may be of either",
    );
    await nb.transact((tx) => {
      tx.update(switches.only(), { name: "changed" });
      tx.delete(routers.only());
    });
    assert.deepEqual([switches.only().name, routers.size], ["changed", 0]);
  });
});
