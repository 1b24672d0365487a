import assert from "node:assert/strict";
import fc from "fast-check";
import { type ManifestSet, networkRequests, readManifests } from "../../../lib/manifests/index.ts";
import { blue, documents, errorsIn, expectErrors, nad, node, pod, read } from "./fixtures.ts";
import { namespace, udn } from "./udn-fixtures.ts";

/** Without what says where things stand, and without functions. */
function withoutPositions(set: ManifestSet): unknown {
  const dropped = ["source", "namePosition", "file", "document", "line"];
  return JSON.parse(
    JSON.stringify(
      {
        ...set,
        skipped: set.skipped.map((each) => JSON.stringify([each.kind, each.name, each.reason])).sort(),
      },
      (key, value: unknown) =>
        dropped.includes(key) ? undefined : typeof value === "bigint" ? `${value}` : value,
    ),
  );
}

describe("readManifests", () => {
  it("reads nothing from nothing", () => {
    const empty = {
      networks: [],
      nodes: [],
      pods: [],
      policies: [],
      claims: [],
      services: [],
      namespaces: [],
      skipped: [],
    };
    assert.deepEqual(readManifests([]), empty);
    assert.deepEqual(
      readManifests([
        { file: "a", text: "" },
        { file: "b", text: "# nothing\n---\n---\n" },
      ]),
      empty,
    );
  });

  it("puts networks, nodes and pods together", () => {
    const set = read(
      pod("default/web", "kube-system/blue@eth1", { metadata: { uid: "u1" } }),
      blue({ excludeSubnets: "10.1.7.0/24", mtu: 1400 }),
      node("n1"),
    );
    assert.deepEqual(
      set.nodes.map(({ source, ...rest }) => rest),
      [{ name: "n1", gatewayMtuSupport: true }],
    );
    const [network] = set.networks;
    assert.equal(network?.spec.topology, "layer2");
    assert.equal(network?.spec.mtu, 1400);
    assert.deepEqual(
      network?.spec.excludes.map(({ text }) => text),
      ["10.1.7.0/24"],
    );
    assert.deepEqual(network?.nads, ["kube-system/blue"]);
    const field = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0]';
    assert.deepEqual(set.pods, [
      {
        namespace: "default",
        name: "web",
        uid: "u1",
        node: "n1",
        attachments: [
          {
            network: "blue",
            interface: "eth1",
            input: {
              namespace: "default",
              name: "web",
              uid: "u1",
              node: "n1",
              nad: "kube-system/blue",
              source: `m.yaml, document 1, line 1: ${field}`,
            },
            source: { file: "m.yaml", document: 1, line: 1, field },
          },
        ],
      },
    ]);
    assert.deepEqual(set.skipped, []);
  });

  it("does not depend on the order of documents and files", () => {
    const texts = [
      node("n1", { labels: { "kubernetes.io/hostname": "h1" } }),
      node("n2", { annotations: { "k8s.ovn.org/node-subnets": '{"red":["10.2.1.0/24"]}' } }),
      blue(),
      blue({}, "a/blue2"),
      nad("a/a-red", { name: "red", topology: "layer3", subnets: "10.2.0.0/16" }),
      nad("z/other", { type: "macvlan" }),
      pod("default/web", "kube-system/blue, a/blue2@eth1, z/other, a/a-red"),
      pod("a/web", "blue2", { spec: { nodeSelector: { "kubernetes.io/hostname": "h1" } } }),
      pod("a-b/web", "a/a-red", { spec: { nodeName: "n2" } }),
      pod("default/job", "a/a-red", { status: { phase: "Succeeded" } }),
      '{"kind":"Service","metadata":{"name":"s"}}',
    ];
    const expected = withoutPositions(read(...texts));
    assert.equal(
      read(...texts)
        .networks.map(({ spec }) => spec.name)
        .join(),
      "blue,red",
    );
    const order = fc.shuffledSubarray(
      texts.map((_, index) => index),
      { minLength: texts.length },
    );
    const cuts = fc.array(fc.nat({ max: texts.length }), { maxLength: 3 });
    fc.assert(
      fc.property(order, cuts, (indexes, places) => {
        const shuffled = indexes.map((index) => texts[index] ?? "");
        const edges = [0, ...places.toSorted((a, b) => a - b), texts.length];
        const files = edges.slice(1).map((edge, at) => ({
          file: `f${at}`,
          text: documents(...shuffled.slice(edges[at], edge)),
        }));
        assert.deepEqual(withoutPositions(readManifests(files)), expected);
      }),
      { numRuns: 60 },
    );
  });

  it("lists pods, policies and services by namespace, and then by name", () => {
    const places = ["b/x", "a-b/x", "a/y", "a/x"];
    const primary = (key: string): string => {
      const [name = ""] = key.split("/");
      const fields = { name: `net-${name}`, topology: "layer2", role: "primary", subnets: "10.1.0.0/16" };
      const id = `metadata:\n  annotations: {"k8s.ovn.org/network-id": "${name.length}"}`;
      return nad(`${name}/net`, fields).replace("metadata:", id);
    };
    const object = (kind: string, apiVersion: string, key: string, spec: object): string => {
      const [namespace, name] = key.split("/");
      return JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
    };
    const label = { "k8s.ovn.org/primary-user-defined-network": "" };
    const { pods, policies, services } = read(
      node("n1"),
      ...["b/x", "a-b/x", "a/x"].flatMap((key) => [namespace(key.split("/")[0] ?? "", label), primary(key)]),
      ...places.flatMap((key) => [
        pod(key, undefined),
        object("NetworkPolicy", "networking.k8s.io/v1", key, { podSelector: {} }),
        object("Service", "v1", key, { clusterIP: "10.96.0.1", ports: [{ port: 80 }] }),
      ]),
    );
    for (const list of [pods, policies.map(({ input }) => input), services.map(({ input }) => input)])
      assert.deepEqual(
        list.map(({ namespace: within, name }) => `${within}/${name}`),
        ["a/x", "a/y", "a-b/x", "b/x"],
      );
  });

  it("reports all errors of all files, in their order", () => {
    const errors = errorsIn(() =>
      readManifests([
        { file: "z.yaml", text: documents(pod("d/p", "no/such"), node("n1"), blue({ subnets: "x" })) },
        { file: "a.yaml", text: "a: [" },
      ]),
    );
    assert.deepEqual(
      errors.map(({ file, document }) => [file, document]),
      [
        ["z.yaml", 1],
        ["z.yaml", 3],
        ["a.yaml", 1],
      ],
    );
  });

  it("takes objects of several kinds and namespaces with one name", () => {
    const set = read(pod("a/web", undefined), pod("b/web", undefined), node("web"));
    assert.equal(set.nodes.length, 1);
  });

  it("refuses names of networks that become one", () => {
    const red = (name: string, key: string): string => nad(key, { name, topology: "layer2" });
    expectErrors([red("a-b", "d/one"), red("a/b", "d/two")], {
      document: 2,
      field: "spec.config.name",
      value: "a/b",
      reason: /becomes "a\.b_" in names of rows, as the network "a-b" of m\.yaml, document 1, line 11 does/,
    });
  });

  it("refuses ports whose names become one, and only those", () => {
    const one = nad("a-b/c", { name: "one", topology: "layer2" });
    const two = nad("a/b-c", { name: "two", topology: "layer2" });
    assert.equal(read(one, two, node("n1"), pod("d/p", "a-b/c"), pod("d/q", "a/b-c")).pods.length, 2);
    expectErrors([one, two, node("n1"), pod("d/p", "a-b/c,a/b-c")], {
      document: 4,
      field: 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][1]',
      value: "a/b-c",
      reason: /becomes the port "a\.b\.c_d_p", as .*\[0\] of m\.yaml, document 4, line \d+ does/,
    });
    const indexed = nad("a/b.1", { name: "two", topology: "layer2" });
    const plain = nad("a/b", { name: "one", topology: "layer2" });
    expectErrors([plain, indexed, node("n1"), pod("d/p", "a/b,a/b,a/b.1")], {
      document: 4,
      field: 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][2]',
      value: "a/b.1",
      reason: /becomes the port/,
    });
  });

  it("leaves to each network what is about it alone", () => {
    const labels = { "k8s.ovn.org/primary-user-defined-network": "" };
    const config = { role: "Primary", ipam: { lifecycle: "Persistent" } };
    const object = (apiVersion: string, kind: string, key: string, rest: object): string => {
      const [home, name] = key.split("/");
      return JSON.stringify({ apiVersion, kind, metadata: { name, namespace: home }, ...rest });
    };
    const texts = ["a", "b"].flatMap((home, index) => {
      const subnets = [`10.${index + 1}.0.0/16`];
      return [
        namespace(home, labels),
        udn("Layer2", { ...config, subnets }).replace("namespace: default", `namespace: ${home}`),
        pod(`${home}/web`, undefined),
        object("networking.k8s.io/v1", "NetworkPolicy", `${home}/p`, { spec: {} }),
        object("v1", "Service", `${home}/s`, { spec: { clusterIP: "10.96.0.1" } }),
        object("k8s.cni.cncf.io/v1alpha1", "IPAMClaim", `${home}/c`, { spec: { network: `${home}_blue` } }),
      ];
    });
    const requests = networkRequests(read(node("n1"), blue({ name: "red" }), ...texts));
    const homes = (list: readonly { readonly namespace: string }[] = []): string =>
      list.map((each) => each.namespace).join();
    assert.deepEqual(
      requests.map(({ spec, attachments, claims, policies, services }) => [
        spec.name,
        homes(attachments),
        homes(claims),
        homes(policies?.policies),
        services && homes(services),
      ]),
      [
        ["a_blue", "a", "a", "a", "a"],
        ["b_blue", "b", "b", "b", "b"],
        ["red", "", "", "", undefined],
      ],
    );
  });
});
