import assert from "node:assert/strict";
import { uuidV5 } from "../../../lib/ovsdb/index.ts";
import { northboundWith, uuidA } from "./support.ts";

// As plain JavaScript gives them: TypeScript finds these where the row has a type.
describe("rows to which a column cannot refer", () => {
  it("are named: that no row refers to them would be true, and misleading", async () => {
    const { nb } = await northboundWith(
      { Logical_Switch: { [uuidA]: { initial: { name: "sw" } } } },
      () => {},
    );
    const [sw] = nb.tables.Logical_Switch;
    assert.ok(sw);
    const refused = (read: () => unknown, column: string, table: string): void =>
      assert.throws(read, {
        name: "UsageError",
        message: `${column} refers to rows of ${table}, and this is a row of Logical_Switch`,
      });
    for (const row of [sw, { _uuid: sw._uuid }]) {
      refused(
        () => nb.referrers(row, "Logical_Switch", "ports" as never),
        "Logical_Switch.ports",
        "Logical_Switch_Port",
      );
      refused(() => nb.has(sw, "acls", row as never), "Logical_Switch.acls", "ACL");
    }
    // Of no row, or of one that has gone, nobody knows the table.
    const gone = { _uuid: uuidV5(uuidA, "gone") as typeof sw._uuid };
    assert.deepEqual(nb.referrers(gone, "Logical_Switch", "ports" as never), []);
    assert.equal(nb.has(sw, "acls", gone as never), false);
    assert.deepEqual(nb.referrers(gone, "Logical_Switch", "acls" as never), []);
    await nb.close();
  });
});
