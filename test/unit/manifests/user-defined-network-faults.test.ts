import { expectErrors } from "./fixtures.ts";
import { cluster, layer2, layer3, localnet, namespace, secondary, udn } from "./udn-fixtures.ts";

/** So many ranges in another. */
function eachIn(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}.${index}.0/24`);
}

describe("faults of user-defined networks", () => {
  /** Topology, its part, the field at fault within it, and the reason. */
  const faults: readonly (readonly [string, object, string, unknown, RegExp])[] = [
    ["Layer3", { ...layer3, role: "Other" }, "role", "Other", /must be Primary or Secondary/],
    ["Layer3", { subnets: layer3.subnets }, "role", undefined, /is missing/],
    ["Layer3", { ...layer3, mtu: 575 }, "mtu", 575, /whole number from 576 to 65536/],
    ["Layer3", { ...layer3, mtu: 1000.5 }, "mtu", 1000.5, /whole number/],
    ["Layer3", { ...layer3, mtu: 1279, subnets: [{ cidr: "fd00::/48" }] }, "mtu", 1279, /at least 1280/],
    ["Layer3", secondary, "subnets", undefined, /is missing/],
    ["Layer3", { ...layer3, subnets: [] }, "subnets", [], /must not be empty/],
    [
      "Layer3",
      { ...layer3, subnets: [{ cidr: "10.1.0.0" }] },
      "subnets[0].cidr",
      "10.1.0.0",
      /address\/length/,
    ],
    [
      "Layer3",
      { ...layer3, subnets: [{ cidr: "10.1.0.0/16", hostSubnet: 0 }] },
      "subnets[0].hostSubnet",
      0,
      /1 to 127/,
    ],
    [
      "Layer3",
      { ...layer3, subnets: [{ cidr: "10.1.0.0/16", hostSubnet: 16 }] },
      "subnets[0].hostSubnet",
      16,
      /longer/,
    ],
    [
      "Layer3",
      { ...layer3, subnets: [{ cidr: "10.1.0.0/16", hostSubnet: 32 }] },
      "subnets[0].hostSubnet",
      32,
      /less than 32/,
    ],
    [
      "Layer3",
      { ...layer3, subnets: [{ cidr: "fd00::/48", hostSubnet: 60 }] },
      "subnets[0]",
      { cidr: "fd00::/48", hostPrefix: 60 },
      /host prefix of 64/,
    ],
    [
      "Layer3",
      { ...layer3, joinSubnets: ["100.70.0.0/16"] },
      "joinSubnets",
      ["100.70.0.0/16"],
      /only possible on a primary/,
    ],
    [
      "Layer3",
      { ...layer3, subnets: ["10.1.0.0/16/24"] },
      "subnets[0]",
      "10.1.0.0/16/24",
      /^must be a map with cidr and hostSubnet$/,
    ],
    [
      "Layer2",
      { ...layer2, subnets: [{ cidr: "10.1.0.0/16" }] },
      "subnets[0]",
      { cidr: "10.1.0.0/16" },
      /address\/length/,
    ],
    ["Layer2", secondary, "subnets", undefined, /is missing: needed unless ipam.mode is Disabled/],
    [
      "Layer2",
      { ...layer2, subnets: ["10.1.0.0/16", "10.2.0.0/16"] },
      "subnets",
      ["10.1.0.0/16", "10.2.0.0/16"],
      /different families/,
    ],
    ["Layer2", { ...layer2, subnets: ["10.1.0.0/16/24"] }, "subnets[0]", "10.1.0.0/16/24", /address\/length/],
    ["Layer2", { ...layer2, ipam: {} }, "ipam", {}, /must not be empty/],
    ["Layer2", { ...layer2, ipam: { mode: "disabled" } }, "ipam.mode", "disabled", /Enabled or Disabled/],
    ["Layer2", { ...layer2, ipam: { mode: "Disabled" } }, "subnets", ["10.1.0.0/16"], /must not be set/],
    [
      "Layer2",
      { ...secondary, ipam: { mode: "Disabled", lifecycle: "Persistent" } },
      "ipam.lifecycle",
      "Persistent",
      /must not be set/,
    ],
    [
      "Layer2",
      { role: "Primary", ipam: { mode: "Disabled" } },
      "ipam.mode",
      "Disabled",
      /must not be Disabled on a primary network/,
    ],
    [
      "Layer2",
      { ...layer2, reservedSubnets: ["10.1.1.0/24"] },
      "reservedSubnets",
      ["10.1.1.0/24"],
      /only possible on a primary/,
    ],
    [
      "Layer2",
      { ...layer2, infrastructureSubnets: ["10.1.1.0/24"] },
      "infrastructureSubnets",
      ["10.1.1.0/24"],
      /only possible on a primary/,
    ],
    [
      "Layer2",
      { ...layer2, defaultGatewayIPs: ["10.1.0.5"] },
      "defaultGatewayIPs",
      ["10.1.0.5"],
      /only possible on a primary/,
    ],
    // The numbers are those of upstream's CustomResourceDefinition (maxItems).
    [
      "Layer2",
      { ...layer2, role: "Primary", infrastructureSubnets: eachIn("10.1", 5) },
      "infrastructureSubnets",
      eachIn("10.1", 5),
      /at most 4/,
    ],
    [
      "Layer2",
      { ...layer2, role: "Primary", reservedSubnets: eachIn("10.1", 26) },
      "reservedSubnets",
      eachIn("10.1", 26),
      /at most 25/,
    ],
    ["Localnet", { ...localnet, role: "Primary" }, "role", "Primary", /must be Secondary on a localnet/],
    ["Localnet", { ...localnet, vlan: 100 }, "vlan", 100, /^must be a map with mode and access.id$/],
    ["Localnet", { ...localnet, physicalNetworkName: "" }, "physicalNetworkName", "", /must not be empty/],
    ["Localnet", { ...localnet, physicalNetworkName: "a:b" }, "physicalNetworkName", "a:b", /no colon/],
    [
      "Localnet",
      { ...localnet, physicalNetworkName: undefined },
      "physicalNetworkName",
      undefined,
      /is missing/,
    ],
    [
      "Localnet",
      { ...localnet, excludeSubnets: ["10.2.0.0/24"] },
      "excludeSubnets[0]",
      "10.2.0.0/24",
      /within one of the subnets/,
    ],
    [
      "Localnet",
      { ...localnet, vlan: { mode: "Access", access: { id: 4095 } } },
      "vlan.access.id",
      4095,
      /1 to 4094/,
    ],
    ["Localnet", { ...localnet, vlan: { mode: "Access" } }, "vlan.access", undefined, /is missing/],
    [
      "Localnet",
      { ...localnet, vlan: { mode: "Trunk", access: { id: 4 } } },
      "vlan.mode",
      "Trunk",
      /must be Access/,
    ],
  ];
  for (const [topology, config, field, value, reason] of faults) {
    it(`${topology}: ${field} ${reason.source}`, () => {
      const part = topology === "Localnet" ? "network.localnet" : topology.toLowerCase();
      const text = topology === "Localnet" ? cluster(topology, config) : udn(topology, config);
      expectErrors([text, ...(topology === "Localnet" ? [namespace("a")] : [])], {
        field: `spec.${part}.${field}`,
        value,
        line: topology === "Localnet" ? 8 : 6,
        reason,
      });
    });
  }

  it("several subnets of a family, and overlapping ones", () => {
    const subnets = [{ cidr: "10.1.0.0/16" }, { cidr: "10.1.5.0/20", hostSubnet: 24 }, { cidr: "fd00::/48" }];
    expectErrors(
      [udn("Layer3", { ...layer3, subnets })],
      { field: "spec.layer3.subnets", value: subnets, reason: /at most two entries/ },
      { field: "spec.layer3.subnets[1].cidr", value: "10.1.5.0/20", reason: /overlaps with .* 10.1.0.0\/16/ },
      { field: "spec.layer3.subnets[1].hostSubnet", value: 24, reason: /the same for all/ },
    );
  });

  it("fields of primary networks that contradict each other", () => {
    const config = {
      role: "Primary",
      subnets: ["10.1.0.0/16"],
      reservedSubnets: ["10.1.1.1/24"],
      infrastructureSubnets: ["10.1.1.0/25", "10.9.0.0/24"],
      defaultGatewayIPs: ["10.1.2.1", "fd00::1"],
    };
    expectErrors(
      [udn("Layer2", config)],
      { field: "spec.layer2.reservedSubnets[0]", value: "10.1.1.1/24", reason: /no host bits/ },
      {
        field: "spec.layer2.infrastructureSubnets[1]",
        value: "10.9.0.0/24",
        reason: /within one of the subnets/,
      },
      { field: "spec.layer2.defaultGatewayIPs[1]", value: "fd00::1", reason: /within one of the subnets/ },
      {
        field: "spec.layer2.defaultGatewayIPs",
        value: config.defaultGatewayIPs,
        reason: /one entry for each/,
      },
      {
        field: "spec.layer2.infrastructureSubnets[0]",
        value: "10.1.1.0/25",
        reason: /overlaps with .* 10.1.1.0\/24/,
      },
      {
        field: "spec.layer2.defaultGatewayIPs[0]",
        value: "10.1.2.1",
        reason: /one of the infrastructureSubnets/,
      },
      {
        field: "spec.layer2.defaultGatewayIPs[1]",
        value: "fd00::1",
        reason: /one of the infrastructureSubnets/,
      },
    );
  });

  it("a part of another topology, a missing one, and a topology that is none", () => {
    expectErrors([udn("Layer2", layer2, { layer3 })], {
      field: "spec.layer3",
      value: layer3,
      line: 7,
      reason: /must not be set when topology is Layer2/,
    });
    expectErrors([udn("Layer2", null)], {
      field: "spec.layer2",
      value: null,
      reason: /is missing: needed when topology is Layer2/,
    });
    expectErrors([udn("Localnet", localnet)], {
      field: "spec.topology",
      value: "Localnet",
      reason: /must be Layer3 or Layer2/,
    });
  });

  it("what is not built: transports and uplinks", () => {
    const more = { network: { transport: "EVPN", evpn: { vtep: "x" } }, spec: { namespaceSelector: {} } };
    expectErrors(
      [cluster("Layer2", layer2, more), namespace("a")],
      { field: "spec.network.transport", value: "EVPN", reason: /not supported yet/ },
      { field: "spec.network.evpn", value: { vtep: "x" }, reason: /not supported yet/ },
    );
    expectErrors([cluster("Layer2", layer2, { spec: { uplinks: ["a"] } }), namespace("a")], {
      field: "spec.uplinks",
      value: ["a"],
      line: 9,
      reason: /not supported yet/,
    });
  });

  it("selectors that choose nothing in particular", () => {
    const selector = (requirement: object): string =>
      cluster("Layer2", layer2, { spec: { namespaceSelector: { matchExpressions: [requirement] } } });
    const field = "spec.namespaceSelector.matchExpressions[0]";
    expectErrors([selector({ key: "a", operator: "Is" })], {
      field: `${field}.operator`,
      value: "Is",
      line: 5,
      reason: /one of In, NotIn, Exists, DoesNotExist/,
    });
    expectErrors([selector({ key: "a", operator: "In" })], {
      field,
      value: { key: "a", operator: "In" },
      reason: /must have values/,
    });
    expectErrors([selector({ key: "a", operator: "Exists", values: ["b"] })], {
      field,
      value: { key: "a", operator: "Exists", values: ["b"] },
      reason: /must have no values/,
    });
  });
});
