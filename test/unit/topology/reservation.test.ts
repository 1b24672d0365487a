import assert from "node:assert/strict";
import { Reservation } from "../../../lib/topology/plan/reservation.ts";

function setup() {
  const handle = {};
  const [one, other] = [new Reservation(handle), new Reservation(handle)];
  const seen = (by: Reservation, party?: ReadonlySet<Reservation>): string =>
    ["a", "b", "c"].filter((claim) => by.others(party)?.(claim)).join();
  return { one, other, seen };
}

describe("what plans on one handle are about to take", () => {
  it("is taken for all but themselves and their party; each time what was reserved before is given back", () => {
    const { one, other, seen } = setup();
    one.reserve(["a", "b"]);
    assert.deepEqual([seen(one), seen(other), seen(other, new Set([one]))], ["", "a,b", ""]);
    assert.deepEqual([one.others(), typeof other.others()], [undefined, "function"]);
    one.reserve(["c"]);
    assert.equal(seen(other), "c");
    one.release();
    assert.equal(other.others(), undefined);
  });

  it("stays with who came first", () => {
    const { one, other, seen } = setup();
    one.reserve(["a"]);
    other.reserve(["a", "b"]);
    assert.deepEqual([seen(one), seen(other)], ["b", "a"]);
    other.release();
    assert.deepEqual([seen(one), seen(other)], ["", "a"]);
  });

  it("is nobody's business on another handle", () => {
    const { one } = setup();
    one.reserve(["a"]);
    assert.equal(new Reservation({}).others(), undefined);
  });
});
