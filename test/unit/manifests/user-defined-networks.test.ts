import assert from "node:assert/strict";
import { ManifestErrors, readDeletion } from "../../../lib/manifests/index.ts";
import { blue, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { cluster, layer2, layer3, localnet, namespace, secondary, udn } from "./udn-fixtures.ts";

describe("user-defined networks", () => {
  it("of one namespace have a name and a NetworkAttachmentDefinition made of theirs", () => {
    const set = read(
      udn("Layer3", {
        ...layer3,
        mtu: 1300,
        subnets: [{ cidr: "10.1.0.0/16", hostSubnet: 26 }, { cidr: "fd00::/48" }],
      }),
      node("n1"),
      pod("default/a", "blue"),
    );
    const [network] = set.networks;
    assert.ok(network);
    assert.equal(network.spec.name, "default_blue");
    assert.equal(network.spec.topology, "layer3");
    assert.equal(network.spec.role, "secondary");
    assert.equal(network.spec.mtu, 1300);
    assert.deepEqual(
      network.spec.subnets.map(({ text, hostPrefix }) => [text, hostPrefix]),
      [
        ["10.1.0.0/16", 26],
        ["fd00::/48", 64],
      ],
    );
    assert.deepEqual(network.nads, ["default/blue"]);
    assert.deepEqual(
      set.pods.flatMap(({ attachments }) => attachments.map(({ input }) => input.nad)),
      ["default/blue"],
    );
    assert.deepEqual(set.skipped, []);
  });

  it("have the transit subnet that OVN-Kubernetes chose for them, and their own pods beside a foreign definition", () => {
    const labelled = namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" });
    const user = udn("Layer2", { role: "Primary", subnets: ["10.1.0.0/16"] });
    const made = nad("default/blue", {
      name: "default_blue",
      topology: "layer2",
      role: "primary",
      subnets: "10.1.0.0/16",
      transitSubnet: "100.89.0.0/16",
    });
    const [network] = read(labelled, user, made).networks;
    assert.deepEqual(
      network?.spec.primary?.transitSubnets.map(({ text }) => text),
      ["100.89.0.0/16"],
    );
    const foreign = nad("default/blue", { type: "macvlan" });
    const { pods } = read(udn("Layer2", layer2), foreign, node("n1"), pod("default/a", "blue"));
    assert.deepEqual(
      pods.flatMap(({ attachments }) => attachments.map(({ network: name }) => name)),
      ["default_blue"],
    );
  });

  it("that are primary may have more subnets than two, and the least MTU that IPv6 allows", () => {
    const subnets = ["10.1.0.0/16", "10.2.0.0/16", "fd00::/48"].map((cidr) => ({ cidr }));
    const labelled = namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" });
    const [network] = read(udn("Layer3", { role: "Primary", mtu: 1280, subnets }), labelled).networks;
    assert.equal(network?.spec.mtu, 1280);
    assert.deepEqual(
      network.spec.subnets.map(({ text }) => text),
      subnets.map(({ cidr }) => cidr),
    );
  });

  it("of one namespace are layer2, with persistent addresses or without any", () => {
    const [persistent] = read(udn("Layer2", { ...layer2, ipam: { lifecycle: "Persistent" } })).networks;
    assert.equal(persistent?.spec.allowPersistentIPs, true);
    assert.equal(persistent?.spec.topology, "layer2");
    const [bare] = read(udn("Layer2", { ...secondary, ipam: { mode: "Disabled" } })).networks;
    assert.deepEqual(bare?.spec.subnets, []);
    assert.equal(bare?.spec.allowPersistentIPs, false);
  });

  it("of the cluster are in the namespaces that the selector chooses", () => {
    const namespaces = [
      namespace("a", { team: "x", tier: "1" }),
      namespace("b", { team: "x", tier: "2" }),
      namespace("c", { team: "y" }),
    ];
    const nads = (namespaceSelector: object): readonly string[] =>
      read(cluster("Layer2", layer2, { spec: { namespaceSelector } }), ...namespaces).networks[0]?.nads ?? [];
    const wanting = (key: string, operator: string, values?: string[]): object => ({
      matchExpressions: [{ key, operator, ...(values && { values }) }],
    });
    assert.deepEqual(nads({}), ["a/blue", "b/blue", "c/blue"]);
    assert.deepEqual(nads({ matchLabels: { team: "x" } }), ["a/blue", "b/blue"]);
    assert.deepEqual(nads({ matchLabels: { team: "x" }, ...wanting("tier", "In", ["2", "3"]) }), ["b/blue"]);
    assert.deepEqual(nads(wanting("tier", "NotIn", ["1"])), ["b/blue", "c/blue"]);
    assert.deepEqual(nads(wanting("tier", "Exists")), ["a/blue", "b/blue"]);
    assert.deepEqual(nads(wanting("tier", "DoesNotExist")), ["c/blue"]);
    assert.deepEqual(nads({ matchLabels: { "kubernetes.io/metadata.name": "c" } }), ["c/blue"]);
  });

  it("of the cluster may be localnet, in a VLAN of a named physical network", () => {
    const set = read(
      cluster("Localnet", {
        ...localnet,
        excludeSubnets: ["10.1.0.0/30"],
        vlan: { mode: "Access", access: { id: 20 } },
      }),
      namespace("a"),
    );
    const [network] = set.networks;
    assert.ok(network);
    assert.equal(network.spec.name, "cluster_udn_blue");
    assert.equal(network.spec.vlan, 20);
    assert.equal(network.spec.physicalNetworkName, "phys");
    assert.deepEqual(
      network.spec.excludes.map(({ text }) => text),
      ["10.1.0.0/30"],
    );
    assert.equal(network.source.field, "spec.network.localnet");
    assert.equal(network.source.line, 8);
  });

  it("that no namespace can use are there nevertheless, with a line", () => {
    const set = read(cluster("Layer2", layer2, { spec: { namespaceSelector: { matchLabels: { a: "b" } } } }));
    assert.deepEqual(
      set.networks.map(({ spec, nads }) => [spec.name, nads]),
      [["cluster_udn_blue", []]],
    );
    assert.deepEqual(
      set.skipped.map(({ line, reason }) => [line, reason]),
      [[5, "spec.namespaceSelector chooses no Namespace among the manifests: no pod can be on the network"]],
    );
  });

  it("are one with what OVN-Kubernetes made of them", () => {
    const rendered = (fields: object): string =>
      nad("default/blue", {
        name: "default_blue",
        topology: "layer2",
        role: "secondary",
        mtu: 1400,
        ...fields,
      });
    const { networks } = read(udn("Layer2", layer2), rendered({ subnets: "10.1.0.0/16" }));
    assert.deepEqual(
      networks.map(({ spec, nads }) => [spec.name, spec.mtu, nads]),
      [["default_blue", 1400, ["default/blue"]]],
    );
    const inVlan = (id: number): string =>
      cluster("Localnet", { ...localnet, vlan: { mode: "Access", access: { id } } });
    const made = nad("default/blue", {
      name: "cluster_udn_blue",
      topology: "localnet",
      role: "secondary",
      subnets: "10.1.0.0/16",
      physicalNetworkName: "phys",
      mtu: 1500,
      vlanID: 20,
    });
    read(namespace("default"), made, inVlan(20));
    expectErrors([namespace("default"), made, inVlan(21)], {
      document: 2,
      field: "spec.config.vlanID",
      value: 20,
      reason: /^differs from that of blue \(21\) in m.yaml, document 3, /,
    });
    expectErrors([udn("Layer2", layer2), rendered({ subnets: "10.2.0.0/16" })], {
      document: 2,
      field: "spec.config.subnets",
      value: "10.2.0.0/16",
      reason: /^differs from that of default\/blue \(\["10.1.0.0\/16"\]\) in m.yaml, document 1, line 6, /,
    });
    expectErrors([udn("Layer2", layer2), blue({}, "default/blue")], {
      document: 2,
      field: "metadata.name",
      value: "blue",
      reason: /NetworkAttachmentDefinition default\/blue, which is of the network "default_blue" already/,
    });
  });

  it("are removed by name, without any namespace", () => {
    const { networks } = readDeletion([{ file: "m.yaml", text: cluster("Layer2", layer2) }]);
    assert.deepEqual(networks, [{ name: "cluster_udn_blue", nads: [] }]);
  });

  it("have a line for each key that nobody reads", () => {
    const config = { ...layer2, subnet: 1, ipam: { mode: "Enabled", lifecyle: "Persistent" } };
    assert.deepEqual(
      read(udn("Layer2", config, { network: {} })).skipped.map(({ reason }) => reason),
      [
        "spec.layer2.subnet is not known and not used; did you mean subnets?",
        "spec.layer2.ipam.lifecyle is not known and not used; did you mean lifecycle?",
        "spec.network is not known and not used; it belongs in a ClusterUserDefinedNetwork; here its fields stand in spec",
      ],
    );
  });

  it("that have the shape of the other kind, or no part of their topology, are told where their fields belong", () => {
    const misplaced = (text: string): readonly string[] => {
      try {
        return read(text).skipped.map(({ reason }) => reason);
      } catch (error) {
        assert.ok(error instanceof ManifestErrors);
        return error.skipped.map(({ reason }) => reason).filter((reason) => reason.includes("not known"));
      }
    };
    const head = "apiVersion: k8s.ovn.org/v1\nmetadata: {name: blue, namespace: d}\n";
    assert.deepEqual(
      misplaced(
        `${head}kind: ClusterUserDefinedNetwork\nspec: {namespaceSelector: {}, topology: Layer2, layer2: {}, mtu: 9}\n`,
      ),
      [
        "spec.topology is not known and not used; it belongs in spec.network",
        "spec.layer2 is not known and not used; it belongs in spec.network",
        "spec.mtu is not known and not used; it belongs in spec.network.layer2",
      ],
    );
    assert.deepEqual(
      misplaced(`${head}kind: UserDefinedNetwork\nspec: {topology: Layer2, role: Primary, vlan: {}}\n`),
      [
        "spec.role is not known and not used; it belongs in spec.layer2",
        "spec.vlan is not known and not used",
      ],
    );
    const inner = { network: { physicalNetworkName: "phys" } };
    assert.deepEqual(misplaced(cluster("Localnet", { ...localnet }, inner)).slice(1), [
      "spec.network.physicalNetworkName is not known and not used; it belongs in spec.network.localnet",
    ]);
  });

  it("have that line also when such a key is why another one is missing", () => {
    const { subnets: _, ...rest } = layer2;
    for (const config of [
      { ...rest, subnet: ["10.1.0.0/16"] },
      { ...layer2, mtu: "1400", subnet: 1 },
    ])
      assert.throws(
        () => read(udn("Layer2", config)),
        (error) => {
          assert.ok(error instanceof ManifestErrors);
          const [only, ...others] = error.skipped;
          assert.deepEqual([only?.field, others], ["spec.layer2.subnet", []]);
          assert.match(only?.reason ?? "", /did you mean subnets\?$/);
          return true;
        },
      );
  });

  it("ignore fields that are null, as the API does", () => {
    const { networks } = read(udn("Layer2", { ...layer2, mtu: null, joinSubnets: null }, { layer3: null }));
    assert.equal(networks.length, 1);
  });

  it("of an API group that is nearly right are refused", () => {
    expectErrors([udn("Layer2", layer2).replace("k8s.ovn.org/v1", "k8s-ovn.org/v1")], {
      field: "apiVersion",
      value: "k8s-ovn.org/v1",
      reason: /is not that of a UserDefinedNetwork; did you mean k8s.ovn.org\/v1\?/,
    });
  });
});
