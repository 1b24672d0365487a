import assert from "node:assert/strict";
import { northbound } from "../../../lib/schemas/index.ts";
import {
  type GraphBox,
  type GraphOptions,
  graphTopology,
  SpecError,
  type TopologyGraph,
} from "../../../lib/topology/index.ts";
import { layer3Rows, networkIds, reversed } from "../../support/graph-rows.ts";
import { type MemoryRows, memoryView } from "../../support/memory-view.ts";

function graphOf(rows: MemoryRows, options: GraphOptions = {}): TopologyGraph {
  return graphTopology(memoryView(northbound, rows), options);
}

function titles({ boxes }: TopologyGraph): string[] {
  return boxes.map(({ title }) => title);
}

function box({ boxes }: TopologyGraph, title: string): GraphBox {
  const found = boxes.find((each) => each.title === title);
  if (found === undefined)
    throw new Error(`no box ${title} in ${boxes.map((each) => each.title).join(", ")}`);
  return found;
}

/** Links by the titles of their ends. */
function wires(graph: TopologyGraph): string[] {
  const name = new Map(graph.boxes.map(({ id, title }) => [id, title]));
  return graph.links.map(({ from, to, labels }) => `${name.get(from)} -${labels.join()}- ${name.get(to)}`);
}

describe("a picture of a layer3 network", () => {
  it("has all nodes where they are few, with their subnets, addresses and pods", () => {
    const graph = graphOf(layer3Rows(3, 2));
    assert.deepEqual(graph.networks, [
      { name: "net", topology: "layer3", role: "secondary", nodes: ["n1", "n2", "n3"] },
    ]);
    assert.deepEqual(titles(graph), [
      "cluster router",
      ...["n1", "n2", "n3"].map((node) => `switch of ${node}`),
      ...["n1", "n2", "n3"].map((node) => `2 pods on ${node}`),
    ]);
    assert.deepEqual(wires(graph), [
      ...["1", "2", "3"].map((node) => `cluster router -10.1.${node}.1/24- switch of n${node}`),
      ...["1", "2", "3"].map((node) => `switch of n${node} -- 2 pods on n${node}`),
    ]);
    assert.deepEqual(box(graph, "switch of n2").lines, ["10.1.2.0/24"]);
    assert.deepEqual(box(graph, "2 pods on n2").lines, [
      "default/web-2-0 10.1.2.3",
      "default/web-2-1 10.1.2.4",
    ]);
    assert.deepEqual(
      graph.boxes.map(({ column }) => column),
      [0, 1, 1, 1, 2, 2, 2],
    );
  });

  it("folds the nodes of a large one, and counts their pods", () => {
    const graph = graphOf(layer3Rows(100, 20), { nodes: 3 });
    assert.deepEqual(titles(graph), [
      "cluster router",
      ...["n1", "n2", "n3"].map((node) => `switch of ${node}`),
      "97 more nodes",
      ...["n1", "n2", "n3"].map((node) => `20 pods on ${node}`),
      "1940 pods on 97 more nodes",
    ]);
    const { lines, count } = box(graph, "97 more nodes");
    assert.deepEqual([lines, count], [["n4 … n100"], 97]);
    assert.deepEqual(box(graph, "1940 pods on 97 more nodes").lines.slice(-2), [
      "n8: 20 pods",
      "and 92 more nodes",
    ]);
    assert.deepEqual(box(graph, "20 pods on n1").lines.at(-1), "and 15 more pods");
    assert.ok(wires(graph).includes("cluster router -- 97 more nodes"));
    assert.equal(graph.networks[0]?.nodes.length, 100);
  });

  it("unfolds all of them, those that are named, or none", () => {
    const rows = layer3Rows(12, 1);
    const switches = (options: GraphOptions): string[] =>
      graphOf(rows, options)
        .boxes.filter(({ kind }) => kind === "switch")
        .map(({ title }) => title);
    assert.equal(switches({ nodes: Number.POSITIVE_INFINITY }).length, 12);
    assert.deepEqual(switches({ nodes: 1, alsoNodes: ["n7", "elsewhere"] }), [
      "switch of n1",
      "switch of n7",
      "10 more nodes",
    ]);
    assert.deepEqual(switches({ nodes: 0 }), ["12 nodes"]);
    // A box for one node takes the room that the node would.
    assert.equal(switches({ nodes: 11 }).length, 12);
    const { lines } = box(graphOf(layer3Rows(1, 9), { pods: 0 }), "9 pods on n1");
    assert.deepEqual(lines, []);
  });

  it("is the same whatever the order of rows is, and nodes are in the order of their numbers", () => {
    const rows = layer3Rows(12, 3);
    assert.deepEqual(graphOf(reversed(rows)), graphOf(rows));
    assert.deepEqual(graphOf(rows).networks[0]?.nodes.slice(0, 3), ["n1", "n2", "n3"]);
  });

  it("keeps the ids of boxes when others come", () => {
    const ids = new Set(graphOf(layer3Rows(4, 1)).boxes.map(({ id }) => id));
    for (const { id } of graphOf(layer3Rows(3, 1)).boxes) assert.ok(ids.has(id), id);
  });
});

