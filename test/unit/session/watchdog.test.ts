import assert from "node:assert/strict";
import { Watchdog } from "../../../lib/session/watchdog.ts";
import { Clock } from "../../support/clock.ts";
import { settle } from "./support.ts";

describe("Watchdog", () => {
  it("tells once when nothing came for so long, and after a stop nothing, however often it looked before", async () => {
    for (const stops of [false, true]) {
      using clock = new Clock();
      let last = performance.now();
      let told = 0;
      const watchdog = new Watchdog(
        20_000,
        () => last,
        () => {
          told += 1;
        },
      );
      for (let look = 0; look < 2; look += 1) {
        clock.pass(15_000);
        last = performance.now();
        clock.pass(5_000);
        await settle();
      }
      assert.equal(told, 0);
      if (stops) watchdog.stop();
      clock.pass(20_000);
      await settle();
      assert.equal(told, stops ? 0 : 1);
    }
  });
});
