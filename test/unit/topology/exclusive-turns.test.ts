import assert from "node:assert/strict";
import { Deadline } from "../../../lib/database/index.ts";
import type { Northbound } from "../../../lib/topology/index.ts";
import { ExclusiveTurn } from "../../../lib/topology/plan/exclusive-turns.ts";

describe("the turn on a row", () => {
  it("that does not come in time is told with the rows", async () => {
    const nb = { status: () => ({ state: "live" }) as ReturnType<Northbound["status"]> };
    const rows = [
      { table: "Logical_Switch", uuid: "11111111-1111-4111-8111-111111111111", name: "sw" },
      { table: "Logical_Router", uuid: "22222222-2222-4222-8222-222222222222", name: "lr" },
    ] as const;
    const first = new ExclusiveTurn(nb, { deadline: new Deadline(60_000) });
    await first.take(rows);
    const second = new ExclusiveTurn(nb, { deadline: new Deadline(10) });
    await assert.rejects(second.take(rows), {
      code: "ERR_TIMEOUT",
      message: 'the turn on switch "sw" and router "lr" did not come within 10 ms',
    });
    first.release();
  });
});
