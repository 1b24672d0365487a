import assert from "node:assert/strict";
import type { ManifestAttachment } from "../../../lib/manifests/index.ts";
import { networkRequests } from "../../../lib/manifests/index.ts";
import { blue, expectErrors, node, pod, read } from "./fixtures.ts";
import { namespace, udn } from "./udn-fixtures.ts";

/** A pod of the virtual machine "vm", made in that minute. */
function launcher(
  name: string,
  minute: number | undefined,
  more: { ready?: boolean; phase?: string; networks?: string | null; annotations?: object; vm?: string } = {},
): string {
  const {
    ready = false,
    phase = "Running",
    networks = "kube-system/blue",
    annotations = {},
    vm = "vm",
  } = more;
  return pod(`default/${name}`, undefined, {
    metadata: {
      labels: { "kubevirt.io": "virt-launcher" },
      ...(minute !== undefined && { creationTimestamp: `2026-01-01T00:0${minute}:00Z` }),
      annotations: {
        ...(networks !== null && { "k8s.v1.cni.cncf.io/networks": networks }),
        "kubevirt.io/domain": vm,
        ...(ready && { "kubevirt.io/migration-target-ready-timestamp": "2026-01-01T01:00:00Z" }),
        ...annotations,
      },
    },
    status: { phase },
  });
}

/** Whether the machine is in each of the pods, as far as that is told. */
function activeIn(...pods: readonly string[]): Record<string, boolean | undefined> {
  const set = read(blue(), node("n1"), ...pods);
  return Object.fromEntries(
    set.pods.map(({ name, attachments: [first] }) => [name, first?.input.vm?.active]),
  );
}

describe("virtual machines that move", () => {
  it("are in no state as long as there is one pod", () => {
    assert.deepEqual(activeIn(launcher("a", 1)), { a: undefined });
    assert.deepEqual(activeIn(launcher("a", 1), launcher("b", 2, { vm: "other" })), {
      a: undefined,
      b: undefined,
    });
  });

  it("are in no other pods that KubeVirt makes", () => {
    const metadata = { labels: { "kubevirt.io": "hotplug-disk" } };
    const [found] = read(
      blue(),
      node("n1"),
      pod("default/hp", undefined, {
        metadata: { ...metadata, annotations: { "k8s.v1.cni.cncf.io/networks": "kube-system/blue" } },
      }),
    ).pods;
    assert.equal(found?.attachments.length, 1);
    assert.equal(found.attachments[0]?.input.vm, undefined);
  });

  it("know which pod is older in whatever form of RFC 3339 the times are", () => {
    const at = (name: string, creationTimestamp: unknown): string =>
      launcher(name, 0).replace('"2026-01-01T00:00:00Z"', JSON.stringify(creationTimestamp));
    const orders: readonly (readonly [string, string])[] = [
      ["2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z"],
      ["2026-01-01T02:00:00+02:00", "2026-01-01T00:00:01Z"],
      ["2026-01-01T00:00:00Z", "2025-12-31T20:00:01-05:00"],
      ["2026-01-01T00:00:00.25Z", "2026-01-01T00:00:00.5Z"],
      ["2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z"],
    ];
    for (const [older, younger] of orders)
      assert.deepEqual(activeIn(at("b", older), at("a", younger)), { a: false, b: undefined }, older);
    // Two of one moment: the same whichever is told first.
    const [one, other] = [at("a", orders[0]?.[0]), at("b", orders[0]?.[0])];
    assert.deepEqual(activeIn(one, other), activeIn(other, one));
    for (const time of [
      "2026-01-01T00:00:00+00",
      "2026-01-01T00:00:00 +00:00",
      "2026-01-01T00:00:00+0000",
      "2026-01-01T00:00:00",
      "2026-01-01 00:00:00Z",
      "2026-02-29T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:00:00+24:00",
      "2026-01-01",
      "",
    ])
      expectErrors([blue(), node("n1"), at("a", time)], {
        document: 3,
        field: "metadata.creationTimestamp",
        value: time,
        reason: /must be a time as in 2026-01-31T12:00:00Z/,
      });
  });

  it("stay in the older pod until the younger one is ready, and are in that from then on", () => {
    assert.deepEqual(activeIn(launcher("b", 2), launcher("a", 3)), { a: false, b: undefined });
    assert.deepEqual(activeIn(launcher("b", 2), launcher("a", 3, { ready: true })), { a: true, b: false });
    assert.deepEqual(activeIn(launcher("b", 2, { phase: "Succeeded" }), launcher("a", 3, { ready: true })), {
      a: true,
    });
    assert.deepEqual(activeIn(launcher("a", 3, { ready: true })), { a: true });
    const unsaid = launcher("a", 3, { annotations: { "kubevirt.io/migration-target-ready-timestamp": "" } });
    assert.deepEqual(activeIn(launcher("b", 2), unsaid), { a: false, b: undefined });
  });

  it("stay where they are when the younger pod fails, whatever it was before", () => {
    assert.deepEqual(activeIn(launcher("b", 2), launcher("a", 3, { phase: "Failed", ready: true })), {
      b: true,
    });
    assert.deepEqual(activeIn(launcher("b", 2, { phase: "Succeeded" }), launcher("a", 3)), { a: undefined });
    assert.deepEqual(activeIn(launcher("b", 2, { phase: "Failed" })), {});
  });

  it("are in two pods at most, whose order is known", () => {
    expectErrors([blue(), node("n1"), launcher("a", 1), launcher("b", 2), launcher("c", 3)], {
      document: 5,
      field: "metadata.name",
      value: "c",
      reason:
        /one pod too many of the virtual machine default\/vm, which can be in default\/a and default\/b/,
    });
    expectErrors([blue(), node("n1"), launcher("a", 1), launcher("b", undefined)], {
      document: 4,
      field: "metadata.creationTimestamp",
      reason: /is missing: to which of its pods/,
    });
  });
});

