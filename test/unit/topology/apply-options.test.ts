import assert from "node:assert/strict";
import { UsageError } from "../../../lib/jsonrpc/index.ts";
import { applyRows } from "../../../lib/reconcile/index.ts";
import { layer2 } from "../../../lib/topology/index.ts";
import { northboundWith } from "../database/support.ts";

describe("a `wait` that is none", () => {
  const network = layer2({ name: "blue", nad: "default/blue", subnets: "10.1.0.0/16" });
  const pod = { namespace: "default", name: "a", node: "n1" };
  // What plain JavaScript may give.
  const options = { wait: "SB" as "sb" };

  it("is refused by all that applies, with nothing sent", async () => {
    const { nb, sent } = await northboundWith({});
    for (const call of [
      () => network.plan(nb).apply(options),
      () => network.attach(nb, pod, options),
      () => network.detach(nb, pod, options),
      () => network.delete(nb, options),
      () => applyRows(nb, {}, () => ({ rows: [] }), options),
    ]) {
      const isNamed = (error: unknown): boolean =>
        error instanceof UsageError && /^wait: "SB"/.test(error.message);
      await assert.rejects(call, isNamed, String(call));
    }
    assert.deepEqual(sent, []);
    await nb.close();
  });
});
