import assert from "node:assert/strict";
import { Database, Deadline } from "../../../lib/database/index.ts";
import { commentOp, type Operation } from "../../../lib/ovsdb/index.ts";
import { applyPlans } from "../../../lib/reconcile/index.ts";

describe("applyPlans", () => {
  it("carries out a plan of more operations than a call may have arguments", async () => {
    const operations = Array.from({ length: 200_000 }, () => commentOp("one of many"));
    const collected: Operation[] = [];
    const tx = {
      raw: (...given: readonly Operation[]): void => {
        for (const operation of given) collected.push(operation);
      },
    };
    // A server would take a minute for so many.
    const db = Object.create(Database.prototype, {
      transact: {
        value: async (describe: (transaction: typeof tx) => Promise<unknown>) => ({
          value: await describe(tx),
        }),
      },
    }) as Database<Record<never, never>>;
    const plan = { changes: [], operations };
    await applyPlans(db, async () => ({ plan, guards: [commentOp("first")] }), {}, new Deadline(10_000));
    assert.equal(collected.length, 200_001);
    assert.deepEqual(collected[0], commentOp("first"));
  });
});
