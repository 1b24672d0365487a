import assert from "node:assert/strict";
import type { AnyRow } from "../../../lib/database/index.ts";
import { northbound } from "../../../lib/schemas/index.ts";
import { listNetworks, summariseNetworks } from "../../../lib/topology/index.ts";
import { type MemoryRows, memoryView } from "../../support/memory-view.ts";
import { summaryOf } from "../../support/summary-of.ts";

const ids = (
  network: string,
  topology: string,
  rest: Record<string, string> = {},
): Record<string, string> => ({
  "k8s.ovn.org/network": network,
  "k8s.ovn.org/topology": topology,
  ...rest,
});

const podIds = (network: string, topology: string, nad: string): Record<string, string> =>
  ids(network, topology, { "k8s.ovn.org/nad": nad, namespace: "default", pod: "true" });

/** Unsorted on purpose: what a database returns has no order. */
const rows: MemoryRows = {
  Logical_Switch: [
    {
      _uuid: "s-n2",
      name: "l3_n2",
      ports: ["p-web", "p-stranger", "p-stor2"],
      acls: ["acl1"],
      other_config: { subnet: "10.1.1.0/24", exclude_ips: "10.1.1.2", ipv6_prefix: "fd00:0:0:1::" },
      external_ids: ids("l3", "layer3", { "k8s.ovn.org/role": "secondary" }),
    },
    {
      _uuid: "s-n1",
      name: "l3_n1",
      ports: [],
      other_config: { subnet: "10.1.0.0/24" },
      external_ids: ids("l3", "layer3", { "k8s.ovn.org/role": "secondary" }),
    },
    {
      _uuid: "s-lo",
      name: "lo_ovn_localnet_switch",
      ports: ["p-lo", "p-bare"],
      external_ids: ids("lo", "localnet", { "k8s-ovn-topo-version": "5" }),
    },
    {
      _uuid: "s-l2",
      name: "a.l2_ovn_layer2_switch",
      ports: ["p-b", "p-a1", "p-a"],
      other_config: { subnet: "10.2.0.0/16", ipv6_prefix: "fd02::" },
      external_ids: ids("a-l2", "layer2"),
    },
    { _uuid: "s-other", name: "join", ports: ["p-join"] },
  ],
  Logical_Router: [
    { _uuid: "r", name: "l3_ovn_cluster_router", ports: ["rp2"], external_ids: ids("l3", "layer3") },
  ],
  Logical_Router_Port: [
    {
      _uuid: "rp2",
      name: "rtos-l3_n2",
      mac: "0a:58:0a:01:01:01",
      networks: ["fd00:0:0:1::1/64", "10.1.1.1/24"],
      gateway_chassis: ["gc2"],
    },
  ],
  Gateway_Chassis: [{ _uuid: "gc2", name: "rtos-l3_n2-c2", chassis_name: "c2" }],
  ACL: [{ _uuid: "acl1", name: "theirs" }],
  Logical_Switch_Port: [
    { _uuid: "p-stor2", name: "stor-l3_n2", type: "router", options: { "router-port": "rtos-l3_n2" } },
    {
      _uuid: "p-web",
      name: "ns.l3_default_web_1",
      addresses: ["0a:58:0a:01:01:03 10.1.1.3 fd00:0:0:1::3"],
      options: { "requested-chassis": "c2" },
      external_ids: podIds("l3", "layer3", "ns/l3"),
    },
    { _uuid: "p-stranger", name: "stranger" },
    {
      _uuid: "p-lo",
      name: "lo_ovn_localnet_port",
      type: "localnet",
      tag_request: 7,
      options: { network_name: "phys" },
    },
    {
      _uuid: "p-bare",
      name: "ns.lo_default_bare",
      addresses: ["unknown"],
      options: { "requested-chassis": "c9" },
      external_ids: podIds("lo", "localnet", "ns/lo"),
    },
    {
      _uuid: "p-a1",
      name: "ns.l2.1_default_a",
      addresses: ["0a:58:0a:02:00:02 10.2.0.2"],
      options: { "requested-chassis": "c2" },
      external_ids: podIds("a-l2", "layer2", "ns/l2/1"),
    },
    {
      _uuid: "p-a",
      name: "ns.l2_default_a",
      addresses: ["0a:58:0a:02:00:01 10.2.0.1"],
      options: { "requested-chassis": "c2" },
      external_ids: podIds("a-l2", "layer2", "ns/l2"),
    },
    {
      _uuid: "p-b",
      name: "named-otherwise",
      addresses: ["0a:58:0a:02:00:03"],
      external_ids: podIds("a-l2", "layer2", "ns/other"),
    },
    { _uuid: "p-join", name: "jtor" },
  ],
};

