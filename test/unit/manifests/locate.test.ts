import assert from "node:assert/strict";
import { locate, type ManifestError, readManifests } from "../../../lib/manifests/index.ts";
import {
  AddressError,
  NameCollisionError,
  ProfileMismatchError,
  SpecError,
} from "../../../lib/topology/index.ts";
import { blue, documents, node, pod, read } from "./fixtures.ts";

const set = read(
  node("n1"),
  node("n2", { annotations: { "k8s.ovn.org/node-subnets": '{"blue":"10.1.1.0/24"}' } }),
  blue(),
  blue({ name: "red" }, "d/red"),
  pod("default/web", "kube-system/blue,d/red,d/red"),
);

function summary(error: ManifestError | undefined): unknown[] {
  return [error?.document, error?.field, error?.value, error?.reason];
}

describe("locate", () => {
  const field = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"]';
  const taken = (source?: string): AddressError =>
    new AddressError("10.1.0.7 is taken", { path: "pods[default/web].addresses", value: "10.1.0.7", source });

  it("finds the attachment that an error is about", () => {
    const attachments = set.pods[0]?.attachments ?? [];
    assert.deepEqual(summary(locate(taken(), set)), [5, `${field}[0]`, "10.1.0.7", "10.1.0.7 is taken"]);
    assert.equal(locate(taken(), set, "red")?.field, `${field}[1]`);
    assert.equal(locate(taken(attachments[2]?.input.source), set, "red")?.field, `${field}[2]`);
  });

  it("finds the record that an address comes from, in the form of long ago too", () => {
    const outside = new AddressError("10.9.0.7 is not in 10.1.0.0/16", {
      path: "pods[default/web].addresses",
      value: "10.9.0.7",
    });
    const records: readonly (readonly [string, object])[] = [
      ["ip_addresses", { ip_addresses: ["10.9.0.7/24"] }],
      ["ip_addresses", { ip_addresses: ["10.9.0.7/24"], ip_address: "10.9.0.7/24" }],
      ["ip_address", { ip_address: "10.9.0.7/24" }],
      ["ip_address", { ip_address: "10.9.0.7/24", ip_addresses: [] }],
    ];
    for (const [member, record] of records) {
      const annotations = { "k8s.ovn.org/pod-networks": JSON.stringify({ "kube-system/blue": record }) };
      const recorded = read(node("n1"), blue(), pod("default/web", "kube-system/blue", { annotations }));
      const expected = `metadata.annotations["k8s.ovn.org/pod-networks"]["kube-system/blue"].${member}`;
      assert.equal(locate(outside, recorded, "blue")?.field, expected);
    }
    // What is asked for besides is looked for there.
    const asked = JSON.stringify([{ name: "blue", namespace: "kube-system", ips: ["10.9.0.7"] }]);
    const annotations = {
      "k8s.ovn.org/pod-networks": JSON.stringify({ "kube-system/blue": { ip_address: "10.9.0.7/24" } }),
    };
    const both = read(node("n1"), blue(), pod("default/web", asked, { annotations }));
    assert.equal(locate(outside, both, "blue")?.field, `${field}[0]`);
  });

  it("finds the pod or the network whose name is taken", () => {
    const collision = (name: string): unknown[] => {
      const error = locate(new NameCollisionError("Logical_Switch", name, ["ours", "theirs"]), set);
      return [error?.document, error?.field, error?.value];
    };
    assert.deepEqual(collision("d.red.1_default_web"), [5, `${field}[2]`, "d/red/1"]);
    assert.deepEqual(collision("red_ovn_layer2_switch"), [4, "spec.config.name", "red"]);
    assert.deepEqual(collision("stor-blue_n1"), [3, "spec.config.name", "blue"]);
    assert.deepEqual(collision("blue"), [3, "spec.config.name", "blue"]);
    assert.deepEqual(collision("green_n1"), [undefined, undefined, undefined]);
    const cause = new NameCollisionError("Logical_Switch", "blue", ["x", "y"]);
    assert.equal(locate(cause, set)?.cause, cause);
    // Of networks whose names begin, or end, alike the longer one is meant.
    for (const name of ["a", "b"]) {
      const alike = read(blue({ name }), blue({ name: "a_b" }, "ns/ab"));
      const switchName = "a_b_ovn_layer2_switch";
      const error = locate(new NameCollisionError("Logical_Switch", switchName, ["x", "y"]), alike);
      assert.equal(error?.value, "a_b");
    }
  });

  it("finds nodes and networks", () => {
    const nodes = (name: string): SpecError =>
      new SpecError(`nodes[${name}].subnets must be x: "y"`, { path: `nodes[${name}].subnets`, value: "y" });
    assert.deepEqual(summary(locate(nodes("n1"), set)), [1, "", "y", "subnets must be x"]);
    assert.deepEqual(summary(locate(nodes("n2"), set)), [
      2,
      'metadata.annotations["k8s.ovn.org/node-subnets"]',
      "y",
      "must be x",
    ]);
    const network = new SpecError("subnets are full", { path: "subnets", value: 1 });
    assert.deepEqual(summary(locate(network, set, "red")), [4, "spec.config.subnets", 1, "are full"]);
    assert.equal(locate(network, set, "red")?.cause, network);
  });

  it("finds the annotation that numbers of networks come from, and keeps the field's name where there is none", () => {
    const ids = { "k8s.ovn.org/network-ids": '{"a.b":"3","red":"4"}' };
    const record = JSON.stringify({ "kube-system/blue": { ip_addresses: ["10.1.0.7/24"], tunnel_id: 7 } });
    const numbered = readManifests(
      [
        {
          file: "m.yaml",
          text: documents(
            node("n1", { annotations: ids }),
            blue().replace("metadata:\n", 'metadata:\n  annotations: { k8s.ovn.org/network-id: "2" }\n'),
            blue({ name: "red" }, "d/red"),
            pod("default/web", "kube-system/blue", { annotations: { "k8s.ovn.org/pod-networks": record } }),
          ),
        },
      ],
      { mode: "interconnect" },
    );
    const found = (path: string, value: unknown, network: string): unknown[] =>
      summary(locate(new SpecError(`${path} is bad: ${value}`, { path, value, network }), numbered));
    const nodes = 'metadata.annotations["k8s.ovn.org/network-ids"]';
    assert.deepEqual(found("nodes[n1].networkIds[a.b]", 3, "a.b"), [1, `${nodes}["a.b"]`, 3, "is bad"]);
    assert.deepEqual(found("nodes[n1].networkIds[red]", 4, "red"), [1, `${nodes}.red`, 4, "is bad"]);
    const own = 'metadata.annotations["k8s.ovn.org/network-id"]';
    assert.deepEqual(found("networkId", 2, "blue"), [2, own, 2, "is bad"]);
    assert.deepEqual(found("networkId", 4, "red"), [3, "", 4, "networkId is bad"]);
    assert.deepEqual(found("nodes[n1].gateway", 4, "red"), [1, "", 4, "gateway is bad"]);
    const records = 'metadata.annotations["k8s.ovn.org/pod-networks"]["kube-system/blue"]';
    for (const [member, written] of [
      ["tunnelId", "tunnel_id"],
      ["mac", "mac_address"],
      ["ips", "ip_addresses"],
    ])
      assert.deepEqual(found(`pods[default/web].recorded.${member}`, 7, "blue"), [
        4,
        `${records}.${written}`,
        7,
        "is bad",
      ]);
  });

  it("finds the network that was written with another profile or mode", () => {
    const mismatch = new ProfileMismatchError("red", "mode interconnect", "mode central");
    const error = locate(mismatch, set);
    assert.deepEqual(summary(error), [4, "spec.config.name", undefined, mismatch.message]);
    assert.equal(error?.cause, mismatch);
    assert.equal(locate(new ProfileMismatchError("green", "x", "y"), set), undefined);
  });

  it("leaves other errors alone", () => {
    assert.equal(locate(new Error("x"), set, "red"), undefined);
    assert.equal(locate("x", set, "red"), undefined);
    assert.equal(locate(new SpecError("x", { path: "pods[a/b]", value: 1 }), set), undefined);
  });
});
