import assert from "node:assert/strict";
import { cidrProblem, layer2, layer3, parseCidr, SpecError } from "../../../lib/topology/index.ts";

const FORM = "must be address/length";
const numbers = "an IPv4 address has four numbers from 0 to 255, without leading zeros";

describe("what is wrong with a range", () => {
  const problems: readonly (readonly [text: unknown, hint: string | undefined])[] = [
    ["10.1.0.0", "the length is missing, which is 32 for a single address"],
    ["10.1.0.0/", "the length is missing, which is 32 for a single address"],
    ["fd00::1", "the length is missing, which is 128 for a single address"],
    ["10.1.0.0/33", "an IPv4 address has a length of at most 32"],
    [" 10.1.0.0/240 ", "an IPv4 address has a length of at most 32"],
    ["fd00::/129", "an IPv6 address has a length of at most 128"],
    ["10.1.0.0/255.255.0.0", "the netmask 255.255.0.0 is the length 16"],
    ["10.1.0.0/0.0.0.0", "the netmask 0.0.0.0 is the length 0"],
    ["10.1.0.0/255.0.255.0", undefined],
    ["10.400.0.0/16", numbers],
    ["010.1.0.0/16", numbers],
    ["10.1/16", numbers],
    ["10/8", numbers],
    ["10.1.0.0/08", undefined],
    ["10.1.0.0/16;10.2.0.0/16", undefined],
    ["10.1.0.0/16/24", undefined],
    ["fd00::/ffff::", undefined],
    ["fd00:::/64", undefined],
    ["ten", undefined],
    ["", undefined],
    [10, undefined],
  ];
  for (const [text, hint] of problems) {
    it(`is told of ${JSON.stringify(text)}`, () => {
      if (typeof text === "string") assert.equal(parseCidr(text), undefined);
      assert.equal(cidrProblem(text), hint === undefined ? FORM : `${FORM}; ${hint}`);
    });
  }

  it("stands in the error with field and value", () => {
    const messageOf = (make: () => object): string => {
      try {
        make();
      } catch (error) {
        assert.ok(error instanceof SpecError);
        return error.message;
      }
      return "none";
    };
    const most = "must be address/length; an IPv4 address has a length of at most 32";
    assert.equal(
      messageOf(() => layer3({ name: "net", subnets: "10.1.0.0/33/24" })),
      `subnets ${most}: "10.1.0.0/33/24"`,
    );
    assert.equal(
      messageOf(() => layer2({ name: "net", subnets: "10.1.0.0/16", excludeSubnets: "10.1.0.1/40" })),
      `excludeSubnets ${most}: "10.1.0.1/40"`,
    );
    assert.match(
      messageOf(() => layer2({ name: "net", subnets: "10.1.0.0/16", joinSubnet: "10.2.0.0" })),
      /^joinSubnet must be address\/length; the length is missing/,
    );
  });
});
