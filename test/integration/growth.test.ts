import assert from "node:assert/strict";
import { measureGrowth, remainders } from "../soak/grow.ts";
import { describeWithOvn } from "../support/index.ts";

describeWithOvn("thousands of connections", () => {
  it("leave nothing behind: no heap, no handle, no listener, and the process ends by itself", async () => {
    // `npm run soak -- --scenario growth` makes more of them.
    assert.deepEqual(remainders(await measureGrowth({ cycles: 2_000, redials: 300 })), []);
  }).timeout(600_000);
});
