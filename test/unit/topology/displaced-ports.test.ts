import assert from "node:assert/strict";
import { addressesOf, build, observe, pod } from "./support.ts";

describe("ports that lose their addresses to new subnets", () => {
  it("are counted in a note, once", () => {
    const pods = ["a", "b", "c"].map((name) => pod(name));
    const cases = [
      ["layer2", "10.1.0.0/24", "10.2.0.0/24"],
      ["localnet", "10.1.0.0/24", "10.2.0.0/24"],
      ["layer3", "10.1.0.0/16/24", "10.2.0.0/16/24"],
    ] as const;
    for (const [topology, before, after] of cases) {
      const observed = observe(build(topology, { subnets: before }, pods.slice(0, 2)));
      const moved = build(topology, { subnets: after }, pods, { observed });
      assert.deepEqual(moved.notes, [
        'network "net": 2 ports get new addresses: their own are outside of the subnets',
      ]);
      assert.deepEqual(
        build(topology, { subnets: after }, pods, { observed: observe(moved, observed) }).notes,
        [],
      );
      assert.deepEqual(build(topology, { subnets: before }, pods, { observed }).notes, [], "new ports");
    }
    const [first] = pods.map((each) => observe(build("layer2", { subnets: "10.1.0.0/24" }, [each])));
    assert.deepEqual(build("layer2", { subnets: "10.2.0.0/24" }, pods, { observed: first ?? {} }).notes, [
      'network "net": 1 port gets a new address: its own is outside of the subnets',
    ]);
  });

  it("are not those that get new addresses by request, by a move or not at all", () => {
    const observed = observe(build("layer2", { subnets: "10.1.0.0/24" }, [pod("a")]));
    const requested = build("layer2", { subnets: "10.1.0.0/24" }, [pod("a", { ips: ["10.1.0.9"] })], {
      observed,
    });
    assert.equal(addressesOf(requested)["a"], "0a:58:0a:01:00:09 10.1.0.9");
    assert.deepEqual(requested.notes, []);
    assert.deepEqual(build("layer2", { subnets: "10.1.0.0/16" }, [pod("a")], { observed }).notes, []);
    const routed = observe(build("layer3", { subnets: "10.1.0.0/16/24" }, [pod("a")]));
    const moved = build("layer3", { subnets: "10.1.0.0/16/24" }, [pod("a", { node: "n2" })], {
      observed: routed,
    });
    assert.notEqual(addressesOf(moved)["a"], "0a:58:0a:01:00:03 10.1.0.3");
    assert.deepEqual(moved.notes, []);
  });
});
