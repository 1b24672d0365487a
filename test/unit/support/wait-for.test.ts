import assert from "node:assert/strict";
import { waitFor } from "../../support/wait-for.ts";

describe("waitFor", () => {
  it("gives the condition's value once it is truthy, and takes a throw for not yet", async () => {
    let calls = 0;
    const value = await waitFor(() => {
      calls += 1;
      if (calls === 1) {
        throw new Error("not there");
      }
      return calls === 3 ? "found" : undefined;
    });
    assert.deepEqual([value, calls], ["found", 3]);
  });

  it("fails at the deadline with what it waited for and saw last", async () => {
    await assert.rejects(
      waitFor(() => Promise.reject(new TypeError("gone")), { timeout: 10, what: "the port" }),
      /not so after 10 ms: the port\nseen last: TypeError: gone/,
    );
  });
});
