import assert from "node:assert/strict";
import { groupNetworks, type NetworkPair } from "../../../lib/topology/plan/group-networks.ts";

/** A plan in which 10 bytes are about several networks, and so many about each. A transaction has a bracket more. */
const three = { a: 30, b: 30, c: 29 };

function groups(
  maxBytes: number,
  parts: Readonly<Record<string, number>>,
  { shared = 10, gone = 0, together = [] as readonly NetworkPair[] } = {},
): ReturnType<typeof groupNetworks> {
  const sizes = new Map<string | undefined, number>(Object.entries(parts));
  if (shared > 0) sizes.set(undefined, shared);
  if (gone > 0) sizes.set("gone", gone);
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 1);
  return groupNetworks({ bytes, sizes, together }, Object.keys(parts), maxBytes);
}

describe("networks of a plan that is larger than one transaction may be", () => {
  it("go with each other as long as all fits to the byte, with what is shared", () => {
    assert.deepEqual(groups(100, three), [undefined]);
    assert.deepEqual(groups(99, three), [["a", "b"], ["c"]]);
    assert.deepEqual(groups(71, three), [["a", "b"], ["c"]]);
    assert.deepEqual(groups(70, three), [["a"], ["b", "c"]]);
    assert.deepEqual(groups(69, three), [["a"], ["b"], ["c"]]);
    assert.deepEqual(groups(61, three, { shared: 0 }), [["a", "b"], ["c"]]);
  });

  it("leave room beside the first for what is about none of them", () => {
    assert.deepEqual(groups(71, three, { gone: 1 }), [["a"], ["b", "c"]]);
  });

  it("go alone where not even one fits", () => {
    assert.deepEqual(groups(71, { d: 90, a: 30, b: 30 }), [["d"], ["a", "b"]]);
    assert.deepEqual(groups(1, { d: 90 }), [undefined]);
  });

  it("stay together where they take something from each other, also by way of others", () => {
    const together: NetworkPair[] = [
      ["a", "c"],
      ["c", "d"],
      ["a", "elsewhere"],
    ];
    assert.deepEqual(groups(71, { ...three, d: 30 }, { together }), [["a", "c", "d"], ["b"]]);
  });
});