describe("IPAMClaims", () => {
  const claim = (name: string, network: string, ips?: readonly string[], ns = "kube-system"): string =>
    JSON.stringify({
      apiVersion: "k8s.cni.cncf.io/v1alpha1",
      kind: "IPAMClaim",
      metadata: { name, namespace: ns },
      spec: { network, interface: "net1" },
      ...(ips && { status: { ips } }),
    });
  const persistent = blue({ allowPersistentIPs: true });
  const asking = (reference: string): string =>
    launcher("a", 1, {
      networks: JSON.stringify([
        { name: "blue", namespace: "kube-system", "ipam-claim-reference": reference },
      ]),
    });
  const first = (...texts: readonly string[]): ManifestAttachment | undefined =>
    read(node("n1"), ...texts).pods[0]?.attachments[0];
  const field = 'metadata.annotations["k8s.v1.cni.cncf.io/networks"][0].ipam-claim-reference';

  it("are found in the namespace of the definition, and belong to their network", () => {
    const texts = [
      persistent,
      claim("vm.net1", "blue", ["10.1.0.9/16"]),
      claim("idle", "blue", ["10.1.0.8/16"]),
    ];
    const found = first(...texts, asking("vm.net1"))?.input.claim;
    assert.deepEqual(
      [found?.namespace, found?.name, found?.ips],
      ["kube-system", "vm.net1", ["10.1.0.9/16"]],
    );
    const [request] = networkRequests(read(node("n1"), ...texts, claim("theirs", "red", ["10.1.0.7/16"])));
    assert.deepEqual(
      request?.claims?.map(({ name }) => name),
      ["idle", "vm.net1"],
    );
  });

  it("that are missing, of another network or faulty are errors; a network that has none says so", () => {
    expectErrors([persistent, node("n1"), asking("nothing")], {
      document: 3,
      field,
      value: "kube-system/nothing",
      reason: /IPAMClaim that is not among the manifests/,
    });
    expectErrors([persistent, node("n1"), asking("c"), claim("c", "red")], {
      document: 3,
      field,
      value: "kube-system/c",
      reason: /of another network, "red"/,
    });
    const bare = first(persistent, asking("c"), claim("c", "blue", ["10.1.0.9"]))?.input.claim;
    assert.deepEqual(bare?.ips, ["10.1.0.9"]);
    expectErrors([persistent, node("n1"), asking("c"), claim("c", "blue", ["10.1.0"])], {
      document: 4,
      field: "status.ips[0]",
      value: "10.1.0",
      reason: /^is not an address or an address with a prefix length/,
    });
    // Without subnets there is nothing to keep.
    const [empty] = read(
      blue({ allowPersistentIPs: true, subnets: "" }),
      node("n1"),
      asking("c"),
      claim("c", "blue"),
    ).skipped;
    assert.match(empty?.reason ?? "", /IPAMClaim kube-system\/c is not used/);
    const set = read(blue(), node("n1"), asking("c"), claim("c", "red"));
    assert.equal(set.pods[0]?.attachments[0]?.input.claim, undefined);
    assert.deepEqual(
      set.skipped.map(({ reason }) => reason),
      [
        'its IPAMClaim kube-system/c is not used: the network "blue" has no persistent addresses',
        'its network "red" is not among the manifests',
      ],
    );
  });

  it("of primary networks are named by the request for the default network, else by the older annotation", () => {
    const network = udn("Layer2", {
      role: "Primary",
      subnets: ["10.1.0.0/16"],
      ipam: { lifecycle: "Persistent" },
    });
    const texts = [
      network,
      namespace("default", { "k8s.ovn.org/primary-user-defined-network": "" }),
      claim("new", "default_blue", ["10.1.0.9/16"], "default"),
      claim("old", "default_blue", ["10.1.0.8/16"], "default"),
    ];
    const older = { "k8s.ovn.org/primary-udn-ipamclaim": "old" };
    const newer = {
      "v1.multus-cni.io/default-network": JSON.stringify([
        { name: "default", "ipam-claim-reference": "new" },
      ]),
    };
    const named = (annotations: object): string | undefined =>
      first(...texts, launcher("a", 1, { networks: null, annotations }))?.input.claim?.name;
    assert.equal(named({}), undefined);
    assert.equal(named(older), "old");
    assert.equal(named({ ...older, ...newer }), "new");
    assert.equal(named({ "v1.multus-cni.io/default-network": "default/ovn" }), undefined);
  });
});
