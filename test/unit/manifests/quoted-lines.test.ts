import assert from "node:assert/strict";
import { expectErrors, node, read } from "./fixtures.ts";

/** The first two are notations of the documentation of OVN-Kubernetes and of Multus. */
const OBJECTS: readonly string[] = [
  `kind: NetworkAttachmentDefinition
metadata:
  name: a
  namespace: d
spec:
  config: '{
      "netAttachDefName": "d/a", "name": "red",
  "type": "ovn-k8s-cni-overlay",

\t"topology": "layer2"
}' # as above
`,
  `kind: Pod
metadata:
  name: web
  namespace: d
  annotations:
    k8s.v1.cni.cncf.io/networks: '[
      { "name": "a" }
  ]'
spec:
  nodeName: n1
`,
  `kind: NetworkAttachmentDefinition
metadata:
  name: b
  namespace: d
  annotations: {x: 'it''s ''',
    y: "\\""}
spec:
  config: "{\\"type\\": \\"ovn-k8s-cni-overlay\\", \\"netAttachDefName\\": \\"d/b\\",
\\"name\\": \\
 \\"sky\\", \\"topology\\":
\\"layer2\\"}"
`,
  node("n1"),
];

describe("lines within quotes that stand at the margin of their map", () => {
  it("are read as kubectl reads them", () => {
    for (const newline of ["\n", "\r\n"]) {
      const { networks, pods } = read(...OBJECTS.map((object) => object.replaceAll("\n", newline)));
      assert.deepEqual(
        networks.map(({ spec }) => [spec.name, spec.topology]),
        [
          ["red", "layer2"],
          ["sky", "layer2"],
        ],
      );
      assert.deepEqual(
        pods.map(({ name, attachments }) => [name, attachments.map(({ network }) => network)]),
        [["web", ["red"]]],
      );
    }
  });

  it("stay the lines that they are when something is wrong in them", () => {
    const [wrong = "", ...others] = OBJECTS.map((object) => object.replace('"layer2"', '"layer4"'));
    expectErrors([wrong, ...others], {
      field: "spec.config.topology",
      line: 10,
      value: "layer4",
      reason: /^must be layer3/,
    });
  });

  it("make no quote that is not closed in its document one that is", () => {
    const reason = /^is not YAML: Missing closing/;
    expectErrors(
      [OBJECTS[0] ?? "", "b:\n  c: 'x\nd: 1\n", "c: 1\nc: 2\n", "d: 'y'\ne: 'x\n"],
      { document: 2, field: "", value: "c: 'x", reason },
      { document: 3, field: "", value: "c: 2", reason: /^is not YAML: the key "c" is there twice/ },
      { document: 4, field: "", value: "", reason },
    );
  });

  it("take a time that grows no faster than they do", () => {
    const item = (i: number): string => `- kind: Thing\n  metadata:\n    name: t${i}\n  spec: '{\n  }'\n`;
    const seconds = (count: number): number => {
      const text = `kind: List\nitems:\n${Array.from({ length: count }, (_, i) => item(i)).join("")}`;
      const start = performance.now();
      assert.equal(read(text).skipped.length, count);
      return (performance.now() - start) / 1000;
    };
    seconds(250);
    // Quadratic time would make it 64 times, at every try; a machine that stands still meanwhile does not do so three times.
    const isLinear = (): boolean => {
      const once = seconds(250);
      return seconds(2000) < Math.max(1, once * 40);
    };
    assert.ok(isLinear() || isLinear() || isLinear());
  });
});
