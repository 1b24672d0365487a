import assert from "node:assert/strict";
import { networkRequests } from "../../../lib/manifests/index.ts";
import { type AttachmentInput, buildNetwork, nothingObserved } from "../../../lib/topology/index.ts";
import { expectErrors, node, pod, read } from "./fixtures.ts";
import { namespace, udn } from "./udn-fixtures.ts";

const annotation = "v1.multus-cni.io/default-network";
const field = `metadata.annotations["${annotation}"]`;

function manifests(request: unknown, config: object = {}): string[] {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  return [
    udn("Layer2", {
      role: "Primary",
      subnets: ["10.1.0.0/16", "fd00:1::/64"],
      reservedSubnets: ["10.1.9.0/24"],
      ...config,
    }),
    namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" }),
    node("n1"),
    pod("default/web", undefined, { annotations: { [annotation]: text } }),
  ];
}

function inputOf(request: unknown): AttachmentInput | undefined {
  return read(...manifests(request)).pods[0]?.attachments[0]?.input;
}

describe("what a pod asks of its primary network", () => {
  it("stands in the request for the default network, as OVN-Kubernetes has it", () => {
    const input = inputOf([
      {
        name: "default",
        namespace: "ovn-kubernetes",
        mac: "02:03:04:05:06:07",
        ips: ["10.1.9.7/16", "fd00:1::7/64"],
      },
    ]);
    assert.equal(input?.mac, "02:03:04:05:06:07");
    assert.deepEqual(input.ips, ["10.1.9.7/16", "fd00:1::7/64"]);
    assert.match(input.source ?? "", /default-network"\]\[0\]$/);
  });

  it("is how an address of the reserved subnets is had, in manifests too", () => {
    const set = read(...manifests([{ name: "default", ips: ["10.1.9.7/16"] }], { subnets: ["10.1.0.0/16"] }));
    const [request] = networkRequests(set);
    assert.ok(request);
    const gateway = {
      mode: "shared",
      bridge: "breth0",
      mac: "02:42:ac:12:00:02",
      ips: ["172.18.0.2/16"],
      nextHops: [],
    } as const;
    const built = buildNetwork(
      { ...request.spec, networkId: 1 },
      nothingObserved,
      [{ name: "n1", id: 2, chassisId: "C1", masqueradeSubnets: ["169.254.0.0/17"], gateway }],
      request.attachments,
      { profile: "ovn-kubernetes", mode: "central", gatewayMode: "shared", clusterMtu: 1400 },
    );
    const port = built.rows.find(({ name }) => name === "default.blue_default_web");
    assert.deepEqual(port?.columns?.["addresses"], ["0a:58:0a:01:09:07 10.1.9.7"]);
  });

  it("is nothing where that only names a network", () => {
    for (const request of ["ovn-kubernetes/default", "", [{ name: "default" }]]) {
      const input = inputOf(request);
      assert.ok(input);
      assert.equal(input.mac, undefined);
      assert.equal(input.ips, undefined);
    }
  });

  it("is a MAC and no address on layer3, as OVN-Kubernetes has it", () => {
    const request = [{ name: "default", mac: "02:03:04:05:06:07", ips: ["10.1.9.7/24"] }];
    const [, ...rest] = manifests(request);
    const set = read(udn("Layer3", { role: "Primary", subnets: [{ cidr: "10.1.0.0/16" }] }), ...rest);
    const input = set.pods[0]?.attachments[0]?.input;
    assert.deepEqual([input?.mac, input?.ips], ["02:03:04:05:06:07", undefined]);
    assert.deepEqual(
      set.skipped.map((each) => [each.field, each.reason]),
      [[`${field}[0].ips`, "addresses are not asked for on a primary layer3 network"]],
    );
  });

  it("is an error where it cannot be read", () => {
    expectErrors(
      manifests([{ name: "default", ips: ["10.1.9"], mac: "02:03" }]),
      {
        document: 4,
        field: `${field}[0].mac`,
        value: "02:03",
        reason: /MAC/,
      },
      {
        document: 4,
        field: `${field}[0].ips[0]`,
        value: "10.1.9",
        reason: /not an address/,
      },
    );
    // Upstream refuses the pod (go-controller/pkg/util/multi_network.go).
    expectErrors(manifests([{ name: "blue", ips: ["10.1.9.7/16"] }]), {
      document: 4,
      field: `${field}[0].name`,
      value: "blue",
      reason: /must be "default"/,
    });
    expectErrors(manifests([{ name: "default" }, { name: "default" }]), {
      document: 4,
      field,
      value: [{ name: "default" }, { name: "default" }],
      reason: /one element/,
    });
  });
});