describe("listNetworks", () => {
  const networks = listNetworks(memoryView(northbound, rows));
  const [layer2, layer3, localnet] = networks;

  it("finds networks by what switches and routers say, by name", () => {
    assert.deepEqual(
      networks.map(({ name, topology, role, profile, mode, nads }) => [
        name,
        topology,
        role,
        profile,
        mode,
        nads,
      ]),
      [
        ["a-l2", "layer2", "", "ovn-kubernetes-2023", "central", ["ns/l2", "ns/other"]],
        ["l3", "layer3", "secondary", "ovn-kubernetes", "central", ["ns/l3"]],
        ["lo", "localnet", "", "ovn-kubernetes-2023", undefined, ["ns/lo"]],
      ],
    );
    assert.deepEqual(listNetworks(memoryView(northbound, {})), []);
  });

  it("tells the subnets of one switch, and those of the nodes of a layer3 network", () => {
    assert.deepEqual(layer2?.subnets, ["10.2.0.0/16", "fd02::"]);
    assert.deepEqual(layer3?.subnets, []);
    assert.deepEqual(layer3?.nodes, [
      { name: "n1", subnets: ["10.1.0.0/24"], chassis: "" },
      { name: "n2", subnets: ["10.1.1.0/24", "fd00:0:0:1::/64"], chassis: "c2" },
    ]);
    assert.deepEqual(localnet?.nodes, []);
  });

  it("reads pods out of their ports, with the node where some network knows the chassis", () => {
    assert.deepEqual(layer3?.pods, [
      {
        namespace: "default",
        name: "web_1",
        nad: "ns/l3",
        node: "n2",
        chassis: "c2",
        mac: "0a:58:0a:01:01:03",
        ips: ["10.1.1.3", "fd00:0:0:1::3"],
        port: "ns.l3_default_web_1",
        portUuid: "p-web",
        switch: "l3_n2",
      },
    ]);
    assert.deepEqual(
      layer2?.pods.map(({ name, nad, node, mac, ips }) => [name, nad, node, mac, ips]),
      [
        ["a", "ns/l2", "n2", "0a:58:0a:02:00:01", ["10.2.0.1"]],
        ["a", "ns/l2/1", "n2", "0a:58:0a:02:00:02", ["10.2.0.2"]],
        ["named-otherwise", "ns/other", "", "0a:58:0a:02:00:03", []],
      ],
    );
    assert.deepEqual(
      localnet?.pods.map(({ node, mac, ips }) => [node, mac, ips]),
      [["c9", "", []]],
    );
  });

  it("knows a chassis also by the gateway router that is on it, whatever the network", () => {
    const [network] = listNetworks(
      memoryView(northbound, {
        Logical_Router: [
          { _uuid: "gr", name: "GR_l2_n7", options: { chassis: "c7" }, external_ids: ids("l2", "layer2") },
        ],
        Logical_Switch: [
          { _uuid: "s", name: "l2_ovn_layer2_switch", ports: ["p"], external_ids: ids("l2", "layer2") },
        ],
        Logical_Switch_Port: [
          {
            _uuid: "p",
            name: "ns.l2_default_web",
            options: { "requested-chassis": "c7" },
            external_ids: podIds("l2", "layer2", "ns/l2"),
          },
        ],
      }),
    );
    assert.deepEqual(
      network?.pods.map(({ node, chassis }) => [node, chassis]),
      [["n7", "c7"]],
    );
  });

  it("lists switches and routers with the ports that are neither pods' nor somebody else's", () => {
    assert.deepEqual(layer3?.switches, [
      { uuid: "s-n1", name: "l3_n1", node: "n1", subnets: ["10.1.0.0/24"], ports: [] },
      {
        uuid: "s-n2",
        name: "l3_n2",
        node: "n2",
        subnets: ["10.1.1.0/24", "fd00:0:0:1::/64"],
        ports: [{ uuid: "p-stor2", name: "stor-l3_n2", type: "router", peer: "rtos-l3_n2" }],
      },
    ]);
    assert.deepEqual(layer3?.routers, [
      {
        uuid: "r",
        name: "l3_ovn_cluster_router",
        ports: [
          {
            uuid: "rp2",
            name: "rtos-l3_n2",
            mac: "0a:58:0a:01:01:01",
            networks: ["10.1.1.1/24", "fd00:0:0:1::1/64"],
          },
        ],
      },
    ]);
    assert.deepEqual(localnet?.switches[0]?.ports, [
      { uuid: "p-lo", name: "lo_ovn_localnet_port", type: "localnet", physicalNetwork: "phys", vlan: 7 },
    ]);
  });

  it("names the rows of others that hang there", () => {
    assert.deepEqual(
      layer3?.foreign.map(({ table, name, parent }) => [table, name, parent.name, parent.column]),
      [
        ["ACL", "theirs", "l3_n2", "acls"],
        ["Logical_Switch_Port", "stranger", "l3_n2", "ports"],
      ],
    );
    assert.deepEqual(layer2?.foreign, []);
  });
});

