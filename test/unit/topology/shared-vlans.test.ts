import assert from "node:assert/strict";
import { sharedVlanNotes } from "../../../lib/topology/addresses/shared-vlans.ts";
import { type NetworkInput, parseNetwork } from "../../../lib/topology/index.ts";

describe("localnet networks in one VLAN of one physical network", () => {
  const notes = (...inputs: readonly Partial<NetworkInput>[]): readonly string[] =>
    sharedVlanNotes(
      inputs.map((input, index) =>
        parseNetwork("localnet", { name: `n${index}`, physicalNetworkName: "phys", vlanID: 5, ...input }),
      ),
    );
  const told = (
    a: string,
    b: string,
    subnet: string,
    where = 'VLAN 5 of the physical network "phys"',
  ): string =>
    `localnet networks "${a}" and "${b}" are both ${where} and give out the same addresses of ${subnet}: one of the two should exclude them`;

  it("that give out the same addresses are told", () => {
    const subnets = "10.5.0.0/24";
    assert.deepEqual(notes({ subnets }, { subnets: "10.5.0.128/25,fd00:5::/64" }), [
      told("n0", "n1", "10.5.0.128/25"),
    ]);
    assert.deepEqual(notes({ subnets: "fd00:5::/64" }, { subnets: "10.5.0.0/24,fd00:5::/64" }), [
      told("n0", "n1", "fd00:5::/64"),
    ]);
    assert.deepEqual(notes({ subnets, vlanID: 0 }, { subnets, vlanID: 0 }), [
      told("n0", "n1", subnets, 'the physical network "phys"'),
    ]);
    assert.deepEqual(
      notes({ subnets, physicalNetworkName: "n1" }, { subnets, physicalNetworkName: undefined as never })
        .length,
      1,
      "a network's own name is that of its physical network",
    );
    const many = notes({ subnets }, { subnets }, { subnets }, { subnets });
    assert.deepEqual(
      [many.length, many[3]],
      [4, "3 more pairs of localnet networks give out the same addresses"],
    );
  });

  it("that are apart, or keep out of each other's way, are not", () => {
    const subnets = "10.5.0.0/24";
    assert.deepEqual(notes({ subnets }, { subnets, vlanID: 6 }), []);
    assert.deepEqual(notes({ subnets }, { subnets, physicalNetworkName: "other" }), []);
    assert.deepEqual(notes({ subnets }, { subnets: "10.5.1.0/24" }), []);
    assert.deepEqual(notes({ subnets }, {}), [], "without subnets");
    const beside = parseNetwork("localnet", { name: "n0", physicalNetworkName: "n1", subnets });
    const within = parseNetwork("layer2", { name: "n1", subnets });
    assert.deepEqual(sharedVlanNotes([beside, within]), [], "layer2 has no physical network");
    const halves = [
      { subnets, excludeSubnets: "10.5.0.0/25" },
      { subnets, excludeSubnets: "10.5.0.192/26,10.5.0.128/26" },
    ];
    assert.deepEqual(notes(...halves), []);
    assert.equal(notes(halves[0] ?? {}, { subnets, excludeSubnets: "10.5.0.192/26" }).length, 1);
    assert.equal(notes({ subnets, excludeSubnets: "10.5.0.64/26" }, { subnets }).length, 1);
  });
});
