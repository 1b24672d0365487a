import assert from "node:assert/strict";
import { readManifests } from "../../../lib/manifests/index.ts";
import { errorsIn, expectErrors, node } from "./fixtures.ts";

/** A definition whose configuration is written like this, from line 5 on. */
const definition = (config: string): string => `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: blue, namespace: kube-system}
spec:
  config: ${config}
`;

const wrong = { field: "spec.config.subnets", value: "10.1.0.0", reason: /must be address\/length/ };

describe("lines of what is wrong in manifests", () => {
  it("are those within a string in single quotes, in which a quote is written twice", () => {
    for (const name of ["blue", "it''s"])
      expectErrors(
        [
          definition(`'{"cniVersion": "1.0.0", "type": "ovn-k8s-cni-overlay", "name": "${name}",
    "topology": "layer2", "netAttachDefName": "kube-system/blue",
    "subnets": "10.1.0.0"}'`),
        ],
        { ...wrong, line: 7 },
      );
  });

  it("are those within a string in double quotes, whose characters are written otherwise", () => {
    expectErrors(
      [
        definition(String.raw`"{\"cniVersion\": \"1.0.0\", \"type\": \"ovn-k8s-cni-overlay\", \"name\": \"blue\",
    \"topology\": \"layer2\", \"netAttachDefName\": \"kube-system/blue\",
    \"subnets\": \"10.1.0.0\"}"`),
      ],
      { ...wrong, line: 7 },
    );
  });

  it("are those of the anchor where an alias stands, and of keys that are numbers", () => {
    expectErrors(
      [
        `kind: Node
apiVersion: v1
metadata:
  name: n1
  labels: &given
    app: web
    k8s.ovn.org/node-chassis-id: 5
  annotations: *given
`,
      ],
      {
        field: 'metadata.annotations["k8s.ovn.org/node-chassis-id"]',
        value: 5,
        line: 7,
        reason: /must be a/,
      },
    );
    expectErrors(
      [
        `kind: Namespace
apiVersion: v1
metadata:
  name: a
  labels:
    app: web
    1: 5
`,
      ],
      { field: 'metadata.labels["1"]', value: 5, line: 7, reason: /must be a/ },
    );
  });

  it("are those of keys in JSON, wherever the values are, and of each of several texts", () => {
    const text = `${node("n1")}

{"kind": "Node", "apiVersion": "v1", "metadata": {
  "name":

    5}}`;
    const [error] = errorsIn(() => readManifests([{ file: "m.json", text }]));
    assert.deepEqual([error?.document, error?.line, error?.field], [2, 4, "metadata.name"]);
    const [none] = errorsIn(() => readManifests([{ file: "m.json", text: '\n\n{"a": 1}' }]));
    assert.deepEqual([none?.line, none?.field], [3, "kind"]);
  });

  it("are not moved by a byte order mark, nor is it taken for what is wrong", () => {
    const [error] = errorsIn(() => readManifests([{ file: "m.json", text: '\u{FEFF}{"kind": "Node",\n ]' }]));
    assert.match(error?.reason ?? "", /^is not JSON: unexpected "\]"/);
    assert.equal(error?.line, 2);
  });

  it("are those of the document that is wrong as a whole, and of an alias within a key", () => {
    const [a, b, c] = ["a", "b", "c"].map((name, index) => {
      const of = index === 0 ? "x" : `*${"abc"[index - 1]}`;
      return `${name}: &${name} [${Array.from({ length: 40 }, () => of).join(", ")}]\n`;
    });
    const [error] = errorsIn(() => readManifests([{ file: "m.yaml", text: `kind: A\n---\n${a}${b}${c}` }]));
    assert.match(error?.reason ?? "", /^is not YAML: Excessive alias count/);
    assert.deepEqual([error?.document, error?.line], [2, 2]);
    const reason = /^is not YAML: Unresolved alias .*: nope$/;
    expectErrors(["kind: A\nmap:\n  ? [*nope]\n  : 1\n"], { line: 3, field: "", value: "? [*nope]", reason });
  });
});