describe("summariseNetworks", () => {
  it("counts what listNetworks lists, strangers' ports left out and a pod with two NADs once", () => {
    const guest = {
      _uuid: "p-guest",
      name: "ns.other_default_guest",
      external_ids: podIds("other", "layer3", "ns/other"),
    };
    const [first = { _uuid: "" }, ...others] = rows["Logical_Switch"] ?? [];
    const view = memoryView(northbound, {
      ...rows,
      Logical_Switch: [{ ...first, ports: ["p-guest", "p-web", "p-stor2"] }, ...others],
      Logical_Switch_Port: [...(rows["Logical_Switch_Port"] ?? []), guest],
    });
    const summaries = summariseNetworks(view);
    assert.deepEqual(
      summaries.map(({ name, pods }) => [name, pods]),
      [
        ["a-l2", 2],
        ["l3", 1],
        ["lo", 1],
      ],
    );
    assert.deepEqual(summaries, listNetworks(view).map(summaryOf));
  });

  it("finds switches and routers that lost their mark by their names, and no others", () => {
    const marked = { _uuid: "s-marked", name: "a.l2_node", external_ids: ids("a-l2", "layer2") };
    const bare = (row: AnyRow): AnyRow => (row._uuid === "s-l2" ? { ...row, external_ids: {} } : row);
    const view = memoryView(northbound, {
      ...rows,
      Logical_Switch: [...(rows["Logical_Switch"] ?? []).map(bare), marked],
      Logical_Router: [
        ...(rows["Logical_Router"] ?? []),
        { _uuid: "r-bare", name: "a.l2_transit_router" },
        { _uuid: "r-other", name: "lo_of_somebody_else" },
      ],
    });
    const summaries = summariseNetworks(view);
    assert.deepEqual(
      summaries.map(({ name, switches, routers, pods }) => [name, switches, routers, pods]),
      [
        ["a-l2", 2, 1, 2],
        ["l3", 2, 1, 1],
        ["lo", 1, 0, 1],
      ],
    );
    assert.deepEqual(summaries, listNetworks(view).map(summaryOf));
  });
});
