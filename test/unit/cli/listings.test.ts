import assert from "node:assert/strict";
import { networkListing } from "../../../lib/cli/output/network-listing.ts";
import { networkTree } from "../../../lib/cli/output/network-tree.ts";
import { nodeListing } from "../../../lib/cli/output/node-listing.ts";
import { podListing } from "../../../lib/cli/output/pod-listing.ts";
import { podStatuses } from "../../../lib/cli/output/pod-status.ts";
import { formatTree } from "../../../lib/cli/output/tree.ts";
import { type ManifestSet, readManifests } from "../../../lib/manifests/index.ts";
import type { NetworkOverview, PodOverview } from "../../../lib/topology/index.ts";
import { nodesIn, podsIn, summaryOf } from "../../support/summary-of.ts";
import { blue, documents, nad, node, pod } from "../manifests/fixtures.ts";

function podPort(name: string, rest: Partial<PodOverview> = {}): PodOverview {
  return {
    namespace: "d",
    name,
    nad: "ns/red",
    node: "n1",
    chassis: "c1",
    mac: "0a:58:0a:01:00:03",
    ips: ["10.1.0.3", "fd01::3"],
    port: `ns.red_d_${name}`,
    portUuid: `u-${name}`,
    switch: "red_n1",
    ...rest,
  };
}

const red: NetworkOverview = {
  name: "red",
  topology: "layer3",
  role: "secondary",
  profile: "ovn-kubernetes",
  mode: "central",
  subnets: [],
  nads: ["ns/red"],
  routers: [
    {
      uuid: "r",
      name: "red_ovn_cluster_router",
      ports: [{ uuid: "rp", name: "rtos-red_n1", mac: "0a:58:0a:01:00:01", networks: ["10.1.0.1/24"] }],
    },
  ],
  switches: [
    {
      uuid: "s",
      name: "red_n1",
      node: "n1",
      subnets: ["10.1.0.0/24"],
      ports: [{ uuid: "p", name: "stor-red_n1", type: "router", peer: "rtos-red_n1" }],
    },
  ],
  nodes: [{ name: "n1", subnets: ["10.1.0.0/24"], chassis: "c1" }],
  policies: [],
  services: [],
  pods: [
    podPort("web"),
    podPort("web", { nad: "ns/red/1", port: "ns.red.1_d_web", ips: [] }),
    podPort("app"),
  ],
  foreign: [
    {
      table: "Logical_Switch_Port",
      name: "stranger\n",
      uuid: "x",
      parent: { table: "Logical_Switch", name: "red_n1", column: "ports" },
    },
    {
      table: "Logical_Router_Static_Route",
      name: "y",
      uuid: "y",
      parent: { table: "Logical_Router", name: "red_ovn_cluster_router", column: "static_routes" },
    },
  ],
};
const lo: NetworkOverview = {
  name: "lo",
  topology: "localnet",
  role: "",
  profile: undefined,
  mode: undefined,
  subnets: ["10.9.0.0/24"],
  nads: [],
  routers: [],
  switches: [
    {
      uuid: "l",
      name: "lo_switch",
      subnets: ["10.9.0.0/24"],
      ports: [{ uuid: "lp", name: "lo_port", type: "localnet", physicalNetwork: "phys", vlan: 7 }],
    },
  ],
  nodes: [],
  policies: [],
  services: [],
  pods: [podPort("db", { switch: "lo_switch", nad: "ns/lo", node: "c9", port: "ns.lo_d_db" })],
  foreign: [],
};

const set: ManifestSet = readManifests([
  {
    file: "m.yaml",
    text: documents(
      node("n1"),
      node("n2"),
      nad("ns/red", { name: "red", topology: "layer3", subnets: "10.1.0.0/16/24", mtu: 1300 }),
      nad("ns/unused", { name: "red", topology: "layer3", subnets: "10.1.0.0/16/24", mtu: 1300 }),
      blue(),
      pod("d/web", "ns/red@eth1,kube-system/blue,ns/red"),
      pod("d/new", "ns/red"),
    ),
  },
]);

describe("get networks", () => {
  it("tells what the database does", () => {
    const { rows, data, missing } = networkListing([lo, red].map(summaryOf), undefined);
    assert.deepEqual(rows, [
      ["lo", "localnet", "", ["10.9.0.0/24"], "1", "0", "-", "1", ""],
      ["red", "layer3", "secondary", [], "1", "1", "1", "2", "ovn-kubernetes"],
    ]);
    assert.deepEqual((data as { networks: readonly object[] }).networks[0], {
      name: "lo",
      topology: "localnet",
      role: "",
      profile: null,
      mode: null,
      subnets: ["10.9.0.0/24"],
      nads: [],
      switches: 1,
      routers: 0,
      nodes: 0,
      pods: 1,
    });
    assert.deepEqual(missing, []);
  });

  it("adds what manifests know, of the networks they name", () => {
    const { rows, data, missing } = networkListing([lo, red].map(summaryOf), set);
    assert.deepEqual(
      rows.map(([name, , , subnets]) => [name, subnets]),
      [["red", ["10.1.0.0/16/24"]]],
    );
    const [network] = (
      data as unknown as { networks: readonly { mtu: number; nads: string[]; excludeSubnets: string[] }[] }
    ).networks;
    assert.deepEqual(
      [network?.mtu, network?.nads, network?.excludeSubnets],
      [1300, ["ns/red", "ns/unused"], []],
    );
    assert.deepEqual(missing, ['network "blue"']);
  });
});

