import assert from "node:assert/strict";
import { ManifestErrors, readDeletion, readManifests } from "../../../lib/manifests/index.ts";
import { blue, documents, errorsIn, expectErrors, node, pod, read } from "./fixtures.ts";

const CHASSIS = "k8s.ovn.org/node-chassis-id";

function exported(name: string, version: string, chassis = "c1"): string {
  const heartbeat = { lastHeartbeatTime: `2026-01-01T00:00:${version}Z` };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      resourceVersion: version,
      generation: Number(version),
      managedFields: [{ time: version }],
      annotations: { [CHASSIS]: chassis },
    },
    status: { conditions: [heartbeat] },
  });
}

describe("an object that is there twice", () => {
  const twoFiles = (...texts: readonly (readonly string[])[]) =>
    texts.map((each, index) => ({ file: `${"ab"[index]}.yaml`, text: documents(...each) }));

  it("is read once where both say the same, as two exports of one node do", () => {
    const sources = twoFiles(
      [exported("n1", "10"), blue()],
      [exported("n1", "20"), pod("d/p", "kube-system/blue")],
    );
    const set = readManifests(sources);
    assert.deepEqual(
      [set.nodes.map(({ name, chassisId, source }) => [name, chassisId, source.file]), set.pods.length],
      [[["n1", "c1", "a.yaml"]], 1],
    );
    assert.deepEqual(set.skipped, []);
    const deletion = readDeletion(sources);
    assert.deepEqual([deletion.nodes, deletion.skipped], [["n1"], []]);
  });

  it("says the same in any order of keys, as an item of a list or not, and with null for nothing", () => {
    const list = '{"kind":"NodeList","items":[{"metadata":{"labels":{"b":"2","a":"1"},"name":"n1"}}]}';
    const one =
      "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {a: '1', b: '2'}, annotations: null}\nspec:";
    assert.equal(read(list, one).nodes.length, 1);
    const withSpec = (spec: string): string =>
      `{"kind":"Node","metadata":{"name":"n1"},"spec":{"x":${spec}}}`;
    // A list is no map, although there is nothing in either.
    assert.throws(() => read(withSpec("[]"), withSpec("{}")), ManifestErrors);
  });

  it("gets a line where it is no node and no namespace: its name may have been forgotten", () => {
    const namespace = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"d"}}';
    const again = [blue(), node("n1"), namespace, pod("d/p", "kube-system/blue")];
    const set = read(...again, ...again);
    assert.deepEqual(
      set.skipped.filter(({ document }) => document > 4),
      [
        {
          file: "m.yaml",
          document: 5,
          line: 22,
          kind: "NetworkAttachmentDefinition",
          name: "kube-system/blue",
          reason: "it is there already, in m.yaml, document 1, line 1",
        },
        {
          file: "m.yaml",
          document: 8,
          line: 41,
          kind: "Pod",
          name: "d/p",
          reason: "it is there already, in m.yaml, document 4, line 20",
        },
      ],
    );
    assert.deepEqual([set.networks.length, set.nodes.length, set.pods.length], [1, 1, 1]);
  });

  it("is refused where one says something else, with the field and both places", () => {
    const sources = twoFiles([exported("n1", "10")], [node("n2"), exported("n1", "10", "c2")]);
    for (const reader of [readManifests, readDeletion]) {
      const [error, ...others] = errorsIn(() => reader(sources));
      assert.deepEqual(others, []);
      assert.deepEqual(
        [error?.file, error?.document, error?.field, error?.value, error?.reason],
        [
          "b.yaml",
          2,
          `metadata.annotations["${CHASSIS}"]`,
          "c2",
          "differs from that of Node n1 in a.yaml, document 1, line 1",
        ],
      );
    }
    const cases: readonly (readonly [first: string, second: string, field: string, value: unknown])[] = [
      [node("n1", { uid: "1" }), node("n1", { uid: "2" }), "metadata.uid", "2"],
      [node("n1", { labels: { a: "1" } }), node("n1"), "metadata.labels", undefined],
      [pod("d/p", undefined, { status: { phase: "Running" } }), pod("d/p", undefined), "status", undefined],
      [
        pod("default/p", undefined),
        '{"kind":"Pod","metadata":{"name":"p","annotations":{}}}',
        "spec",
        undefined,
      ],
      [
        pod("d/p", undefined, { spec: { containers: [{ name: "a" }, { name: "b" }] } }),
        pod("d/p", undefined, { spec: { containers: [{ name: "a" }, { name: "c" }] } }),
        "spec.containers[1].name",
        "c",
      ],
    ];
    for (const [first, second, field, value] of cases)
      expectErrors([first, second], {
        document: 2,
        field,
        value,
        reason: /^differs from that of (Node n1|Pod (d|default)\/p) in m\.yaml, document 1, line 1$/,
      });
  });

  it("is compared by what the JSON in its texts says, and the field in there is named", () => {
    const configured = (config: string): string =>
      `kind: NetworkAttachmentDefinition\nmetadata: {name: blue, namespace: d}\nspec:\n  config: |\n    ${config}`;
    const keys = (subnets: string): readonly string[] => [
      '"cniVersion":"0.3.1","name":"blue","type":"ovn-k8s-cni-overlay","topology":"layer2"',
      `"subnets":"${subnets}"`,
      '"netAttachDefName":"d/blue"',
    ];
    const oneLine = configured(`{${keys("10.1.0.0/16").join()}}`);
    const lines = (subnets: string): string => configured(`{${keys(subnets).join(",\n    ")}}`);
    assert.equal(read(oneLine, lines("10.1.0.0/16")).networks.length, 1);
    expectErrors([oneLine, lines("10.2.0.0/16")], {
      document: 2,
      line: 12,
      field: "spec.config.subnets",
      value: "10.2.0.0/16",
      reason: /^differs from that of NetworkAttachmentDefinition d\/blue in m\.yaml, document 1, line 5$/,
    });
    expectErrors([oneLine, configured("{")], {
      document: 2,
      field: "spec.config",
      value: "{\n",
      reason: /^differs from/,
    });
  });
});
