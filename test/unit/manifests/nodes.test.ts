import assert from "node:assert/strict";
import { blue, expectErrors, node, pod, read } from "./fixtures.ts";

const annotated = (annotations: Record<string, unknown>): string => node("n1", { annotations });
const subnets = 'metadata.annotations["k8s.ovn.org/node-subnets"]';

describe("nodes of manifests", () => {
  it("have subnets, chassis and what their kernel can do from annotations", () => {
    const [found] = read(
      annotated({
        "k8s.ovn.org/node-subnets": '{"default":"10.244.0.0/24","blue":["10.1.0.0/24"," fd00::/64"]}',
        "k8s.ovn.org/node-chassis-id": "c1",
        "k8s.ovn.org/gateway-mtu-support": "false",
        "k8s.ovn.org/node-id": "2",
      }),
    ).nodes;
    assert.deepEqual(found, {
      name: "n1",
      chassisId: "c1",
      subnets: { default: ["10.244.0.0/24"], blue: ["10.1.0.0/24", "fd00::/64"] },
      gatewayMtuSupport: false,
      source: { file: "m.yaml", document: 1, line: 1, field: subnets },
    });
  });

  it("take null for absent, as Kubernetes does", () => {
    const [found] = read("kind: Node\nmetadata: {name: n1, labels: null, annotations: ~}\n").nodes;
    assert.equal(found?.subnets, undefined);
  });

  it("with annotations that are wrong name them", () => {
    const cases: readonly [Record<string, unknown>, string, unknown, RegExp][] = [
      [{ "k8s.ovn.org/node-subnets": "10.1.0.0/24" }, subnets, "10.1.0.0/24", /is not JSON: unexpected "1/],
      [{ "k8s.ovn.org/node-subnets": "[]" }, subnets, [], /must be a map/],
      [{ "k8s.ovn.org/node-subnets": '"10.1.0.0/24"' }, subnets, "10.1.0.0/24", /must be a map/],
      [{ "k8s.ovn.org/node-subnets": { a: 1 } }, subnets, { a: 1 }, /must be a string/],
      [{ "k8s.ovn.org/node-subnets": '{"a":7}' }, `${subnets}.a`, 7, /must be a list/],
      [{ "k8s.ovn.org/node-subnets": '{"a":[7]}' }, `${subnets}.a[0]`, 7, /must be a string/],
      [
        { "k8s.ovn.org/node-subnets": '{"a":"10.1.0.0"}' },
        `${subnets}.a`,
        "10.1.0.0",
        /must be address\/length; the length is missing, which is 32 for a single address/,
      ],
      [
        { "k8s.ovn.org/node-subnets": '{"a":["10.1.0.0/33"]}' },
        `${subnets}.a[0]`,
        "10.1.0.0/33",
        /must be address\/length/,
      ],
      [
        { "k8s.ovn.org/gateway-mtu-support": false },
        'metadata.annotations["k8s.ovn.org/gateway-mtu-support"]',
        false,
        /must be a string/,
      ],
      ...["no", "False", ""].map((value): [Record<string, unknown>, string, unknown, RegExp] => [
        { "k8s.ovn.org/gateway-mtu-support": value },
        'metadata.annotations["k8s.ovn.org/gateway-mtu-support"]',
        value,
        /must be "true" or "false"/,
      ]),
      ...["c1,c2", "c 1", " c1"].map((value): [Record<string, unknown>, string, unknown, RegExp] => [
        { "k8s.ovn.org/node-chassis-id": value },
        'metadata.annotations["k8s.ovn.org/node-chassis-id"]',
        value,
        /must be one chassis/,
      ]),
      [
        { "k8s.ovn.org/node-chassis-id": "" },
        'metadata.annotations["k8s.ovn.org/node-chassis-id"]',
        "",
        /must not be empty/,
      ],
    ];
    for (const [annotations, field, value, reason] of cases)
      expectErrors([annotated(annotations)], { field, value, line: 1, reason });
  });

  it("with several things wrong name all of them", () => {
    const annotations = { "k8s.ovn.org/node-chassis-id": "a b", "k8s.ovn.org/node-subnets": "{" };
    expectErrors(
      [node("n1", { labels: 7, annotations })],
      { field: "metadata.labels", value: 7, reason: /must be a map/ },
      { field: 'metadata.annotations["k8s.ovn.org/node-chassis-id"]', value: "a b", reason: /one chassis/ },
      { field: subnets, value: "{", reason: /is not JSON/ },
    );
  });

  it("with something wrong do not make their pods wrong too", () => {
    expectErrors([annotated({ "k8s.ovn.org/node-subnets": "x" }), blue(), pod("d/p", "kube-system/blue")], {
      field: subnets,
      value: "x",
      reason: /is not JSON/,
    });
    // Nor where nothing of the node can be used.
    const chassis = "k8s.ovn.org/node-chassis-id";
    expectErrors([annotated({ [chassis]: "a b" }), blue(), pod("d/p", "kube-system/blue")], {
      field: `metadata.annotations["${chassis}"]`,
      value: "a b",
      reason: /one chassis/,
    });
  });

  it("are found by nodeName, by the label or by the name", () => {
    const labelled = (name: string, hostname: string): string =>
      node(name, { labels: { "kubernetes.io/hostname": hostname } });
    const selecting = (hostname: string): string =>
      pod("d/p", "kube-system/blue", { spec: { nodeSelector: { "kubernetes.io/hostname": hostname } } });
    const all = [blue(), node("n1"), labelled("n2", "host2"), labelled("n3", "n1")];
    assert.equal(read(...all, selecting("host2")).pods[0]?.node, "n2");
    assert.equal(read(...all, selecting("n1")).pods[0]?.node, "n3");
    assert.equal(read(blue(), node("n1"), selecting("n1")).pods[0]?.node, "n1");
    const selector = 'spec.nodeSelector["kubernetes.io/hostname"]';
    expectErrors([...all, selecting("x")], {
      document: 5,
      field: selector,
      value: "x",
      reason: /matches no Node among the manifests/,
    });
    expectErrors([blue(), labelled("n2", "h"), labelled("n3", "h"), selecting("h")], {
      document: 4,
      field: selector,
      value: "h",
      reason: /matches several Nodes: "n2", "n3"/,
    });
    expectErrors([blue(), node("n2"), pod("d/p", "kube-system/blue")], {
      document: 3,
      field: "spec.nodeName",
      value: "n1",
      reason: /is not a Node among the manifests/,
    });
  });
});
