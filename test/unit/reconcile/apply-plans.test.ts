import assert from "node:assert/strict";
import { Database, Deadline } from "../../../lib/database/index.ts";
import { ConstraintError, commentOp, type Operation } from "../../../lib/ovsdb/index.ts";
import { applyPlans, type Change } from "../../../lib/reconcile/index.ts";

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

  it("gives up when the server refuses the same plan twice, and not when it refuses another", async () => {
    const taken = new ConstraintError({
      error: "constraint violation",
      details: "taken",
      operationIndex: null,
      operation: null,
      table: null,
    });
    const changeTo = (value: bigint): Change => ({
      action: "update",
      table: "Logical_Switch_Port",
      kind: "port",
      name: "p",
      columns: { tag: { new: value } },
    });
    /** Applies plans of these values, one after the other; the server refuses all of them but 3. */
    const apply = async (...values: readonly bigint[]): Promise<number> => {
      let attempt = 0;
      const db = Object.create(Database.prototype, {
        transact: {
          value: async (describe: (transaction: { raw(): void }) => Promise<unknown>) => {
            const value = await describe({ raw: () => undefined });
            if (values[attempt++] !== 3n) throw taken;
            return { value };
          },
        },
      }) as Database<Record<never, never>>;
      const make = async () => ({
        plan: { changes: [changeTo(values[attempt] ?? 0n)], operations: [commentOp("c")] },
        guards: [],
      });
      return (await applyPlans(db, make, {}, new Deadline(10_000))).attempts;
    };
    assert.equal(await apply(1n, 2n, 3n), 3);
    await assert.rejects(apply(1n, 1n, 3n), taken);
  });
});
