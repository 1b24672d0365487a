import assert from "node:assert/strict";
import {
  type BuiltNetwork,
  completeOptions,
  type NodeInput,
  type Observed,
  type PlanOptions,
  parseNetwork,
  SpecError,
  type TopologyOptions,
} from "../../../lib/topology/index.ts";
import type { Brief } from "../../support/topology.ts";
import { primaryZoneNode, recordedPod, zoneBriefs, zoneNode } from "../../support/zones.ts";
import { build, pod, rowOf, today } from "./support.ts";

const inZone: TopologyOptions = { ...today, mode: "interconnect", zone: "n1" };

function built(
  brief: Brief,
  more: Partial<Brief> & {
    options?: TopologyOptions;
    observed?: Partial<Observed>;
  } = {},
): BuiltNetwork {
  const { options = inZone, observed, input = brief.input, nodes = brief.nodes, pods = brief.pods } = more;
  return build(
    brief.topology,
    input,
    (pods ?? []).map((each) => (typeof each === "string" ? pod(each) : pod(each.name ?? "a", each))),
    {
      nodes: (nodes ?? []).flatMap((node) => (typeof node === "string" ? [] : [node])),
      options,
      ...(observed && { observed }),
    },
  );
}

function refuses(run: () => unknown, path: string, words: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SpecError, String(error));
    assert.equal(error.path, path);
    assert.match(error.message, words);
    return true;
  });
}

/** The nodes of a brief with a change to the second of them. */
function withSecond(brief: Brief, change: (node: NodeInput) => NodeInput): NodeInput[] {
  return (brief.nodes ?? []).flatMap((node, index) =>
    typeof node === "string" ? [] : [index === 1 ? change(node) : node],
  );
}

function without(field: keyof NodeInput): (node: NodeInput) => NodeInput {
  return (node) =>
    Object.fromEntries(Object.entries(node).filter(([key]) => key !== field)) as unknown as NodeInput;
}

