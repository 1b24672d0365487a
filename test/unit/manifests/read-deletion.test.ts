import assert from "node:assert/strict";
import { type ManifestDeletion, readDeletion } from "../../../lib/manifests/index.ts";
import { blue, documents, errorsIn, nad, node, pod } from "./fixtures.ts";

function read(...texts: readonly string[]): ManifestDeletion {
  return readDeletion([{ file: "m.yaml", text: documents(...texts) }]);
}

describe("readDeletion", () => {
  it("names networks, nodes and pods, in order", () => {
    const deletion = read(
      node("n2"),
      node("n1"),
      blue({}, "z/blue"),
      blue({}, "a/blue"),
      pod("d/web", "x/red,x/red"),
      pod("d/app", "x/green@eth1"),
    );
    assert.deepEqual(deletion, {
      networks: [{ name: "blue", nads: ["a/blue", "z/blue"] }],
      nodes: ["n1", "n2"],
      pods: [
        { namespace: "d", name: "app", nad: "x/green" },
        { namespace: "d", name: "web", nad: "x/red" },
        { namespace: "d", name: "web", nad: "x/red/1" },
      ],
      policies: [],
      services: [],
      skipped: [],
    });
  });

  it("asks neither for a node, nor for the definition, nor for a pod that still runs", () => {
    const ended = pod("d/web", "x/red", { spec: {}, status: { phase: "Succeeded" } });
    assert.deepEqual(read(ended).pods, [{ namespace: "d", name: "web", nad: "x/red" }]);
  });

  it("leaves ports to the network that takes them along", () => {
    assert.deepEqual(read(blue(), pod("d/web", "kube-system/blue,x/red")).pods, [
      { namespace: "d", name: "web", nad: "x/red" },
    ]);
  });

  it("says what it passes over", () => {
    const { pods, skipped } = read(
      nad("x/macs", { type: "macvlan" }),
      pod("d/a", "x/macs"),
      pod("d/b", undefined),
      pod("d/c", "x/red", { spec: { hostNetwork: true } }),
      JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "e", namespace: "d" } }),
    );
    assert.deepEqual(pods, []);
    assert.deepEqual(
      skipped.map(({ kind, name, document }) => [kind, name, document]),
      [
        ["NetworkAttachmentDefinition", "x/macs", 1],
        ["Pod", "d/a", 2],
        ["Pod", "d/b", 3],
        ["Pod", "d/c", 4],
        ["Deployment", "d/e", 5],
      ],
    );
  });

  it("says which attachment it does not use of a pod of which it uses another", () => {
    const { pods, skipped } = read(nad("x/macs", { type: "macvlan" }), pod("d/a", "x/macs,x/red"));
    assert.deepEqual(pods, [{ namespace: "d", name: "a", nad: "x/red" }]);
    assert.deepEqual(
      skipped.map(({ kind, name, field }) => [kind, name, field]),
      [
        ["NetworkAttachmentDefinition", "x/macs", undefined],
        ["Pod", "d/a", 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0]'],
      ],
    );
  });

  it("reports what is wrong", () => {
    const errors = errorsIn(() => read(blue({ subnets: "10.1.0.0/33" }), pod("d/web", "X y")));
    assert.deepEqual(
      errors.map(({ document, field }) => [document, field]),
      [
        [1, "spec.config.subnets"],
        [2, 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0]'],
      ],
    );
  });
});
