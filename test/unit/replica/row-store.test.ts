import assert from "node:assert/strict";
import { RowStore } from "../../../lib/replica/row-store.ts";
import { StoredRow } from "../../../lib/replica/stored-row.ts";
import { uuids } from "./support.ts";

describe("RowStore", () => {
  it("gives the slot of a row that has gone to the next one: it does not grow where rows come and go", () => {
    const rows = new RowStore();
    const [stays = "", ...others] = uuids;
    rows.add(StoredRow.fromWire(stays, {}));
    for (const uuid of others) {
      const row = StoredRow.fromWire(uuid, {});
      rows.add(row);
      assert.equal(row.slot, 1);
      rows.delete(uuid);
    }
    assert.deepEqual([rows.size, rows.get(stays)?.slot], [1, 0]);
  });
});
