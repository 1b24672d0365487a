import assert from "node:assert/strict";
import { locate, readDeletion } from "../../../lib/manifests/index.ts";
import { formatAddress } from "../../../lib/topology/description/address.ts";
import { buildNetwork, nothingObserved } from "../../../lib/topology/index.ts";
import { today } from "../topology/support.ts";
import { blue, documents, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { cluster, namespace, udn } from "./udn-fixtures.ts";

const LABEL = "k8s.ovn.org/primary-user-defined-network";
const gateway = {
  mode: "shared",
  "interface-id": "breth0_n1",
  "bridge-id": "breth0",
  "mac-address": "02:42:ac:12:00:02",
  "ip-addresses": ["172.18.0.2/16"],
  "next-hops": ["172.18.0.1"],
  "node-port-enable": "true",
  "vlan-id": "0",
};
const annotations: Readonly<Record<string, string>> = {
  "k8s.ovn.org/node-chassis-id": "C1",
  "k8s.ovn.org/node-id": "2",
  "k8s.ovn.org/l3-gateway-config": JSON.stringify({ default: gateway }),
  "k8s.ovn.org/node-masquerade-subnet": '{"ipv4":"169.254.0.0/17","ipv6":"fd69::/112"}',
  "k8s.ovn.org/network-ids": '{"default":"0","default_blue":"5"}',
};
const n1 = (more: Record<string, string> = {}): string =>
  node("n1", { annotations: { ...annotations, ...more } });
const labelled = namespace("default", { [LABEL]: "" });
const primary = { role: "Primary", subnets: ["10.1.0.0/16"] };

describe("primary networks of manifests", () => {
  it("take all pods of their namespace, beside what these ask for", () => {
    const set = read(
      labelled,
      udn("Layer2", { ...primary, joinSubnets: ["100.70.0.0/16"], reservedSubnets: ["10.1.9.0/24"] }),
      blue({}, "default/second"),
      n1(),
      pod("default/a", undefined),
      pod("default/b", "second"),
      pod("kube-system/c", "default/second"),
    );
    const [, network] = set.networks;
    assert.equal(network?.spec.name, "default_blue");
    assert.equal(network?.spec.role, "primary");
    assert.deepEqual(
      network?.spec.primary?.joinSubnets.map(({ text }) => text),
      ["100.70.0.0/16", "fd99::/64"],
    );
    assert.deepEqual(
      set.pods.map(({ name, attachments }) => [
        name,
        attachments.map((each) => [each.network, each.interface, each.input.nad, each.primary ?? false]),
      ]),
      [
        ["a", [["default_blue", "ovn-udn1", "default/blue", true]]],
        [
          "b",
          [
            ["default_blue", "ovn-udn1", "default/blue", true],
            ["blue", "net1", "default/second", false],
          ],
        ],
        ["c", [["blue", "net1", "default/second", false]]],
      ],
    );
    assert.deepEqual(set.skipped, []);
  });

  it("have nodes with gateways, ids and masquerade addresses", () => {
    const set = read(labelled, udn("Layer2", primary), n1());
    const [found] = set.nodes;
    assert.ok(found);
    const { source: _, fields: __, ...input } = found;
    assert.deepEqual(input, {
      name: "n1",
      chassisId: "C1",
      gatewayMtuSupport: true,
      id: 2,
      gateway: {
        mode: "shared",
        bridge: "breth0",
        mac: "02:42:ac:12:00:02",
        ips: ["172.18.0.2/16"],
        nextHops: ["172.18.0.1"],
        nodePort: true,
        vlan: 0,
      },
      masqueradeSubnets: ["169.254.0.0/17", "fd69::/112"],
      networkIds: { default: 0, default_blue: 5 },
    });
    // As OVN-Kubernetes wrote it on clusters of one address family long ago.
    const { "ip-addresses": ips, "next-hops": hops, ...rest } = gateway;
    const former = { ...rest, "ip-address": ips[0], "next-hop": hops[0] };
    const [older] = read(
      labelled,
      udn("Layer2", primary),
      n1({ "k8s.ovn.org/l3-gateway-config": JSON.stringify({ default: former }) }),
    ).nodes;
    assert.deepEqual(older?.gateway, found.gateway);
    const unsaid = JSON.stringify({ default: { ...gateway, "node-port-enable": undefined } });
    const [closed] = read(
      labelled,
      udn("Layer2", primary),
      n1({ "k8s.ovn.org/l3-gateway-config": unsaid }),
    ).nodes;
    assert.equal(closed?.gateway?.nodePort, false);
    const [network] = set.networks;
    assert.ok(network);
    const { rows } = buildNetwork(network.spec, nothingObserved, set.nodes, [], today);
    const router = rows.find(({ name }) => name === "GR_default_blue_n1");
    assert.equal(router?.keys?.["external_ids"]?.["physical_ips"], "172.18.0.2,169.254.0.19");
  });

  it("may be in several namespaces, and come from NetworkAttachmentDefinitions with their id", () => {
    const both = [namespace("a", { [LABEL]: "", team: "x" }), namespace("b", { [LABEL]: "yes", team: "x" })];
    const set = read(
      ...both,
      cluster(
        "Layer3",
        { role: "Primary", subnets: [{ cidr: "10.1.0.0/16" }] },
        { spec: { namespaceSelector: { matchLabels: { team: "x" } } } },
      ),
      n1(),
      pod("a/p", undefined),
      pod("b/p", undefined),
    );
    assert.deepEqual(
      set.pods.map(({ attachments }) => attachments.map(({ input }) => input.nad)),
      [["a/blue"], ["b/blue"]],
    );
    const text = nad("a/blue", { name: "net", topology: "layer2", role: "primary", subnets: "10.1.0.0/16" });
    const withId = text.replace("metadata:", 'metadata:\n  annotations: {"k8s.ovn.org/network-id": "7"}');
    const [network] = read(namespace("a", { [LABEL]: "" }), withId).networks;
    assert.equal(network?.spec.networkId, 7);
    // Upstream's own number of a network that has none yet.
    const [unnumbered] = read(namespace("a", { [LABEL]: "" }), withId.replace('"7"', '"-1"')).networks;
    assert.equal(unnumbered?.spec.networkId, undefined);
    for (const value of ["x", "0", "4096"])
      expectErrors([namespace("a", { [LABEL]: "" }), withId.replace('"7"', JSON.stringify(value))], {
        document: 2,
        field: 'metadata.annotations["k8s.ovn.org/network-id"]',
        value,
        reason: /1 to 4095/,
      });
  });

  it("have what their definition says of reserved and infrastructure addresses, and of the gateway", () => {
    const config = {
      ...primary,
      reservedSubnets: ["10.1.9.0/24"],
      infrastructureSubnets: ["10.1.0.0/24"],
      defaultGatewayIPs: ["10.1.0.9"],
    };
    const made = read(labelled, udn("Layer2", config)).networks[0]?.spec.primary;
    assert.deepEqual(
      [made?.reserved.map(({ text }) => text), made?.infrastructure.map(({ text }) => text)],
      [["10.1.9.0/24"], ["10.1.0.0/24"]],
    );
    assert.deepEqual(made?.gateways.map(formatAddress), ["10.1.0.9"]);
  });

  it("may have several subnets of one family on layer3, unlike secondary ones", () => {
    const subnets = ["10.1.0.0/16", "10.2.0.0/16"].map((cidr) => ({ cidr, hostSubnet: 24 }));
    const [network] = read(labelled, udn("Layer3", { role: "Primary", subnets })).networks;
    assert.deepEqual(
      network?.spec.subnets.map(({ text }) => text),
      ["10.1.0.0/16", "10.2.0.0/16"],
    );
  });

  it("have join subnets of their own, found where they are given", () => {
    const joinSubnets = ["fd01::/64", "100.64.0.0/17"];
    expectErrors([labelled, udn("Layer2", { ...primary, joinSubnets })], {
      document: 2,
      field: "spec.layer2.joinSubnets[1]",
      value: "100.64.0.0/17",
      reason: /100\.64\.0\.0\/16/,
    });
  });

  it("need the label on their namespace, which must be among the manifests", () => {
    expectErrors([udn("Layer2", primary)], {
      field: "metadata.namespace",
      value: "default",
      line: 3,
      reason: /"default" is not among the manifests; .* label k8s\.ovn\.org\/primary-user-defined-network/,
    });
    expectErrors([udn("Layer2", primary), namespace("default")], {
      field: "metadata.namespace",
      value: "default",
      reason: /"default" lacks the label/,
    });
    expectErrors([cluster("Layer2", primary), namespace("a")], {
      field: "spec.namespaceSelector",
      value: "a",
      line: 5,
      reason: /"a" lacks the label/,
    });
  });

  it("are one for a namespace, and not asked for", () => {
    expectErrors(
      [labelled, udn("Layer2", primary), cluster("Layer2", primary).replace("name: blue", "name: red")],
      {
        document: 2,
        field: "metadata.name",
        value: "blue",
        reason: /second primary network for the namespace "default", which has default\/red already/,
      },
    );
    expectErrors([labelled, udn("Layer2", primary), n1(), pod("default/a", "blue")], {
      document: 4,
      field: 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0]',
      value: "default/blue",
      reason: /is a primary network: pods of its namespace are on it without asking/,
    });
  });

  it("that a namespace asks for in vain get a line for each of its pods", () => {
    const { skipped } = read(labelled, blue(), n1(), pod("default/a", "kube-system/blue"));
    assert.deepEqual(
      skipped.map(({ kind, name, reason }) => [kind, name, reason]),
      [
        ["Namespace", "default", "no user-defined network of the manifests is for it"],
        ["Pod", "default/a", "its namespace asks for a primary network, and none of the manifests is for it"],
      ],
    );
  });

  it("name faults in what nodes say, which nobody else reads", () => {
    const key = 'metadata.annotations["k8s.ovn.org/l3-gateway-config"]';
    const faulty = (more: object): string =>
      n1({ "k8s.ovn.org/l3-gateway-config": JSON.stringify({ default: { ...gateway, ...more } }) });
    const faults: readonly (readonly [string, string, unknown, RegExp])[] = [
      [faulty({ mode: "other" }), `${key}.default.mode`, "other", /shared or local, or empty/],
      // All that upstream writes of a gateway that is turned off.
      [
        n1({ "k8s.ovn.org/l3-gateway-config": '{"default":{"mode":""}}' }),
        `${key}.default.mode`,
        "",
        /node without a gateway, which pods of a primary network need/,
      ],
      [faulty({ "bridge-id": undefined }), `${key}.default.bridge-id`, undefined, /missing/],
      [faulty({ "ip-addresses": undefined }), `${key}.default.ip-addresses`, undefined, /missing/],
      [faulty({ "mac-address": "x" }), `${key}.default.mac-address`, "x", /MAC/],
      [
        faulty({ "ip-addresses": ["172.18.0.2"] }),
        `${key}.default.ip-addresses[0]`,
        "172.18.0.2",
        /address\/length/,
      ],
      [faulty({ "next-hops": ["x"] }), `${key}.default.next-hops[0]`, "x", /IP address/],
      // The forms of long ago.
      [faulty({ "next-hops": undefined, "next-hop": "x" }), `${key}.default.next-hop`, "x", /IP address/],
      [faulty({ "ip-addresses": undefined, "ip-address": "" }), `${key}.default.ip-address`, "", /length/],
      ...["yes", "True", "1", ""].map((value): [string, string, unknown, RegExp] => [
        faulty({ "node-port-enable": value }),
        `${key}.default.node-port-enable`,
        value,
        /must be "true" or "false"/,
      ]),
      [faulty({ "node-port-enable": true }), `${key}.default.node-port-enable`, true, /"true" or "false"/],
      [faulty({ "vlan-id": "4096" }), `${key}.default.vlan-id`, "4096", /4095/],
      [faulty({ "exgw-interface-id": "x" }), `${key}.default.exgw-interface-id`, "x", /not supported yet/],
      [n1({ "k8s.ovn.org/l3-gateway-config": "{}" }), `${key}.default`, undefined, /missing/],
      ...["x", "-1", "1.5", "0x2", "", "2 ", "70000"].map((value): [string, string, unknown, RegExp] => [
        n1({ "k8s.ovn.org/node-id": value }),
        'metadata.annotations["k8s.ovn.org/node-id"]',
        value,
        /decimal|from 0 to 65536/,
      ]),
    ];
    for (const [text, field, value, reason] of faults) {
      expectErrors([labelled, udn("Layer2", primary), text], { document: 3, field, value, reason });
      assert.equal(read(blue(), text).nodes.length, 1);
    }
  });

  it("lead errors of the topology layer to the node's annotation, or to the node that lacks it", () => {
    const { "k8s.ovn.org/node-id": _, ...rest } = annotations;
    const set = read(labelled, udn("Layer2", primary), node("n1", { annotations: rest }));
    const [network] = set.networks;
    assert.ok(network);
    const found = (): unknown => buildNetwork(network.spec, nothingObserved, set.nodes, [], today);
    try {
      found();
      assert.fail("the node has an id");
    } catch (error) {
      const located = locate(error, set);
      assert.deepEqual([located?.document, located?.line, located?.field], [3, 10, ""]);
      assert.match(located?.reason ?? "", /k8s\.ovn\.org\/node-id/);
    }
  });

  it("say that they have no multicast where their namespace asks for it", () => {
    const asking = (value: string): string =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: "default",
          labels: { [LABEL]: "" },
          annotations: { "k8s.ovn.org/multicast-enabled": value },
        },
      });
    const lines = (value: string, role: string): unknown =>
      read(asking(value), udn("Layer2", { ...primary, role })).skipped.flatMap(({ field, reason }) =>
        field === undefined ? [] : [[field, reason]],
      );
    assert.deepEqual(lines("true", "Primary"), [
      ['metadata.annotations["k8s.ovn.org/multicast-enabled"]', "primary networks have no multicast yet"],
    ]);
    assert.deepEqual([lines("false", "Primary"), lines("true", "Secondary")], [[], []]);
  });

  it("are refused where they are advertised, and can be removed", () => {
    const key = "k8s.ovn.org/route-advertisements";
    const field = `metadata.annotations["${key}"]`;
    const advertised = (names: string, role = "primary"): string =>
      nad("default/blue", { name: "blue", topology: "layer2", subnets: "10.1.0.0/16", role }).replace(
        "metadata:\n",
        `metadata:\n  annotations: ${JSON.stringify({ [key]: names })}\n`,
      );
    const reason = /is not supported yet: a primary network must not be advertised/;
    expectErrors([labelled, advertised('["ra"]')], { document: 2, line: 6, field, value: ["ra"], reason });
    for (const wrong of ["ra", '"ra"', "[1]"])
      assert.throws(() => read(labelled, advertised(wrong)), /route-advertisements/, wrong);
    for (const text of [advertised("[]"), advertised(""), advertised('["ra"]', "secondary")])
      assert.equal(read(labelled, text).networks.length, 1);
    assert.deepEqual(readDeletion([{ file: "m.yaml", text: advertised('["ra"]') }]).networks, [
      { name: "blue", nads: ["default/blue"] },
    ]);
  });

  it("let go of a pod's port by what it was given", () => {
    const recorded = {
      "k8s.ovn.org/pod-networks": '{"default/blue":{"role":"primary"},"default":{"role":"x"}}',
    };
    const pods = (...texts: readonly string[]): unknown =>
      readDeletion([{ file: "m.yaml", text: documents(...texts) }]).pods;
    const given = pod("default/a", undefined, { annotations: recorded });
    assert.deepEqual(pods(given), [{ namespace: "default", name: "a", nad: "default/blue" }]);
    assert.deepEqual(pods(given, udn("Layer2", primary)), []);
    assert.deepEqual(pods(pod("default/a", undefined), udn("Layer2", primary)), []);
    // On the cluster's own network that one is primary, and others are beside it.
    const beside = {
      "k8s.ovn.org/pod-networks": '{"default":{"role":"primary"},"default/red":{"role":"secondary"}}',
    };
    assert.deepEqual(pods(pod("default/a", undefined, { annotations: beside })), []);
    assert.deepEqual(pods(pod("default/a", "red", { annotations: beside })), [
      { namespace: "default", name: "a", nad: "default/red" },
    ]);
  });

  it("make a pod used that asks for nothing, or for what is not ours, but none on the node's own network", () => {
    const network = udn("Layer2", primary);
    const foreign = nad("default/other", { type: "macvlan" });
    const said = ({ skipped }: ReturnType<typeof read> | ReturnType<typeof readDeletion>): unknown =>
      skipped.flatMap(({ kind, field, reason }) => (kind === "Pod" ? [[field ?? "all", reason]] : []));
    const about = (text: string): readonly unknown[] => [
      said(read(labelled, network, foreign, n1(), text)),
      said(readDeletion([{ file: "m.yaml", text: documents(network, foreign, text) }])),
    ];
    assert.deepEqual(about(pod("default/a", undefined)), [[], []]);
    const asked = [
      [
        'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0]',
        'its attachment to default/other: its CNI type is "macvlan"',
      ],
    ];
    assert.deepEqual(about(pod("default/a", "other")), [asked, asked]);
    const host = pod("default/a", undefined, { spec: { nodeName: "n1", hostNetwork: true } });
    const reason = [["all", "it uses the node's own network"]];
    assert.deepEqual(about(host), [reason, reason]);
    assert.deepEqual(read(labelled, network, n1(), host).pods, []);
  });
});
