import assert from "node:assert/strict";
import { chosenPort } from "../../../lib/testing/chosen-port.ts";

describe("chosenPort", () => {
  it("tells the ports apart at any time of day", () => {
    for (const time of ["04:00:12.345", "00:00:00.000", "13:07:59.900"]) {
      for (const host of ["127.0.0.1", "[::1]"]) {
        const line = (zero: string, port: number): string =>
          `2026-11-22T${time}Z|00003|socket_util|INFO|${zero}:${host}: listening on port ${port}\n`;
        assert.equal(chosenPort(line("0", 4711), "tls"), undefined, time);
        assert.equal(chosenPort(line("00", 4712), "tcp"), undefined, time);
        for (const log of [line("0", 4711) + line("00", 4712), line("00", 4712) + line("0", 4711)]) {
          assert.deepEqual([chosenPort(log, "tcp"), chosenPort(log, "tls")], [4711, 4712], time + host);
        }
      }
    }
  });
});
