import assert from "node:assert/strict";
import { ConstraintError } from "../../../lib/ovsdb/index.ts";
import { failed, isWrite, row, served } from "./served.ts";
import { success, uuidA } from "./support.ts";

const alone = { ...row, model: "standalone", leader: true };

describe("a transaction whose reply was lost", () => {
  it("is looked for once more when the server gives the question up, as for a new schema", async () => {
    let looks = 0;
    const { nb } = await served(alone, (operations, reply, { connection }) => {
      if (isWrite(operations)) {
        connection.hangUp();
        return;
      }
      looks += 1;
      const { id = null } = connection.asked.at(-1) ?? {};
      if (looks === 1) connection.say({ id, error: "canceled" });
      else reply([{ rows: [{ _uuid: ["uuid", uuidA] }] }]);
    });
    const result = await nb.transact((tx) => tx.insert("Logical_Switch", { name: "new" }));
    assert.deepEqual([result.settled, result.attempts, looks], [true, 1, 2]);
    await nb.close();
  });

  it("is refused for certain when it was not there and the second sending of it is", async () => {
    let writes = 0;
    const { nb } = await served(alone, (operations, reply, { connection }) => {
      if (!isWrite(operations)) {
        reply(success(operations));
        return;
      }
      writes += 1;
      if (writes === 1) connection.hangUp();
      else reply(failed(operations, "insert", "constraint violation", "somebody was faster"));
    });
    await assert.rejects(
      nb.transact((tx) => tx.insert("Logical_Switch", { name: "new" })),
      ConstraintError,
    );
    assert.equal(writes, 2);
    await nb.close();
  });
});
