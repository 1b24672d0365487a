import assert from "node:assert/strict";
import { northboundWith } from "./support.ts";

describe("a table that cannot be followed", () => {
  const missing = {
    name: "UsageError",
    message: "there is no table Logical_Swich; did you mean Logical_Switch?",
  };
  const notNamed = { name: "UsageError", message: "ACL is not monitored: name it in the `tables` option" };

  it("is said to be none, or not to be monitored, by changes and setConditions", async () => {
    const tables = { Logical_Switch: true } as const;
    const { nb } = await northboundWith({}, undefined, { reconnect: false, tables });
    assert.throws(() => nb.changes(["Logical_Swich"] as never), missing);
    assert.throws(() => nb.changes(["ACL"]), notNamed);
    await assert.rejects(nb.setConditions({ Logical_Swich: true } as never), missing);
    await assert.rejects(nb.setConditions({ ACL: true }), notNamed);
    await nb.close();
  });

  it("is not to be followed where undefined is said of it, as with options", async () => {
    const tables = { Logical_Switch: true, ACL: undefined } as never;
    const { nb } = await northboundWith({}, undefined, { reconnect: false, tables });
    assert.throws(() => nb.tables.ACL.size, notNamed);
    await nb.setConditions({ Logical_Switch: undefined, ACL: undefined } as never);
    await assert.rejects(nb.setConditions({ ACL: true }), notNamed);
    await nb.close();
  });

  it("is said to be none when connecting", async () => {
    const message = "there is no table Logical_Swich to monitor; did you mean Logical_Switch?";
    await assert.rejects(
      northboundWith({}, undefined, { reconnect: false, tables: { Logical_Swich: true } }),
      { name: "UsageError", message },
    );
  });
});
