import assert from "node:assert/strict";
import { ownCopy } from "../../../lib/topology/request/own-copy.ts";

describe("a copy of what a caller gave", () => {
  it("says the same, whatever becomes of the original", () => {
    const given = { name: "a", subnets: { net: ["10.0.0.0/24"] }, labels: JSON.parse('{"__proto__":"x"}') };
    const copy = ownCopy(given);
    assert.deepEqual(copy, given);
    assert.deepEqual(Object.keys(copy.labels), ["__proto__"]);
    given.subnets.net.push("10.0.1.0/24");
    assert.deepEqual(copy.subnets, { net: ["10.0.0.0/24"] });
  });

  it("leaves alone what is no list and no plain object, and leaves out what is undefined", () => {
    const given = { at: () => "line 3", map: new Map([["a", 1]]), none: null, absent: undefined };
    const copy = ownCopy(given);
    assert.deepEqual([copy.at, copy.map], [given.at, given.map]);
    assert.deepEqual(Object.keys(copy), ["at", "map", "none"]);
  });
});
