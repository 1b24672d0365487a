import assert from "node:assert/strict";
import { Conditions, type TableConditions, type Wish } from "../../../lib/database/conditions.ts";
import { ClosedError, ConnectionLostError, RpcError } from "../../../lib/jsonrpc/index.ts";
import { NotSyncedError } from "../../../lib/session/index.ts";
import { waitFor } from "../../support/index.ts";
import type { Asked } from "../session/fake-server.ts";
import { northboundWith } from "./support.ts";

describe("Conditions", () => {
  const known = ["A", "B", "C"];

  function wanting(...changes: readonly TableConditions[]): {
    conditions: Conditions;
    wishes: readonly Wish[];
  } {
    const conditions = new Conditions({ A: true, B: true, C: true });
    const wishes = changes.map((change) => conditions.ask(change, known, () => undefined));
    return { conditions, wishes };
  }

  it("are wanted one after the other when several at once are refused, each with those before it and without the refused one", () => {
    const { conditions, wishes } = wanting({ A: [false] }, { B: [false] }, { C: [false] });
    const [first, second, third] = wishes;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    assert.equal(conditions.next, third);
    conditions.refuse(third, new Error("no"));
    assert.equal(conditions.next, first);
    conditions.refuse(first, new Error("no"));
    assert.throws(() => first.held, /no/);
    assert.equal(conditions.next, second);
    const none = { where: [false] };
    assert.deepEqual(second.tables, { A: true, B: none, C: true });
    assert.deepEqual(third.tables, { A: true, B: none, C: none });
    conditions.hold(second);
    assert.deepEqual([second.held, third.held, conditions.held], [true, false, second.tables]);
    conditions.hold(third);
    // What is held already changes nothing any more.
    conditions.hold(second);
    assert.deepEqual(conditions.held, third.tables);
  });

  for (const last of ["held", "refused"] as const) {
    it(`are wanted at once again when the last of those is ${last}`, () => {
      const { conditions, wishes } = wanting({ A: [false] }, { B: [false] });
      const [first, second] = wishes;
      assert.ok(first !== undefined && second !== undefined);
      conditions.refuse(second, new Error("no"));
      conditions.hold(first);
      if (last === "held") conditions.hold(second);
      else conditions.refuse(second, new Error("no"));
      conditions.ask({ A: true }, known, () => undefined);
      const both = conditions.ask({ B: true }, known, () => undefined);
      assert.equal(conditions.next, both);
    });
  }
});

describe("setConditions", () => {
  const conditions = { Logical_Switch: [["name", "==", "a"]] } as const;

  it("has no part in a refusal where nobody has called it: the monitor is asked for once", async () => {
    let asked = 0;
    const monitor_cond_since = (request: Asked): void => {
      asked += 1;
      request.refuse("no");
    };
    await assert.rejects(northboundWith({}, undefined, undefined, { monitor_cond_since }), RpcError);
    assert.equal(asked, 1);
  });

  it("ends with the handle while the server is asked, and then throws what a read throws", async () => {
    for (const [end, whileAsked, afterwards] of [
      ["closed", ClosedError, ClosedError],
      ["lost", ConnectionLostError, NotSyncedError],
    ] as const) {
      const { nb, server } = await northboundWith({});
      const asked = assert.rejects(nb.setConditions(conditions), whileAsked);
      await waitFor(() => server.methods.includes("monitor_cond_change"));
      if (end === "closed") void nb.close();
      else server.connection.hangUp();
      await asked;
      assert.throws(() => nb.tables.Logical_Switch.size, afterwards);
      await assert.rejects(nb.setConditions(conditions), afterwards);
      await nb.close();
    }
  });
});
