import assert from "node:assert/strict";
import {
  buildNetwork,
  checkNetworkRanges,
  type NetworkInput,
  type NodeInput,
  nothingObserved,
  parseNetwork,
  SpecError,
  type TopologyName,
} from "../../../lib/topology/index.ts";
import { primaryNode } from "../../support/primary.ts";
import { pod, refusesAddress, rowOf, today } from "./support.ts";

const bounds: Readonly<Record<string, string>> = { layer3: "10.3.0.0/16", layer2: "10.1.0.0/16" };

function spec(topology: TopologyName, input: Partial<NetworkInput> = {}): ReturnType<typeof parseNetwork> {
  return parseNetwork(topology, {
    name: "net",
    role: "primary",
    networkId: 1,
    subnets: bounds[topology] ?? "",
    ...input,
  });
}

function texts(ranges: readonly { readonly text: string }[] = []): string[] {
  return ranges.map(({ text }) => text);
}

function fails(run: () => unknown, path: string, value: unknown, reason: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SpecError, String(error));
    assert.deepEqual([error.path, error.value], [path, value]);
    assert.match(error.message, reason);
    return true;
  });
}

describe("what a primary network is described by", () => {
  it("has upstream's join subnets, or the user's where he gives one of a family", () => {
    assert.deepEqual(texts(spec("layer3").primary?.joinSubnets), ["100.65.0.0/16", "fd99::/64"]);
    assert.deepEqual(texts(spec("layer2", { joinSubnet: "fd01::/64" }).primary?.joinSubnets), [
      "100.65.0.0/16",
      "fd01::/64",
    ]);
  });

  it("has a transit subnet that nothing of it overlaps with, one for each subnet", () => {
    const transit = (input: Partial<NetworkInput>): string[] =>
      texts(spec("layer2", input).primary?.transitSubnets);
    assert.deepEqual(transit({}), ["100.88.0.0/16"]);
    assert.deepEqual(transit({ subnets: "fd00:1::/64,10.1.0.0/16" }), ["fd97::/64", "100.88.0.0/16"]);
    assert.deepEqual(transit({ subnets: "100.88.3.0/24" }), ["100.89.0.0/16"]);
    assert.deepEqual(transit({ subnets: "100.88.0.0/14" }), ["100.92.0.0/16"]);
    assert.deepEqual(transit({ subnets: "100.88.0.0/16", joinSubnet: "100.89.0.0/16" }), ["100.90.0.0/16"]);
    assert.deepEqual(transit({ transitSubnet: "192.0.2.0/24" }), ["192.0.2.0/24"]);
    const both = { subnets: "10.1.0.0/16,fd00:1::/64", transitSubnet: "fd55::/64,192.0.2.0/24" };
    assert.deepEqual(transit(both), ["192.0.2.0/24", "fd55::/64"]);
    assert.deepEqual(transit({ ...both, transitSubnet: "fd55::/64" }), ["100.88.0.0/16", "fd55::/64"]);
  });

  it("has gateway and management addresses from the ranges for them, as far as they go", () => {
    const pair = (input: Partial<NetworkInput>): string[] => {
      const { gateways = [], managements = [] } = spec("layer2", input).primary ?? {};
      return [...gateways, ...managements].map(({ value }) =>
        (value - (10n << 24n) - (1n << 16n)).toString(),
      );
    };
    assert.deepEqual(pair({}), ["1", "2"]);
    assert.deepEqual(pair({ defaultGatewayIPs: "10.1.0.9" }), ["9", "2"]);
    assert.deepEqual(pair({ defaultGatewayIPs: "10.1.0.2" }), ["2", "1"]);
    assert.deepEqual(pair({ infrastructureSubnets: "10.1.0.16/28" }), ["16", "17"]);
    assert.deepEqual(pair({ infrastructureSubnets: "10.1.0.0/30", defaultGatewayIPs: "10.1.0.1" }), [
      "1",
      "2",
    ]);
    assert.deepEqual(pair({ infrastructureSubnets: "10.1.0.7/32" }), ["7", "2"]);
    assert.deepEqual(pair({ infrastructureSubnets: "10.1.0.7/32,10.1.0.12/32" }), ["7", "12"]);
  });

  it("may have its transit subnet where nobody is to have an address", () => {
    const input = { subnets: "100.64.0.0/10", excludeSubnets: "100.64.0.0/15,100.88.0.0/16" };
    assert.deepEqual(texts(spec("layer2", input).primary?.transitSubnets), ["100.88.0.0/16"]);
    const given = spec("layer2", { ...input, transitSubnet: "100.88.0.0/17" });
    assert.deepEqual(texts(given.primary?.transitSubnets), ["100.88.0.0/17"]);
  });

  it("is refused where it makes no sense", () => {
    const bad: readonly (readonly [TopologyName, Partial<NetworkInput>, string, unknown, RegExp])[] = [
      ["localnet", {}, "role", "primary", /secondary on a localnet/],
      ["layer2", { subnets: "" }, "subnets", "", /needed by a primary/],
      [
        "layer2",
        { subnets: "10.1.0.0/16,10.2.0.0/16" },
        "subnets",
        "10.1.0.0/16,10.2.0.0/16",
        /one of a family/,
      ],
      [
        "layer3",
        { subnets: "100.65.0.0/17" },
        "subnets",
        "100.65.0.0/17",
        /overlap with 100.65.0.0\/16, the network's join subnet/,
      ],
      [
        "layer3",
        { subnets: "100.64.8.0/21" },
        "subnets",
        "100.64.8.0/21",
        /overlap with 100.64.0.0\/16, the cluster's join subnet/,
      ],
      ["layer3", { joinSubnet: "100.64.0.0/16" }, "joinSubnet", "100.64.0.0/16", /overlaps/],
      [
        "layer3",
        { joinSubnet: "100.88.7.0/24" },
        "joinSubnet",
        "100.88.7.0/24",
        /100.88.0.0\/16, the cluster's transit/,
      ],
      ["layer3", { joinSubnet: "100.66.0.0/31" }, "joinSubnet", "100.66.0.0/31", /too small/],
      ["layer2", { joinSubnet: "fd01::/127" }, "joinSubnet", "fd01::/127", /too small/],
      ["layer2", { subnets: "10.1.0.0/31" }, "subnets", "10.1.0.0/31", /no room for the gateway/],
      ["layer2", { subnets: "fd01::/127" }, "subnets", "fd01::/127", /no room for the gateway/],
      ["layer3", { joinSubnet: "1.2.3.4" }, "joinSubnet", "1.2.3.4", /address\/length/],
      [
        "layer3",
        { joinSubnet: "10.0.0.0/24,10.9.0.0/24" },
        "joinSubnet",
        "10.0.0.0/24,10.9.0.0/24",
        /one range/,
      ],
      ["layer3", { reservedSubnets: "10.3.0.0/24" }, "reservedSubnets", "10.3.0.0/24", /layer2/],
      ["layer2", { reservedSubnets: "10.9.0.0/24" }, "reservedSubnets", "10.9.0.0/24", /within/],
      [
        "layer2",
        { infrastructureSubnets: "10.1.0.0/24", reservedSubnets: "10.1.0.0/28" },
        "infrastructureSubnets",
        "10.1.0.0/24",
        /overlaps/,
      ],
      ["layer2", { defaultGatewayIPs: "10.9.0.1" }, "defaultGatewayIPs", "10.9.0.1", /within/],
      ["layer2", { defaultGatewayIPs: "10.1.0.0" }, "defaultGatewayIPs", "10.1.0.0", /no address/],
      [
        "layer2",
        { defaultGatewayIPs: "10.1.0.9", infrastructureSubnets: "10.1.1.0/24" },
        "defaultGatewayIPs",
        "10.1.0.9",
        /infrastructureSubnets/,
      ],
      [
        "layer2",
        { transitSubnet: "10.1.3.0/24" },
        "transitSubnet",
        "10.1.3.0/24",
        /overlaps with 10.1.0.0\/16/,
      ],
      ["layer2", { networkId: 0 }, "networkId", 0, /default network/],
      ["layer2", { networkId: 4096 }, "networkId", 4096, /4095/],
    ];
    for (const [topology, input, path, value, reason] of bad)
      fails(() => checkNetworkRanges(spec(topology, input)), path, value, reason);
    for (const field of ["reservedSubnets", "infrastructureSubnets", "defaultGatewayIPs"])
      fails(
        () => parseNetwork("layer2", { name: "net", subnets: "10.1.0.0/16", [field]: "10.1.0.1" }),
        field,
        "10.1.0.1",
        /primary networks only/,
      );
  });
});

