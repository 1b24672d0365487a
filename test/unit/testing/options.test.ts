import assert from "node:assert/strict";
import { planSandbox } from "../../../lib/testing/options.ts";

describe("planSandbox", () => {
  it("names sockets as OVN's and Open vSwitch's tools look for them", () => {
    const plan = planSandbox({
      northbound: true,
      southbound: "/s",
      openvswitch: true,
      databases: { a: ["/x", "/y"] },
    });
    assert.deepEqual(
      plan.databases.map(({ name, socketName, sources }) => [name, socketName, sources]),
      [
        ["northbound", "ovnnb_db.sock", [true]],
        ["southbound", "ovnsb_db.sock", ["/s"]],
        ["openvswitch", "db.sock", [true]],
        ["a", "a.sock", ["/x", "/y"]],
      ],
    );
    assert.equal(plan.tcp, undefined);
    assert.equal(plan.northd, false);
    assert.equal(plan.programs.includes("ovn-northd"), false);
  });

  it("takes true for the IPv4 loopback address", () => {
    assert.equal(planSandbox({ northbound: true, tcp: true }).tcp, "127.0.0.1");
    assert.equal(planSandbox({ northbound: true, tcp: "::1" }).tcp, "::1");
    assert.equal(planSandbox({ northbound: true, tcp: false }).tcp, undefined);
  });

  it("refuses contradictions before anything starts", () => {
    assert.throws(() => planSandbox({}), /at least one database/);
    assert.throws(() => planSandbox({ northbound: false }), /at least one database/);
    assert.throws(
      () => planSandbox({ northbound: true, northd: true }),
      /both a northbound and a southbound/,
    );
    for (const name of ["northd", "pids", "../up", "a b", "", "northbound"]) {
      assert.throws(() => planSandbox({ databases: { [name]: "/x" } }), /cannot be a name/, name);
    }
    assert.throws(() => planSandbox({ databases: { empty: [] } }), /"empty" has no schema/);
  });

  describe("keeps the directory", () => {
    const before = process.env["KEEP_SANDBOX"];
    afterEach(() => {
      if (before === undefined) {
        delete process.env["KEEP_SANDBOX"];
      } else {
        process.env["KEEP_SANDBOX"] = before;
      }
    });

    it("as KEEP_SANDBOX says, unless the option is given", () => {
      const keeps = (value: string, keepDirectory?: boolean): boolean => {
        process.env["KEEP_SANDBOX"] = value;
        return planSandbox({ northbound: true, ...(keepDirectory === undefined ? {} : { keepDirectory }) })
          .home.keep;
      };
      assert.deepEqual(
        [keeps("1"), keeps("0"), keeps(""), keeps("1", false), keeps("", true)],
        [true, false, false, false, true],
      );
    });
  });
});
