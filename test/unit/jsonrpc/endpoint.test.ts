import assert from "node:assert/strict";
import { EndpointError, formatEndpoint, parseEndpoints } from "../../../lib/jsonrpc/index.ts";

describe("parseEndpoints", () => {
  it("reads a list, with spaces around the commas", () => {
    assert.deepEqual(
      parseEndpoints("unix:/run/ovn/ovnnb_db.sock, tcp:10.0.0.1:1234 ,ssl:[fe80::1%eth0]:6641"),
      [
        { kind: "unix", path: "/run/ovn/ovnnb_db.sock" },
        { kind: "tcp", host: "10.0.0.1", port: 1234 },
        { kind: "ssl", host: "fe80::1%eth0", port: 6641 },
      ],
    );
  });

  it("takes port 6641 where none is given", () => {
    assert.deepEqual(parseEndpoints("ssl:nb.example,tcp:[::1]"), [
      { kind: "ssl", host: "nb.example", port: 6641 },
      { kind: "tcp", host: "::1", port: 6641 },
    ]);
  });

  it("keeps colons of a path", () => {
    assert.deepEqual(parseEndpoints("unix:a:b"), [{ kind: "unix", path: "a:b" }]);
  });

  for (const text of [
    "unix:/a:b",
    "tcp:10.0.0.1:6641",
    "ssl:[::1]:1",
    "tcp:[fe80::1%eth0]:65535",
    "ssl:nb.example:6642",
  ]) {
    it(`brings ${text} back through formatEndpoint`, () => {
      assert.equal(parseEndpoints(text).map(formatEndpoint).join(), text);
    });
  }

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ["", "", /"": it is empty$/],
    ["tcp:a:1,", "", /it is empty/],
    ["tcp:a:1,udp:b:2", "udp:b:2", /must begin with unix:, tcp: or ssl:$/],
    ["/run/nb.sock", "/run/nb.sock", /must begin with .*did you mean unix:\/run\/nb\.sock\?/],
    ["./nb.sock", "./nb.sock", /did you mean unix:\.\/nb\.sock\?/],
    ["10.0.0.1:6641", "10.0.0.1:6641", /did you mean tcp:10\.0\.0\.1:6641\?/],
    ["unix:", "unix:", /path is missing/],
    ["tcp:", "tcp:", /host is missing/],
    ["tcp:6641", "tcp:6641", /host is missing/],
    ["tcp::6641", "tcp::6641", /host is missing/],
    ["tcp://db:6641", "tcp://db:6641", /no slashes belong there; did you mean tcp:db:6641\?$/],
    ["tcp:::1:6641", "tcp:::1:6641", /brackets/],
    ["tcp:[::1", "tcp:[::1", /brackets/],
    ["tcp:[]:1", "tcp:[]:1", /host is missing/],
    ["tcp:[10.0.0.1]:1", "tcp:[10.0.0.1]:1", /only an IPv6/],
    ["tcp:[::1]6641", "tcp:[::1]6641", /brackets/],
    ["ssl:a:0", "ssl:a:0", /port/],
    ["ssl:a:65536", "ssl:a:65536", /port/],
    ["ssl:a:http", "ssl:a:http", /port/],
    ["ssl:a:", "ssl:a:", /port/],
    ["ptcp:6641", "ptcp:6641", /write tcp/],
  ];
  for (const [text, part, why] of bad) {
    it(`refuses ${JSON.stringify(text)}, naming the part`, () => {
      assert.throws(
        () => parseEndpoints(text),
        (error) =>
          error instanceof EndpointError &&
          error.endpoint === part &&
          why.test(error.message) &&
          !error.retryable,
      );
    });
  }

  it("refuses a default that is no port, as plain JavaScript may give", () => {
    for (const port of ["6641", null, 0, 65_536, 5.5, Number.NaN] as never[])
      assert.throws(() => parseEndpoints("tcp:a", port), {
        name: "UsageError",
        message: /^the default port is/,
      });
  });
});

describe("formatEndpoint", () => {
  it("refuses what is no endpoint, as its text is none", () => {
    for (const given of [undefined, null, "tcp:a:1"] as never[])
      assert.throws(() => formatEndpoint(given), {
        name: "UsageError",
        message: /^an endpoint must be an object/,
      });
    for (const given of [
      {},
      { kind: "unix" },
      { kind: "tcp", port: 1 },
      { kind: "udp", host: "a" },
    ] as never[])
      assert.throws(() => formatEndpoint(given), {
        name: "UsageError",
        message: "an endpoint has kind and path, or kind, host and port, as parseEndpoints gives it",
      });
  });
});
