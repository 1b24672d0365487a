import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import {
  containsAddress,
  containsRange,
  formatAddress,
  makeCidr,
  overlaps,
  parseAddress,
  parseCidr,
  parseInterface,
} from "../../../lib/topology/description/address.ts";
import { parseMac } from "../../../lib/topology/description/mac.ts";

const address = fc.oneof(
  fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, 2n ** 32n - 1n) }),
  // Values within ::ffff:0:0/96 are IPv4 addresses in another spelling.
  fc.record({ family: fc.constant(6 as const), value: fc.bigInt(2n ** 64n, 2n ** 128n - 1n) }),
);

describe("addresses", () => {
  it("writes IPv6 canonically", () => {
    const canonical: Record<string, string> = {
      "FD00:0:0:0:0:0:0:1": "fd00::1",
      "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
      "fd00:0:0:ffff::": "fd00:0:0:ffff::",
      "fd00:0:1:0:1:1:1:1": "fd00:0:1:0:1:1:1:1",
      "::": "::",
    };
    for (const [text, expected] of Object.entries(canonical)) {
      const parsed = parseAddress(text);
      assert.ok(parsed, text);
      assert.equal(formatAddress(parsed), expected);
    }
  });

  it("takes what Node.js takes for an address", () => {
    const group = fc.constantFrom("0", "1", "00ff", "ABCD", "fe80", "", "12345", "g", "10.0.0.1", "1.2.3");
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 9 }), (groups) => {
        const text = groups.join(":");
        // An old way to write IPv4 within IPv6, which tools read as one or the other.
        fc.pre(text !== "::10.0.0.1");
        assert.equal(parseAddress(text)?.family ?? 0, isIP(text), text);
      }),
      { numRuns: 2000, examples: [[["1", "0", "1", "0", "0", "1", "10.0.0.1"]]] },
    );
  });

  it("refuses what other tools read differently", () => {
    for (const text of [
      ...["", "10.1", "010.0.0.1", "0x0a000001", "10.0.0.256", "10.0.0.1 ", "10.0.0.1/24", "1.2.3.4.5"],
      ...[
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "12345::",
        "00001::1",
        "1::2::3",
        ":",
        "fd00::g",
        "1:2:3:4:5:6:7",
      ],
    ]) {
      assert.equal(parseAddress(text), undefined, text);
    }
    for (const text of [
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "10.0.0.0/08",
      "10.0.0.0/8/8",
      "fd00::/129",
      "/8",
      "a/8",
    ]) {
      assert.equal(parseCidr(text), undefined, text);
    }
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(address, (value) => assert.deepEqual(parseAddress(formatAddress(value)), { ...value })),
    );
  });

  it("clears host bits, and spans exactly the subnet", () => {
    assert.equal(parseCidr("10.33.7.9/16")?.text, "10.33.0.0/16");
    assert.equal(parseCidr("fd00:10::5/48")?.text, "fd00:10::/48");
    assert.deepEqual(parseInterface("10.33.7.9/16"), { address: parseAddress("10.33.7.9"), prefix: 16 });
    fc.assert(
      fc.property(address, fc.nat(128), (value, length) => {
        const bits = value.family === 4 ? 32 : 128;
        const cidr = makeCidr(value, length % (bits + 1));
        assert.ok(containsAddress(cidr, value));
        assert.equal(cidr.last - cidr.first + 1n, 2n ** BigInt(bits - cidr.prefix));
        assert.deepEqual(parseCidr(cidr.text), cidr);
        if (cidr.prefix > 0) {
          const half = makeCidr(value, cidr.prefix - 1);
          assert.ok(containsRange(half, cidr) && overlaps(cidr, half) && !containsRange(cidr, half));
        }
      }),
    );
  });
});

describe("MAC addresses", () => {
  it("reads unicast addresses, in lower case", () => {
    assert.equal(parseMac("0A:58:0a:16:00:01"), "0a:58:0a:16:00:01");
    assert.equal(parseMac("0A-58-0a-16-00-01"), "0a:58:0a:16:00:01");
  });

  it("refuses everything else", () => {
    for (const text of [
      "",
      "0a:58:0a:16:00",
      "0a:58:0a:16:00:01:02",
      "0a:58:0a:16:00:0g",
      "0a58.0a16.0001",
      "01:00:5e:00:00:01",
      "ff:ff:ff:ff:ff:ff",
      "00:00:00:00:00:00",
      "0a:58-0a:16:00:01",
    ]) {
      assert.equal(parseMac(text), undefined, text);
    }
  });
});