describe("get nodes", () => {
  it("tells each node's part of each layer3 network", () => {
    const { rows, data, missing } = nodeListing(nodesIn([lo, red]), undefined);
    assert.deepEqual(rows, [["n1", "red", ["10.1.0.0/24"], "2", "c1"]]);
    assert.deepEqual(data, {
      nodes: [
        { name: "n1", network: "red", subnets: ["10.1.0.0/24"], chassis: "c1", switch: "red_n1", pods: 2 },
      ],
    });
    assert.deepEqual(missing, []);
    assert.deepEqual(nodeListing(nodesIn([lo, red]), set).missing, ["node n2 on a layer3 network"]);
  });
});

describe("get pods", () => {
  it("tells each port, pods in order", () => {
    const { headings, rows, data } = podListing(podsIn([lo, red]), undefined);
    assert.equal(headings.length, rows[0]?.length);
    assert.ok(!headings.includes("INTERFACE"));
    assert.deepEqual(
      rows.map(([namespace, name, network, nodeName, ips]) => [namespace, name, network, nodeName, ips]),
      [
        ["d", "app", "red", "n1", ["10.1.0.3", "fd01::3"]],
        ["d", "db", "lo", "c9", ["10.1.0.3", "fd01::3"]],
        ["d", "web", "red", "n1", ["10.1.0.3", "fd01::3"]],
        ["d", "web", "red", "n1", []],
      ],
    );
    const { pods } = data as { pods: readonly { name: string; ports: readonly object[] }[] };
    assert.deepEqual(
      pods.map(({ name, ports, ...rest }) => [name, ports.length, Object.keys(rest)]),
      [
        ["app", 1, ["namespace", "node"]],
        ["db", 1, ["namespace", "node"]],
        ["web", 2, ["namespace", "node"]],
      ],
    );
  });

  it("adds interfaces and the network-status from manifests, of the pods they name", () => {
    const { headings, rows, data, missing } = podListing(podsIn([lo, red]), set);
    const device = headings.indexOf("INTERFACE");
    assert.deepEqual(
      rows.map((row) => [row[1], row[device]]),
      [
        ["web", "eth1"],
        ["web", "net3"],
      ],
    );
    assert.deepEqual(missing, ["pod d/new on ns/red", "pod d/web on kube-system/blue"]);
    const { pods } = data as unknown as { pods: readonly { networkStatus: readonly object[] }[] };
    assert.deepEqual(pods[0]?.networkStatus, [
      {
        name: "ns/red",
        interface: "eth1",
        ips: ["10.1.0.3", "fd01::3"],
        mac: "0a:58:0a:01:00:03",
        dns: {},
      },
      { name: "ns/red", interface: "net3", mac: "0a:58:0a:01:00:03", dns: {} },
    ]);
  });
});

describe("podStatuses", () => {
  it("keeps the order of the annotation, and leaves out what has no port", () => {
    const ports = [
      { namespace: "d", name: "web", nad: "kube-system/blue", mac: "m2", ips: ["10.1.0.9/16"] },
      { namespace: "d", name: "web", nad: "ns/red", mac: "m1", ips: ["10.1.0.3/24"] },
      { namespace: "other", name: "web", nad: "ns/red/1", mac: "m3", ips: [] },
    ];
    const [, web] = podStatuses(set, ports);
    assert.deepEqual([web?.namespace, web?.name, web?.node], ["d", "web", "n1"]);
    assert.deepEqual(
      web?.networkStatus.map((entry) => [entry.name, entry.interface, entry.ips]),
      [
        ["ns/red", "eth1", ["10.1.0.3"]],
        ["kube-system/blue", "net2", ["10.1.0.9"]],
      ],
    );
  });
});

describe("show", () => {
  it("draws a layer3 network", () => {
    assert.deepEqual(formatTree(networkTree(red)), [
      "network red  layer3  secondary  ovn-kubernetes  central",
      "├─ router red_ovn_cluster_router",
      "│  ├─ port rtos-red_n1  10.1.0.1/24  0a:58:0a:01:00:01  chassis c1",
      "│  └─ not ours: Logical_Router_Static_Route y",
      "└─ switch red_n1  node n1  10.1.0.0/24",
      "   ├─ port stor-red_n1  router  to rtos-red_n1",
      "   ├─ pod d/web  10.1.0.3  fd01::3  0a:58:0a:01:00:03  by ns/red",
      "   ├─ pod d/web  0a:58:0a:01:00:03  by ns/red/1",
      "   ├─ pod d/app  10.1.0.3  fd01::3  0a:58:0a:01:00:03  by ns/red",
      "   └─ not ours: Logical_Switch_Port stranger\\u000a",
    ]);
  });

  it("draws a localnet network, its pods with their nodes", () => {
    assert.deepEqual(formatTree(networkTree(lo)), [
      "network lo  localnet  10.9.0.0/24",
      "└─ switch lo_switch",
      "   ├─ port lo_port  localnet  physical network phys  vlan 7",
      "   └─ pod d/db  10.1.0.3  fd01::3  0a:58:0a:01:00:03  node c9  by ns/lo",
    ]);
  });
});
