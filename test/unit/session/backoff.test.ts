import assert from "node:assert/strict";
import { Backoff } from "../../../lib/session/backoff.ts";

describe("Backoff", () => {
  /** The next pauses; of each it is known that it is at least half as long as it may be. */
  function assertPauses(backoff: Backoff, ...longest: readonly number[]): void {
    for (const most of longest) {
      const pause = backoff.next();
      assert.ok(most / 2 <= pause && pause <= most, `${pause} ms, and not ${most / 2} to ${most}`);
    }
  }

  it("grows up to its bound, of servers that answer and of dead ones each by itself, and begins anew", () => {
    // Pauses are at random.
    for (let round = 0; round < 20; round += 1) {
      const backoff = new Backoff({ minBackoff: 50, maxBackoff: 150 });
      for (const again of [false, true]) {
        if (again) backoff.reset();
        backoff.failed(false);
        assertPauses(backoff, 0, 50, 100, 150, 150);
        backoff.failed(true);
        assertPauses(backoff, 100, 150);
        backoff.failed(false);
        assertPauses(backoff, 150);
      }
    }
  });
});