describe("nodes of a primary network", () => {
  function build(node: Partial<NodeInput>, input: Partial<NetworkInput> = {}, options = today): unknown {
    const { networkId, ...rest } = primaryNode("n1", 2) as NodeInput & { networkId?: number };
    return buildNetwork(spec("layer3", input), nothingObserved, [{ ...rest, ...node }], [], options);
  }
  const without = (field: keyof NodeInput): NodeInput => {
    const { [field]: _, ...rest } = primaryNode("n1", 2);
    return { name: "n1", ...rest } as NodeInput;
  };

  it("say by which annotation what they lack is known", () => {
    const needed: readonly (readonly [keyof NodeInput, RegExp])[] = [
      ["chassisId", /k8s\.ovn\.org\/node-chassis-id/],
      ["id", /k8s\.ovn\.org\/node-id/],
      ["gateway", /k8s\.ovn\.org\/l3-gateway-config/],
      ["masqueradeSubnets", /k8s\.ovn\.org\/node-masquerade-subnet, IPv4/],
    ];
    for (const [field, annotation] of needed)
      fails(
        () => buildNetwork(spec("layer3"), nothingObserved, [without(field)], [], today),
        `nodes[n1].${field}`,
        undefined,
        annotation,
      );
    const { networkId: _, ...anonymous } = spec("layer3");
    fails(
      () => buildNetwork(anonymous, nothingObserved, [primaryNode("n1", 2)], [], today),
      "nodes[n1].networkIds",
      undefined,
      /k8s\.ovn\.org\/network-ids/,
    );
  });

  it("are refused where they contradict the network, the plan or each other", () => {
    const gateway = primaryNode("n1", 2).gateway;
    assert.ok(gateway);
    fails(() => build({ networkIds: { net: 2 } }), "nodes[n1].networkIds[net]", 2, /which is 1/);
    fails(() => build({ id: 0 }), "nodes[n1].id", 0, /whole number from 1/);
    fails(() => build({ id: 70_000 }), "nodes[n1].id", 70_000, /no address in 100\.65\.0\.0\/16/);
    // The cluster router has the first address, upstream's first node the second; the last is everybody's.
    fails(() => build({ id: 1 }), "nodes[n1].id", 1, /100\.65\.0\.1\/16, which the cluster router/);
    fails(() => build({ id: 65_535 }), "nodes[n1].id", 65_535, /no address in 100\.65\.0\.0\/16/);
    const small = { joinSubnet: "100.66.0.0/30" };
    build({ id: 2 }, small);
    fails(() => build({ id: 3 }, small), "nodes[n1].id", 3, /no address in 100\.66\.0\.0\/30/);
    build(
      { id: 3, gateway: { ...gateway, ips: ["fc00:f853:ccd:e793::2/64"] } },
      {
        subnets: "fd00:3::/48",
        joinSubnet: "fd01::/126",
        networkId: 1,
      },
    );
    fails(
      () => build({ gateway: { ...gateway, mode: "local" } }),
      "nodes[n1].gateway.mode",
      "local",
      /shared/,
    );
    fails(() => build({ gateway: { ...gateway, mac: "x" } }), "nodes[n1].gateway.mac", "x", /MAC/);
    fails(() => build({ gateway: { ...gateway, ips: [] } }), "nodes[n1].gateway.ips", [], /empty/);
    fails(
      () => build({ gateway: { ...gateway, ips: ["a"] } }),
      "nodes[n1].gateway.ips",
      "a",
      /address\/length/,
    );
    fails(
      () => build({ gateway: { ...gateway, nextHops: ["a"] } }),
      "nodes[n1].gateway.nextHops",
      "a",
      /IP address/,
    );
    for (const hop of ["0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.1", "ff02::1", "255.255.255.255"])
      fails(
        () => build({ gateway: { ...gateway, nextHops: [hop] } }),
        "nodes[n1].gateway.nextHops",
        hop,
        /address of no router/,
      );
    for (const [hop, reason] of [
      ["172.18.0.2", /address of the node itself/],
      ["172.18.0.0", /no address that an interface can have in 172\.18\.0\.0\/16/],
      ["172.18.255.255", /no address that an interface can have/],
    ] as const)
      fails(
        () => build({ gateway: { ...gateway, nextHops: [hop] } }),
        "nodes[n1].gateway.nextHops",
        hop,
        reason,
      );
    // It need not be in a subnet of the node: IPv6 routers announce themselves by link-local addresses.
    build({ gateway: { ...gateway, nextHops: ["192.0.2.1", "fe80::1"] } });
    // Every router of a subnet has its subnet-router anycast address (RFC 4291, section 2.6.1).
    const anycast = { ...gateway, ips: ["172.18.0.2/16", "2001:db8:1::2/64"], nextHops: ["2001:db8:1::"] };
    build({ gateway: anycast });
    for (const chassisId of ["a,b", "a b", " a"])
      fails(() => build({ chassisId }), "nodes[n1].chassisId", chassisId, /one chassis/);
    for (const id of [-1, 1.5, Number.NaN])
      fails(() => build({ id }), "nodes[n1].id", id, /whole number from 1/);
    fails(() => build({ gateway: { ...gateway, vlan: 5000 } }), "nodes[n1].gateway.vlan", 5000, /4095/);
    fails(
      () => build({}, { subnets: "fd00:3::/48" }),
      "nodes[n1].gateway.ips",
      ["172.18.0.2/16"],
      /none of IPv6, which the subnet fd00:3::\/48/,
    );
    fails(
      () => build({ masqueradeSubnets: ["169.254.169.0/29"] }),
      "nodes[n1].masqueradeSubnets",
      "169.254.169.0/29",
      /too small/,
    );
    for (const [range, own] of [
      ["10.0.0.0/14", "10.3.0.0/16"],
      ["100.65.128.0/17", "100.65.0.0/16"],
    ] as const)
      fails(
        () => build({ masqueradeSubnets: [range] }),
        "nodes[n1].masqueradeSubnets",
        range,
        new RegExp(`overlap with ${own} of network "net"`),
      );
    const two = [primaryNode("n1", 2), primaryNode("n2", 2)];
    fails(() => buildNetwork(spec("layer3"), nothingObserved, two, [], today), "nodes[n2].id", 2, /node n1/);
    const other = primaryNode("n2", 3, { families: [4, 6] });
    const its = other.gateway;
    assert.ok(its);
    for (const [field, changed, value] of [
      ["mac", { mac: "02:42:AC:12:00:02" }, "02:42:ac:12:00:02"],
      ["ips", { ips: ["172.18.0.3/16", "FC00:f853:ccd:e793:0::2/80"] }, "fc00:f853:ccd:e793::2"],
    ] as const) {
      const nodes = [
        primaryNode("n1", 2, { families: [4, 6] }),
        { ...other, gateway: { ...its, ...changed } },
      ];
      const run = (): unknown => buildNetwork(spec("layer3"), nothingObserved, nodes, [], today);
      fails(run, `nodes[n2].gateway.${field}`, value, /is that of node n1/);
    }
    fails(
      () => build({}, {}, { ...today, profile: "ovn-kubernetes-2023" }),
      "profile",
      "ovn-kubernetes-2023",
      /no primary/,
    );
  });

  it("use the last of several default gateways of a family, as upstream does, and say so", () => {
    const gateway = primaryNode("n1", 2).gateway;
    assert.ok(gateway);
    const node = {
      ...primaryNode("n1", 2),
      gateway: { ...gateway, nextHops: ["172.18.0.1", "172.18.0.254"] },
    };
    const { rows, notes } = buildNetwork(spec("layer3"), nothingObserved, [node], [], today);
    const route = rows.find(({ identity }) => identity?.match["ip_prefix"] === "0.0.0.0/0");
    assert.equal(route?.columns?.["nexthop"], "172.18.0.254");
    assert.match(notes.join(), /several default gateways of IPv4.*172\.18\.0\.254/);
  });
});