describe("a picture of a database", () => {
  it("tells things of one word apart by numbers, at a cost that grows with the things", () => {
    const alike = (count: number): MemoryRows => ({
      // What is no letter and no digit is the same to an id.
      Logical_Switch: Array.from({ length: count }, (_, index) => ({
        _uuid: `s${index}`,
        name: `s${".".repeat(index + 1)}`,
      })),
    });
    const looks = (count: number): number => {
      let looked = 0;
      const { has } = Set.prototype;
      const { has: hasKey } = Map.prototype;
      Set.prototype.has = function (value) {
        looked += 1;
        return has.call(this, value);
      };
      Map.prototype.has = function (key) {
        looked += 1;
        return hasKey.call(this, key);
      };
      try {
        const { boxes } = graphOf(alike(count), { nodes: Number.POSITIVE_INFINITY });
        assert.equal(new Set(boxes.map(({ id }) => id)).size, boxes.length);
        assert.ok(boxes.length >= count, `${boxes.length} boxes`);
        assert.ok(
          boxes.some(({ id }) => id.endsWith(`_${count}`)),
          boxes.map(({ id }) => id).join(" "),
        );
      } finally {
        Set.prototype.has = has;
        Map.prototype.has = hasKey;
      }
      return looked;
    };
    const [few, many] = [looks(50), looks(200)];
    assert.ok(many <= 5 * few, `${few} looks for 50, ${many} for 200`);
  });

  it("refuses a network that is not there, and limits that are no numbers", () => {
    assert.throws(
      () => graphOf(layer3Rows(1, 0), { network: "nat" }),
      (error) => error instanceof SpecError && error.path === "network" && error.value === "nat",
    );
    for (const limit of [-1, 1.5, Number.NaN])
      for (const field of ["nodes", "pods"]) assert.throws(() => graphOf({}, { [field]: limit }), SpecError);
    assert.deepEqual(graphOf({}), { networks: [], boxes: [], links: [] });
  });

  it("of one network has what that is connected to, and nothing else", () => {
    const rows: MemoryRows = {
      Logical_Switch: ["red", "blue"].map((name) => ({
        _uuid: name,
        name: `${name}_ovn_localnet_switch`,
        ports: [`${name} port`],
        external_ids: networkIds(name, "localnet"),
      })),
      Logical_Switch_Port: ["red", "blue"].map((name, index) => ({
        _uuid: `${name} port`,
        name: `${name}_ovn_localnet_port`,
        type: "localnet",
        options: { network_name: "physnet" },
        tag_request: 10 + index,
      })),
    };
    assert.deepEqual(wires(graphOf(rows)), [
      "physical network -VLAN 11- localnet switch",
      "physical network -VLAN 10- localnet switch",
    ]);
    const one = graphOf(rows, { network: "red" });
    assert.deepEqual(
      one.boxes.map(({ name, network }) => [name, network]),
      [
        ["physnet", undefined],
        ["red_ovn_localnet_switch", "red"],
      ],
    );
    assert.deepEqual(one.links.length, 1);
  });

  it("has rows of no network, folds those that are alike, and says what leads nowhere", () => {
    const tenants = Array.from({ length: 9 }, (_, index) => `t${index + 1}`);
    const graph = graphOf(
      {
        Logical_Router: [
          {
            _uuid: "edge",
            name: "edge",
            ports: [...tenants.map((name) => `r${name}`), "idle"],
            nat: ["nat"],
          },
        ],
        Logical_Router_Port: [
          ...tenants.map((name) => ({ _uuid: `r${name}`, name: `edge-${name}`, networks: ["10.0.0.1/24"] })),
          { _uuid: "idle", name: "idle" },
        ],
        NAT: [{ _uuid: "nat", type: "dnat_and_snat", logical_ip: "10.0.0.5", external_ip: "192.0.2.5" }],
        Logical_Switch: [
          ...tenants.map((name) => ({ _uuid: name, name, ports: [`s${name}`, `vm ${name}`] })),
          { _uuid: "alone", name: "alone", ports: ["lost"] },
        ],
        Logical_Switch_Port: [
          ...tenants.map((name) => ({
            _uuid: `s${name}`,
            name: `${name}-edge`,
            type: "router",
            options: { "router-port": `edge-${name}` },
          })),
          ...tenants.map((name) => ({
            _uuid: `vm ${name}`,
            name: `vm-${name}`,
            addresses: ["00:00:00:00:00:01 10.0.0.9"],
          })),
          { _uuid: "lost", name: "lost", type: "router", options: { "router-port": "gone" } },
        ],
      },
      { nodes: 2 },
    );
    assert.deepEqual(box(graph, "router").lines, [
      "dnat_and_snat 192.0.2.5 → 10.0.0.5",
      "port idle leads nowhere",
    ]);
    assert.deepEqual(
      graph.boxes
        .filter(({ kind }) => kind === "switch")
        .map(({ title, name, lines }) => [title, name, ...lines]),
      [
        ["switch", "alone", "port lost leads to gone, which is not there"],
        ["switch", "t1"],
        ["switch", "t2"],
        ["7 more switches", "", "t3 … t9"],
      ],
    );
    assert.deepEqual(
      graph.boxes.filter(({ kind }) => kind === "ports").map(({ title, lines }) => [title, ...lines]),
      [["1 port", "vm-t1 10.0.0.9"], ["1 port", "vm-t2 10.0.0.9"], ["7 ports"]],
    );
  });

  it("knows the transit switch and the remote ports of a zone", () => {
    const rows = layer3Rows(1, 1);
    const graph = graphOf({
      ...rows,
      Logical_Router: (rows["Logical_Router"] ?? []).map((row) => ({ ...row, ports: ["rp1", "rtots"] })),
      Logical_Router_Port: [
        ...(rows["Logical_Router_Port"] ?? []),
        { _uuid: "rtots", name: "net_rtots-n1", networks: ["100.88.0.2/16"] },
      ],
      Logical_Switch: [
        ...(rows["Logical_Switch"] ?? []),
        {
          _uuid: "ts",
          name: "net_transit_switch",
          ports: ["tstor1", "tstor2"],
          external_ids: networkIds("net", "layer3", { "k8s.ovn.org/role": "secondary" }),
        },
      ],
      Logical_Switch_Port: [
        ...(rows["Logical_Switch_Port"] ?? []),
        { _uuid: "tstor1", name: "net_tstor-n1", type: "router", options: { "router-port": "net_rtots-n1" } },
        {
          _uuid: "tstor2",
          name: "net_tstor-n2",
          type: "remote",
          addresses: ["0a:58:64:58:00:03 100.88.0.3/16"],
          external_ids: { node: "n2" },
        },
      ],
    });
    assert.ok(wires(graph).includes("cluster router -100.88.0.2/16- transit switch"));
    assert.deepEqual(box(graph, "1 remote node").lines, ["n2 100.88.0.3/16"]);
    assert.deepEqual(graph.networks[0]?.nodes, ["n1"]);
  });

  it("joins routers that are each other's peers, with the addresses of both", () => {
    const graph = graphOf({
      Logical_Router: [
        { _uuid: "a", name: "a", ports: ["pa"] },
        { _uuid: "b", name: "b", ports: ["pb", "far"] },
      ],
      Logical_Router_Port: [
        { _uuid: "pa", name: "pa", peer: "pb", networks: ["10.0.0.0/31"] },
        { _uuid: "pb", name: "pb", peer: "pa", networks: ["10.0.0.1/31"] },
        { _uuid: "far", name: "far", networks: ["10.0.0.3/31"], options: { "requested-chassis": "c9" } },
      ],
    });
    assert.deepEqual(wires(graph), [
      "router -- 1 remote gateway router",
      "router -10.0.0.0/31,10.0.0.1/31- router",
    ]);
    assert.deepEqual(box(graph, "1 remote gateway router").lines, ["far 10.0.0.3/31"]);
  });

  it("refuses an option that nobody reads", () => {
    const options: object = { networks: "blue" };
    assert.throws(() => graphOf({}, options), {
      code: "ERR_USAGE",
      message: "option networks is not known; did you mean network?",
    });
  });
});
