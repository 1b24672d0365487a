import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addressOrder,
  counted,
  firstLines,
  naturalOrder,
  plainText,
  shorten,
} from "../../../lib/topology/naming/label-text.ts";
import { natLabel, routeLabel, unnamedLabel } from "../../../lib/topology/naming/row-label.ts";

describe("texts of pictures", () => {
  it("are in the order of their numbers, however long those are", () => {
    const names = [
      "n10",
      "n9",
      "n1",
      "n01",
      "n",
      "n9a",
      "n99999999999999999999",
      "m2",
      "n100000000000000000000",
    ];
    assert.deepEqual(names.toSorted(naturalOrder), [
      "m2",
      "n",
      "n01",
      "n1",
      "n9",
      "n9a",
      "n10",
      "n99999999999999999999",
      "n100000000000000000000",
    ]);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "b", "0", "1", "9", "-") })), (words) => {
        assert.deepEqual(words.toReversed().sort(naturalOrder), words.toSorted(naturalOrder));
        for (const word of words) assert.equal(naturalOrder(word, word), 0);
      }),
    );
  });

  it("have IPv4 addresses first, and single ones last", () => {
    const addresses = ["fd69::b/128", "fd00::1/64", "169.254.0.11/32", "172.18.0.2/16"];
    assert.deepEqual(addresses.toSorted(addressOrder), [
      "172.18.0.2/16",
      "169.254.0.11/32",
      "fd00::1/64",
      "fd69::b/128",
    ]);
  });

  it("have nothing in them that is no character or steers what shows them", () => {
    assert.equal(plainText("a\n\u202e\u2028\ud800\ufffe"), "a\\u000a\\u202e\\u2028\\ud800\\ufffe");
    assert.equal(plainText("häuser 日本 \u{1f600} <&>"), "häuser 日本 \u{1f600} <&>");
  });

  it("are cut in the middle, between characters", () => {
    assert.equal(shorten("abcdefgh", 5), "ab…gh");
    assert.equal(shorten("abcde", 5), "abcde");
    assert.equal(shorten("\u{1f600}".repeat(8), 3), "\u{1f600}…\u{1f600}");
  });

  it("count, and tell how many are left", () => {
    assert.deepEqual(
      [counted(1, "policy"), counted(2, "policy"), counted(0, "switch")],
      ["1 policy", "2 policies", "0 switches"],
    );
    assert.deepEqual(firstLines(["a", "b", "c"], 1, "pod"), ["a", "and 2 more pods"]);
    assert.deepEqual(firstLines(["a", "b"], 1, "pod"), ["a", "b"]);
    assert.deepEqual(firstLines(["a"], 0, "pod"), []);
  });
});

describe("what rows without a name are called", () => {
  it("is the same of a row of the database as of one that is planned", () => {
    const nat = { logical_ip: "10.1.0.0/16", external_ip: "169.254.0.11" };
    assert.equal(unnamedLabel("NAT", nat), "10.1.0.0/16 behind 169.254.0.11");
    assert.equal(unnamedLabel("NAT", nat), natLabel(nat.logical_ip, nat.external_ip));
    for (const [policy, text] of [
      ["src-ip", "10.1.0.0/24 (source) by 10.1.0.2"],
      ["dst-ip", "10.1.0.0/24 by 10.1.0.2"],
      [null, "10.1.0.0/24 by 10.1.0.2"],
    ] as const) {
      const route = { ip_prefix: "10.1.0.0/24", policy, nexthop: "10.1.0.2" };
      assert.equal(unnamedLabel("Logical_Router_Static_Route", route), text);
      assert.equal(routeLabel(route.ip_prefix, policy, route.nexthop), text);
    }
    assert.equal(unnamedLabel("NAT", { logical_ip: "10.1.0.0/16" }), "");
  });
});