describe("pods of a primary layer2 network", () => {
  const node = primaryNode("n1", 2);
  const build = (
    input: Partial<NetworkInput>,
    ...pods: Parameters<typeof pod>[]
  ): ReturnType<typeof buildNetwork> =>
    buildNetwork(
      spec("layer2", input),
      nothingObserved,
      [node],
      pods.map((each) => pod(...each)),
      today,
    );

  it("get no address of the infrastructure, and reserved ones on request only", () => {
    const input = {
      subnets: "10.1.0.0/28",
      reservedSubnets: "10.1.0.4/30",
      infrastructureSubnets: "10.1.0.8/30",
    };
    const built = build(input, ["a"], ["b"], ["c"], ["d"], ["r", { ips: ["10.1.0.5"] }]);
    assert.deepEqual(
      built.attachments.map(({ ips }) => ips[0]),
      ["10.1.0.1/28", "10.1.0.2/28", "10.1.0.3/28", "10.1.0.12/28", "10.1.0.5/28"],
    );
    refusesAddress(
      () => build(input, ["a", { ips: ["10.1.0.8"] }]),
      { value: "10.1.0.8" },
      "reserved for the gateway",
    );
    refusesAddress(() => build(input, ["a", { ips: ["10.1.0.10"] }]), { value: "10.1.0.10" });
  });

  it("hear of their router by advertisements where they have IPv6, with the network's MTU", () => {
    const built = buildNetwork(
      spec("layer2", { subnets: "fd00:1::/64", mtu: 1300 }),
      nothingObserved,
      [primaryNode("n1", 2, { families: [4, 6] })],
      [],
      today,
    );
    const port = rowOf(built, "trtos-net_ovn_layer2_switch");
    assert.deepEqual(port.columns?.["networks"], ["fd00:1::1/64"]);
    assert.deepEqual(port.keys?.["ipv6_ra_configs"], {
      address_mode: "dhcpv6_stateful",
      send_periodic: "true",
      max_interval: "900",
      min_interval: "300",
      router_preference: "LOW",
      mtu: "1300",
    });
    assert.equal(rowOf(built, "GR_net_n1").keys?.["options"]?.["lb_force_snat_ip"], "100.65.0.2 fd99::2");
    // A network without one has the cluster's, as it has everywhere upstream (go-controller/pkg/config/cni.go).
    const usual = buildNetwork(
      spec("layer2", { subnets: "fd00:1::/64" }),
      nothingObserved,
      [primaryNode("n1", 2, { families: [4, 6] })],
      [],
      { ...today, clusterMtu: 1350 },
    );
    assert.equal(rowOf(usual, "trtos-net_ovn_layer2_switch").keys?.["ipv6_ra_configs"]?.["mtu"], "1350");
  });
});