describe("zones", () => {
  it("mode, zone and profile must go together", () => {
    const bad: [PlanOptions, string, RegExp][] = [
      [{ mode: "interconnect" }, "zone", /needed in mode interconnect/],
      [{ zone: "n1" }, "zone", /mode interconnect only/],
      [{ mode: "interconnect", zone: "n1", profile: "ovn-kubernetes-2023" }, "mode", /ovn-kubernetes-2023/],
    ];
    for (const [options, path, words] of bad) refuses(() => completeOptions(options), path, words);
    assert.deepEqual(completeOptions({ mode: "interconnect", zone: "n1" }), inZone);
  });

  it("a zone that no node is in is a mistake, also one of many", () => {
    const options = { ...inZone, zone: "N1" };
    refuses(() => built(zoneBriefs.layer3(), { options }), "zone", /no node; theirs are n1, n2: "N1"/);
    const many = Array.from({ length: 9 }, (_, index) => zoneNode(`n${index + 1}`, index + 2));
    refuses(() => built(zoneBriefs.layer3(many), { options }), "zone", /n1, n2, n3, n4, n5, \.\.\./);
  });

  it("a node's zone is the one it says, else its name", () => {
    const nodes = [
      zoneNode("n1", 2, { zone: "east" }),
      zoneNode("n2", 3, { zone: "east" }),
      zoneNode("n3", 4, { zone: "west" }),
    ];
    const options = { ...inZone, zone: "east" };
    const names = built(zoneBriefs.layer3(nodes), { options }).rows.map(({ name }) => name);
    for (const name of ["net_n1", "net_n2", "net_rtots-n1", "net_rtots-n2", "net_tstor-n3"])
      assert.ok(names.includes(name), name);
    for (const name of ["net_n3", "net_rtots-n3", "rtos-net_n3"]) assert.ok(!names.includes(name), name);
  });

  it("nothing that zones must agree on is made up: what is missing is named with its annotation", () => {
    const layer3 = zoneBriefs.layer3();
    const layer2 = zoneBriefs["primary layer2"]();
    const cases: [Brief, keyof NodeInput, RegExp][] = [
      [layer3, "id", /node-id/],
      [layer3, "chassisId", /node-chassis-id/],
      [layer3, "transitAddresses", /node-transit-switch-port-ifaddr/],
      [layer3, "subnets", /node-subnets/],
      [zoneBriefs["primary layer3"](), "transitAddresses", /node-transit-switch-port-ifaddr/],
      [layer2, "id", /node-id/],
      [layer2, "chassisId", /node-chassis-id/],
      [zoneBriefs.layer2(), "chassisId", /node-chassis-id/],
    ];
    for (const [brief, field, words] of cases) {
      const nodes = withSecond(brief, without(field));
      refuses(
        () => built(brief, { nodes }),
        `nodes[n2].${field}`,
        /^nodes\[n2\]\.\w+ is missing: network "net"/,
      );
      refuses(() => built(brief, { nodes }), `nodes[n2].${field}`, words);
    }
    const { networkId: _id, ...input } = layer3.input;
    refuses(() => built(layer3, { input }), "networkId", /network "net".*k8s\.ovn\.org\/network-id/);
    const { tunnelKeys: _keys, ...keyless } = layer2.input;
    refuses(() => built(layer2, { input: keyless }), "tunnelKeys", /k8s\.ovn\.org\/tunnel-keys/);
  });

  it("the network's number may be told by nodes, if all tell the same", () => {
    const brief = zoneBriefs.layer2();
    const { networkId: _id, ...input } = brief.input;
    const told = (id: number) => withSecond(brief, (node) => ({ ...node, networkIds: { net: id } }));
    const config = rowOf(built(brief, { input, nodes: told(3) }), "net_ovn_layer2_switch").keys?.[
      "other_config"
    ];
    assert.equal(config?.["requested-tnl-key"], "16711686");
    refuses(() => built(brief, { nodes: told(4) }), "nodes[n2].networkIds[net]", /which is 3/);
    refuses(() => built(brief, { input, nodes: told(4096) }), "nodes[n2].networkIds[net]", /1 to 4095/);
  });

  it("what zones know nodes and pods by is given once", () => {
    const twice = withSecond(zoneBriefs.layer3(), (node) => ({
      ...node,
      transitAddresses: ["100.88.0.2/16"],
    }));
    refuses(
      () => built(zoneBriefs.layer3(), { nodes: twice }),
      "nodes[n2].transitAddresses",
      /of node n1, too: "100\.88\.0\.2"/,
    );
    for (const topology of ["layer2", "primary layer2"] as const) {
      const pods = [recordedPod("a", 11, "n1", "10.1.0"), recordedPod("b", 12, "n2", "10.1.0")];
      const same = pods.map(({ recorded, ...rest }) => ({
        ...rest,
        recorded: { ...recorded, ips: recorded?.ips ?? [], tunnelId: 11 },
      }));
      built(zoneBriefs[topology](), { pods });
      refuses(
        () => built(zoneBriefs[topology](), { pods: same }),
        "pods[default/b].recorded.tunnelId",
        /of pod default\/a on default\/net, too: 11/,
      );
    }
  });

  it("pods of switches over all zones must have been given their addresses, and keys on layer2", () => {
    const { layer2, localnet } = zoneBriefs;
    const bare = { name: "b", node: "n2" };
    const cases: [Brief, Parameters<typeof pod>[1], string][] = [
      [layer2(), bare, "tunnelId"],
      [layer2(), { ...bare, recorded: { ips: [], tunnelId: 4 } }, "ips"],
      [layer2(), { ...bare, recorded: { ips: ["10.9.0.1/16"], tunnelId: 4 } }, "ips"],
      [localnet(), bare, "ips"],
    ];
    for (const [brief, given, field] of cases) {
      const run = () => built(brief, { pods: [given ?? {}] });
      refuses(run, `pods[default/b].recorded.${field}`, /k8s\.ovn\.org\/pod-networks/);
    }
    const { subnets: _subnets, ...flat } = layer2().input;
    refuses(
      () => built(layer2(), { input: flat, pods: [{ ...bare, recorded: { ips: [], tunnelId: 4 } }] }),
      "pods[default/b].recorded.mac",
      /mac_address/,
    );
    const mac = "0a:00:00:00:00:01";
    built(layer2(), { input: flat, pods: [{ ...bare, recorded: { ips: [], mac, tunnelId: 4 } }] });
    built(layer2(), { input: flat, pods: [{ ...bare, mac, recorded: { ips: [], tunnelId: 4 } }] });
    for (const tunnelId of [0, 32_768, 1.5]) {
      const pods = [{ ...bare, recorded: { ips: ["10.1.0.9/16"], tunnelId } }];
      refuses(() => built(layer2(), { pods }), "pods[default/b].recorded.tunnelId", /1 to 32767/);
    }
  });

  it("refuses numbers and addresses that cannot be", () => {
    const brief = zoneBriefs.layer3();
    const change = (more: Partial<NodeInput>) => withSecond(brief, (node) => ({ ...node, ...more }));
    const cases: [Partial<NodeInput>, string, RegExp][] = [
      [{ id: 0 }, "nodes[n2].id", /from 1/],
      [{ id: 2 }, "nodes[n2].id", /that of node n1/],
      [{ transitAddresses: ["100.88.0.3"] }, "nodes[n2].transitAddresses", /address\/length/],
      [{ transitAddresses: ["100.88.0.0/16"] }, "nodes[n2].transitAddresses", /no address that an interface/],
      [
        { transitAddresses: ["100.88.255.255/16"] },
        "nodes[n2].transitAddresses",
        /no address that an interface/,
      ],
      [{ transitAddresses: ["100.88.0.3/16", "fd97::/64"] }, "nodes[n2].transitAddresses", /no address that/],
      [{ transitAddresses: ["fd97::3/64"] }, "nodes[n2].transitAddresses", /none of IPv4/],
      [{ transitAddresses: ["100.88.0.3/16", "100.88.0.4/16"] }, "nodes[n2].transitAddresses", /at most/],
      [{ transitAddresses: ["10.3.200.3/24"] }, "nodes[n2].transitAddresses", /overlap with 10\.3\.0\.0\/16/],
      [{ subnets: { net: ["fd00::/64"] } }, "nodes[n2].subnets", /none of IPv4/],
    ];
    for (const [more, path, words] of cases)
      refuses(() => built(brief, { nodes: change(more) }), path, words);
    const primary = zoneBriefs["primary layer3"]();
    const joined = withSecond(primary, (node) => ({ ...node, transitAddresses: ["100.65.200.3/24"] }));
    refuses(
      () => built(primary, { nodes: joined }),
      "nodes[n2].transitAddresses",
      /overlap with 100\.65\.0\.0\/16/,
    );
    for (const tunnelKeys of [[], [1], [0, 1], [1, 2 ** 24]]) {
      const input = { name: "net", role: "primary", subnets: "10.1.0.0/16", tunnelKeys } as const;
      refuses(() => parseNetwork("layer2", input), "tunnelKeys", /two whole numbers/);
    }
    refuses(
      () => parseNetwork("layer3", { name: "net", subnets: "10.1.0.0/16", tunnelKeys: [1, 2] }),
      "tunnelKeys",
      /primary layer2/,
    );
  });

  it("two nodes cannot have one subnet, whichever zones they are in", () => {
    const brief = zoneBriefs.layer3();
    const nodes = withSecond(brief, (node) => ({ ...node, subnets: { net: ["10.3.0.0/24"] } }));
    assert.throws(() => built(brief, { nodes }), /belongs to node n1/);
  });

  it("a primary layer2 network has one node in a zone, and any number in others", () => {
    const nodes = ["n1", "n2", "n3"].map((name, index) => primaryZoneNode(name, index + 2));
    built(zoneBriefs["primary layer2"](nodes));
    const together = nodes.map((node) => (node.name === "n3" ? node : { ...node, zone: "east" }));
    refuses(
      () => built(zoneBriefs["primary layer2"](together), { options: { ...inZone, zone: "east" } }),
      "nodes",
      /only one in a zone/,
    );
  });

  it("several nodes of one zone have several gateway ports, which their NAT must tell apart", () => {
    const nodes = ["n1", "n2"].map((name, index) => primaryZoneNode(name, index + 2, { zone: "east" }));
    const options = { ...inZone, zone: "east" };
    const ports = (given: readonly NodeInput[]) =>
      built(zoneBriefs["primary layer3"](given), { options }).rows.flatMap(({ kind, columns }) =>
        kind === "management snat" ? [columns?.["gateway_port"]] : [],
      );
    assert.deepEqual(ports(nodes.slice(0, 1)), [undefined]);
    assert.deepEqual(ports(nodes), [
      { ref: "Logical_Router_Port/rtos-net_n1" },
      { ref: "Logical_Router_Port/rtos-net_n2" },
    ]);
  });

  it("pods of other zones have a port on layer2 only; elsewhere their addresses are known, for policies", () => {
    const layer3 = zoneBriefs.layer3();
    const far = recordedPod("far", 9, "n2", "10.3.1");
    const { attachments, elsewhere } = built(layer3, { pods: [{ name: "near", node: "n1" }, far] });
    assert.deepEqual(
      attachments.map(({ input, ips, isRemote }) => [input.name, ips, isRemote]),
      [["near", ["10.3.0.3/24"], false]],
    );
    assert.deepEqual(
      elsewhere.map(({ input, ips, isRemote }) => [input.name, ips, isRemote]),
      [["far", ["10.3.1.9/16"], true]],
    );
    const layer2 = built(zoneBriefs.layer2());
    assert.deepEqual(layer2.elsewhere, []);
    assert.deepEqual(
      layer2.attachments.map(({ input, isRemote }) => [input.name, isRemote]),
      [
        ["on-n1", false],
        ["on-n2", true],
      ],
    );
  });

  it("a node of another zone that has rows of its own here is refused", () => {
    const observed = { nodes: [{ name: "n2", subnets: ["10.3.1.0/24"] }] };
    refuses(() => built(zoneBriefs.layer3(), { observed }), "nodes[n2].zone", /not n1.*prune/);
    const routers = { routers: [{ name: "GR_net_n2", children: [] }] };
    refuses(
      () => built(zoneBriefs["primary layer2"](), { observed: routers }),
      "nodes[n2].zone",
      /not n1.*prune/,
    );
  });
});
