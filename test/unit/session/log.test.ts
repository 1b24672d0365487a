import assert from "node:assert/strict";
import fc from "fast-check";
import { formatLogEntry, type LogEntry } from "../../../lib/session/index.ts";

const entry: LogEntry = {
  time: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
  level: "warn",
  event: "state",
  session: 1,
  database: "OVN_Northbound",
  fields: {},
};

describe("formatLogEntry", () => {
  it("writes time, level, event and details", () => {
    const fields = { state: "waiting", remote: "tcp:[::1]:6641", rows: 12, first: false };
    assert.equal(
      formatLogEntry({ ...entry, fields }),
      "2026-01-02T03:04:05.006Z warn state session=1 database=OVN_Northbound " +
        "state=waiting remote=tcp:[::1]:6641 rows=12 first=false",
    );
  });

  it("quotes what would be taken for two values, or for a line of its own", () => {
    const line = (reason: string): string | undefined =>
      formatLogEntry({ ...entry, fields: { reason } }).split(" reason=")[1];
    assert.equal(line("it was lost"), '"it was lost"');
    assert.equal(line('say "x"'), '"say \\"x\\""');
    assert.equal(line("a=b"), '"a=b"');
    assert.equal(line(""), '""');
    assert.equal(line("a\nb"), '"a\\nb"');
    assert.equal(line("a\u2028\u0085b"), '"a\\u2028\\u0085b"');
  });

  it("is one line from which every value can be read again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (reason) => {
        const line = formatLogEntry({ ...entry, fields: { reason, last: 1 } });
        assert.equal(/[\p{Cc}\u2028\u2029]/u.exec(line), null);
        const written = / reason=(.*) last=1$/.exec(line)?.[1] ?? "";
        assert.equal(written.startsWith('"') ? JSON.parse(written) : written, reason);
      }),
    );
  });

  it("refuses what is no entry, as plain JavaScript may give", () => {
    for (const given of [undefined, null, "state"] as never[])
      assert.throws(() => formatLogEntry(given), {
        name: "UsageError",
        message: /^a log entry must be an object/,
      });
    for (const time of [undefined, null, 5, "2026-01-02"] as never[])
      assert.throws(() => formatLogEntry({ ...entry, time }), {
        name: "UsageError",
        message: /has time, a Date/,
      });
  });
});
